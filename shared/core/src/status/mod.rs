//! The fleet at a glance: what runs, within which bounds, why they are what they are, and what waits for a person.

mod page;
mod question;
mod tasks;
mod why;

pub use page::{Environment, Page, Row, WIDTH, render};
pub use question::question;
pub use tasks::tasks;
pub use why::why;
