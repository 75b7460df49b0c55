//! The fleet at a glance: what runs, within which bounds, why they are what they are, and what waits for a person.

mod page;
mod question;
mod why;

pub use page::{Environment, Page, Row, WIDTH, render};
pub use question::question;
pub use why::why;
