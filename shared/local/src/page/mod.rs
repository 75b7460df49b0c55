//! The live page: its files, and the JSON that they draw.

mod asset;
mod decisions;
mod deployment;
mod leases;
mod place;
mod service;
mod timeline;
mod view;
mod why;
mod words;

pub use asset::{Asset, SECURITY, asset};
pub use view::{About, Wanted, tag, view};
