//! What remembering may call.

use crate::permission::{Permission, Resource};

/// What remembering may call.
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        sid: "ReadJournal",
        actions: &["dynamodb:BatchGetItem"],
        on: Resource::Table,
        mutates_fleet: false,
        reason: "a case, its service's state, its counters and the stop switch are read at once",
    },
    Permission {
        sid: "FindDue",
        actions: &["dynamodb:Query"],
        on: Resource::TableIndex,
        mutates_fleet: false,
        reason: "what is due is found through the sparse index",
    },
    Permission {
        sid: "WriteJournal",
        actions: &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"],
        on: Resource::Table,
        mutates_fleet: false,
        reason: "the parts of TransactWriteItems, which has no permission of its own",
    },
];
