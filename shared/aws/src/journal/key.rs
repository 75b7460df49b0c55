//! Keys and attribute names of the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_pipeline::BudgetKey;

/// Partition key.
pub const PK: &str = "pk";
/// Sort key.
pub const SK: &str = "sk";
/// JSON of an entry or a state.
pub const DOC: &str = "doc";
/// Revision of an entry; every write bumps it.
pub const REVISION: &str = "rev";
/// Generation of a state; every write bumps it.
pub const GENERATION: &str = "gen";
/// Status of an entry, for people who look at the table.
pub const STATUS: &str = "status";
/// A counter's value.
pub const USED: &str = "used";
/// The stop switch.
pub const STOP: &str = "stop";
/// JSON of the pauses of an environment; [`REVISION`] is bumped with each change of them.
pub(crate) const PAUSES: &str = "pauses";
/// JSON of who changed the switches of an environment; nothing is decided on it.
pub(crate) const SWITCHED: &str = "switched";
/// When DynamoDB may delete the item, in epoch seconds.
pub const EXPIRES: &str = "expires";
/// When the item must be looked at, in epoch seconds; range key of the index.
pub const DUE: &str = "due";
/// Hash key of the index; present exactly while [`DUE`] is, so that the index stays sparse.
pub const DUE_SHARD: &str = "due_shard";
/// The value of [`DUE_SHARD`] of what the reconciler looks at.
pub const DUE_SHARD_VALUE: &str = "due";
/// That of watches over deployments: only the function that rolls back looks at them.
pub const WATCH_SHARD_VALUE: &str = "watch";
/// That of episodes: only the function that watches capacity looks at them.
pub(super) const EPISODE_SHARD_VALUE: &str = "episode";
/// The index.
pub const DUE_INDEX: &str = "due";

/// Hash key of the index of entries: the first character of the decision id. An id is looked for in one of 32, and no
/// storm of entries meets in one partition.
pub const ENTRY_SHARD: &str = "entry_shard";
/// When the entry was made, in epoch milliseconds; range key of the index of entries.
pub const ENTRY_AT: &str = "entry_at";
/// Label of the service, in the index of entries.
pub const LABEL: &str = "label";
/// Decision id, in the index of entries.
pub const DECISION: &str = "decision";
/// The index of entries: every entry by time. What it holds of an entry never changes, so that an entry costs one
/// write of it, however often it is written itself.
pub const ENTRIES_INDEX: &str = "entries";
/// What the index of entries holds beside its own keys and the table's.
pub const ENTRIES_INDEX_HOLDS: [&str; 2] = [DECISION, LABEL];

const STATE: &str = "STATE";
const CASE: &str = "CASE";
const CASE_PREFIX: &str = "C#";
const CONTROL: &str = "CTL";

/// An item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    pub(super) fn case(key: &CaseKey) -> Self {
        Self { pk: format!("{CASE_PREFIX}{key}"), sk: CASE.to_owned() }
    }

    pub(super) fn state(service: &ServiceId) -> Self {
        Self { pk: service.to_string(), sk: STATE.to_owned() }
    }

    pub(crate) fn control(environment: &str) -> Self {
        Self { pk: CONTROL.to_owned(), sk: environment.to_owned() }
    }

    pub(super) fn budget(budget: &BudgetKey) -> Self {
        Self { pk: format!("B#{}#{}", budget.scope, budget.what), sk: budget.window.to_string() }
    }

    pub(super) fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: item.get(PK)?.as_s().ok()?.clone(), sk: item.get(SK)?.as_s().ok()?.clone() })
    }

    pub(crate) fn item(&self) -> Item {
        Item::from([(PK.to_owned(), text(&self.pk)), (SK.to_owned(), text(&self.sk))])
    }
}

/// The case behind a partition key.
pub(super) fn case_of(pk: &str) -> Option<CaseKey> {
    pk.strip_prefix(CASE_PREFIX).map(|key| CaseKey(key.to_owned()))
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
