//! The journal: one DynamoDB table.

mod due;
mod item;
mod key;
mod lost;
mod permissions;
mod port;
mod read;
mod transaction;

pub(crate) use due::{episodes, watches};
pub(crate) use item::entry_of;
pub use key::{
    DECISION, DOC, DUE, DUE_INDEX, DUE_SHARD, DUE_SHARD_VALUE, ENTRIES_INDEX, ENTRIES_INDEX_HOLDS, ENTRY_AT,
    ENTRY_SHARD, EXPIRES, GENERATION, LABEL, PK, REVISION, SK, STATUS, STOP, USED, WATCH_SHARD_VALUE,
};
pub(crate) use key::{Item, Key, PAUSES, SWITCHED, number, text};
pub use permissions::PERMISSIONS;
pub(crate) use read::states;
