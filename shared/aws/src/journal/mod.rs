//! The journal: one DynamoDB table.

mod due;
mod item;
mod key;
mod lost;
mod permissions;
mod port;
mod read;
mod transaction;

pub use key::{
    DOC, DUE, DUE_INDEX, DUE_SHARD, DUE_SHARD_VALUE, EXPIRES, GENERATION, PK, REVISION, SK, STATUS, STOP, USED,
};
pub use permissions::PERMISSIONS;
