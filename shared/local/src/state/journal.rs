//! Every call from outside that changed the world, in order.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::tree;
use crate::api::Api;
use crate::place::Place;
use crate::value::Map;

/// More calls than this are no session that somebody wants to go on with; the state can then not be saved.
const ENTRIES_MAX: usize = 100_000;

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Second of the world.
    pub at: i64,
    /// Name of the service, or of the control operation.
    pub to: String,
    /// Operation; none: a control operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Account and region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(String, String)>,
    /// Members.
    pub input: Json,
}

impl Entry {
    /// Members of a call to AWS.
    #[must_use]
    pub fn members(&self) -> Option<Map> {
        tree::read(&self.input)
    }
}

/// The calls so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    entries: Vec<Entry>,
    full: bool,
}

impl Journal {
    /// From saved calls.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries, full: false }
    }

    /// Keeps a call to AWS that changed something.
    pub fn keep_call(&mut self, at: i64, api: Api, operation: &str, place: &Place, input: &Map) {
        self.keep(|| Entry {
            at,
            to: api.name().to_owned(),
            operation: Some(operation.to_owned()),
            place: Some((place.account.clone(), place.region.clone())),
            input: tree::write(input),
        });
    }

    /// Keeps a control operation that changed something.
    pub fn keep_control(&mut self, at: i64, to: &str, input: &Json) {
        self.keep(|| Entry { at, to: to.to_owned(), operation: None, place: None, input: input.clone() });
    }

    fn keep(&mut self, entry: impl FnOnce() -> Entry) {
        if self.entries.len() < ENTRIES_MAX {
            self.entries.push(entry());
        } else {
            self.full = true;
        }
    }

    /// The calls, in order.
    ///
    /// # Errors
    /// There were more than are kept: the world no longer follows from them.
    pub fn entries(&self) -> Result<&[Entry], String> {
        if self.full {
            return Err(format!("more than {ENTRIES_MAX} calls changed the world: it can no longer be saved"));
        }
        Ok(&self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_is_full_says_so_instead_of_saving_another_world() {
        let mut journal = Journal::default();
        for at in 0..ENTRIES_MAX as i64 {
            journal.keep_control(at, "load", &Json::Null);
        }
        assert!(journal.entries().is_ok());
        journal.keep_control(0, "load", &Json::Null);
        assert!(journal.entries().unwrap_err().contains("can no longer be saved"));
    }
}
