//! Who watches from the far side: what reached AWS, the table and the people, judged against SEMANTICS 30 without
//! Headroom's own algebra.

mod bounds;
mod calls;
mod disrupts;
mod leases;
mod numbers;
mod rest;
mod watcher;

pub(crate) use numbers::Numbers;
pub(crate) use watcher::{Observer, Violation};
