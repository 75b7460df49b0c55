//! Reading the journal for people, through the index of entries; nothing here decides or writes.

mod fetch;
mod find;
mod permissions;
mod port;
mod reader;

pub use permissions::ACTIONS;
pub use reader::{Reader, TABLE_DEFAULT};
