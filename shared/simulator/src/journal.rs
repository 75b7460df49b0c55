//! The journal in memory: one table, its transactions all or nothing.
//!
//! Everything in it is written and read as JSON, as the real table does it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use headroom_core::capacity::{ServiceState, State};
use headroom_core::control::{Control, Pause};
use headroom_core::entry::Entry;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_pipeline::{BudgetAdd, BudgetKey, Due, Expect, Keys, Loaded, Lost, PortError, Retry, Write, Written};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A person looks at a page of decisions; the others are found by their id.
pub const NEWEST_KEPT: usize = 64;

#[derive(Debug, Clone)]
struct Case {
    doc: String,
    revision: u64,
    due: Option<Timestamp>,
    shard: Shard,
}

/// Who looks at what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shard {
    Reconciler,
    Watches,
    Episodes,
}

impl Shard {
    fn of(entry: &Entry) -> Self {
        match (&entry.watch, &entry.episode) {
            (Some(_), _) => Self::Watches,
            (None, Some(_)) => Self::Episodes,
            (None, None) => Self::Reconciler,
        }
    }
}

#[derive(Debug, Clone)]
struct Held {
    doc: String,
    generation: u64,
    kept: bool,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    cases: BTreeMap<CaseKey, Case>,
    states: BTreeMap<ServiceId, Held>,
    used: BTreeMap<BudgetKey, u32>,
    controls: BTreeMap<String, Control>,
    newest: VecDeque<CaseKey>,
}

impl MemoryJournal {
    /// Stops an environment, or lets it go on.
    pub fn stop(&mut self, environment: &str, stopped: bool) {
        self.controls.entry(environment.to_owned()).or_default().stopped = stopped;
    }

    /// Puts the pauses of an environment in the place of those that it had.
    pub fn pause(&mut self, environment: &str, pauses: Vec<Pause>) {
        let control = self.controls.entry(environment.to_owned()).or_default();
        *control = Control { pauses, revision: control.revision + 1, ..control.clone() };
    }

    /// Puts other switches in their place, if they are still of the revision in them; says whether they were.
    pub fn switch(&mut self, environment: &str, control: &Control) -> bool {
        if self.control(environment).revision != control.revision {
            return false;
        }
        let next = Control { revision: control.revision + 1, ..control.clone() };
        self.controls.insert(environment.to_owned(), next);
        true
    }

    fn control(&self, environment: &str) -> Control {
        self.controls.get(environment).cloned().unwrap_or_default()
    }

    /// Every entry, by key.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn entries(&self) -> Result<Vec<Entry>, PortError> {
        self.cases.values().map(|c| read(&c.doc)).collect()
    }

    /// The entries that came newest, at most [`NEWEST_KEPT`], oldest first.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn newest(&self) -> Result<Vec<Entry>, PortError> {
        self.newest.iter().filter_map(|key| self.cases.get(key)).map(|c| read(&c.doc)).collect()
    }

    /// What is remembered of every service.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn states(&self) -> Result<Vec<(ServiceId, ServiceState)>, PortError> {
        self.states.iter().map(|(id, held)| Ok((id.clone(), read(&held.doc)?))).collect()
    }

    /// Reads consistently.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        let case = keys.case.as_ref().and_then(|k| self.cases.get(k));
        let held = keys.service.as_ref().and_then(|s| self.states.get(s));
        Ok(Loaded {
            entry: case.map(|c| Ok((read(&c.doc)?, c.revision))).transpose()?,
            state: match held {
                Some(held) => State { generation: held.generation, service: read(&held.doc)? },
                None => State::default(),
            },
            control: keys.environment.as_ref().map(|e| self.control(e)).unwrap_or_default(),
            used: keys.budgets.iter().map(|b| self.used.get(b).copied().unwrap_or(0)).collect(),
        })
    }

    /// Services with kept bounds, and the cases that are due.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let services = self.states.iter().filter(|(_, held)| held.kept).map(|(id, _)| id.clone());
        Due { services: services.collect(), cases: self.cases_due(now, Shard::Reconciler) }
    }

    /// The watches over deployments that are due: the function that rolls back looks at them, nobody else.
    #[must_use]
    pub fn watches(&self, now: Timestamp) -> Vec<CaseKey> {
        self.cases_due(now, Shard::Watches)
    }

    /// The episodes that are due: the function that watches capacity looks at them, nobody else.
    #[must_use]
    pub fn episodes(&self, now: Timestamp) -> Vec<CaseKey> {
        self.cases_due(now, Shard::Episodes)
    }

    fn cases_due(&self, now: Timestamp, shard: Shard) -> Vec<CaseKey> {
        let those = self.cases.iter().filter(|(_, c)| c.shard == shard);
        let due = those.filter_map(|(key, c)| Some((c.due.filter(|due| *due <= now)?, key)));
        // As the index has them: the oldest first.
        let cases: BTreeSet<_> = due.collect();
        cases.into_iter().map(|(_, key)| key.clone()).collect()
    }

    /// Writes one transaction: all of it or nothing.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn write(&mut self, write: &Write) -> Result<Written, PortError> {
        if let Some(lost) = self.lost(write) {
            return Ok(Written::Lost(lost));
        }
        for (entry, _) in &write.entries {
            let revision = self.cases.get(&entry.key).map_or(1, |c| c.revision + 1);
            if revision == 1 {
                self.newest.push_back(entry.key.clone());
                self.newest.drain(..self.newest.len().saturating_sub(NEWEST_KEPT));
            }
            let case = Case { doc: text(entry)?, revision, due: entry.due, shard: Shard::of(entry) };
            self.cases.insert(entry.key.clone(), case);
        }
        if let Some((id, state, generation)) = &write.state {
            let held =
                Held { doc: text::<ServiceState>(state)?, generation: generation + 1, kept: state.kept.is_some() };
            self.states.insert(id.clone(), held);
        }
        for budget in &write.budgets {
            *self.used.entry(budget.key.clone()).or_default() += budget.amount;
        }
        Ok(Written::Done)
    }

    /// The condition that does not hold.
    fn lost(&self, write: &Write) -> Option<Lost> {
        if let Some(control) = write.unless_stopped.as_ref().map(|e| self.control(e))
            && (control.stopped || write.control_revision.is_some_and(|seen| seen != control.revision))
        {
            return Some(Lost::Stopped);
        }
        let fits = |(entry, expect): &(Entry, Expect)| match (self.cases.get(&entry.key), expect) {
            (None, Expect::Absent) => true,
            (Some(found), Expect::Revision(revision)) => found.revision == *revision,
            (Some(_), Expect::Absent) | (None, Expect::Revision(_)) => false,
        };
        if !write.entries.iter().all(fits) {
            return Some(Lost::Entry);
        }
        if let Some((id, _, generation)) = &write.state
            && self.states.get(id).map_or(0, |held| held.generation) != *generation
        {
            return Some(Lost::State);
        }
        let after = |b: &BudgetAdd| self.used.get(&b.key).copied().unwrap_or(0).saturating_add(b.amount);
        let spent = write.budgets.iter().any(|b| after(b) > b.limit);
        spent.then_some(Lost::Limit)
    }
}

fn broken(error: &serde_json::Error) -> PortError {
    PortError { place: "journal in memory".to_owned(), cause: error.to_string(), retry: Retry::Never }
}

fn read<T: DeserializeOwned>(doc: &str) -> Result<T, PortError> {
    serde_json::from_str(doc).map_err(|e| broken(&e))
}

fn text<T: Serialize>(value: &T) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|e| broken(&e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::fleet::Mode;

    fn entry() -> Entry {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        Entry::new(CaseKey("k".into()), id, "e/s".into(), "cpu-high".into(), Mode::Act, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_transaction_is_written_whole_or_not_at_all() {
        let mut journal = MemoryJournal::default();
        let key = BudgetKey { scope: "s".into(), what: "changes".into(), window: 0 };
        let add = |limit| vec![BudgetAdd { key: key.clone(), amount: 1, limit }];
        let put = |expect, limit| Write { entries: vec![(entry(), expect)], budgets: add(limit), ..Write::default() };
        assert_eq!(journal.write(&put(Expect::Absent, 0)).unwrap(), Written::Lost(Lost::Limit));
        assert!(journal.entries().unwrap().is_empty(), "nothing of it");
        assert_eq!(journal.write(&put(Expect::Absent, 2)).unwrap(), Written::Done);
        assert_eq!(journal.write(&put(Expect::Absent, 2)).unwrap(), Written::Lost(Lost::Entry));
        assert_eq!(journal.write(&put(Expect::Revision(1), 2)).unwrap(), Written::Done);
        let keys = Keys { case: Some(CaseKey("k".into())), budgets: vec![key.clone()], ..Keys::default() };
        let loaded = journal.load(&keys).unwrap();
        assert_eq!((loaded.entry, loaded.used), (Some((entry(), 2)), vec![2]));
    }

    #[test]
    fn a_state_is_written_only_over_the_generation_that_was_read() {
        let mut journal = MemoryJournal::default();
        let state = |generation| Write {
            state: Some((entry().service, ServiceState::default(), generation)),
            ..Write::default()
        };
        assert_eq!(journal.write(&state(0)).unwrap(), Written::Done);
        assert_eq!(journal.write(&state(0)).unwrap(), Written::Lost(Lost::State));
        assert_eq!(journal.write(&state(1)).unwrap(), Written::Done);
    }

    #[test]
    fn a_case_is_due_from_its_time_on() {
        let mut journal = MemoryJournal::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        let entry = Entry { due: Some(at(60)), ..entry() };
        let write = Write { entries: vec![(entry.clone(), Expect::Absent)], ..Write::default() };
        assert_eq!(journal.write(&write).unwrap(), Written::Done);
        assert_eq!(journal.due(at(59)), Due::default());
        assert_eq!(journal.due(at(60)).cases, [entry.key]);
    }

    #[test]
    fn a_stopped_environment_loses_every_write_that_respects_it() {
        let mut journal = MemoryJournal::default();
        journal.stop("prod", true);
        let write = Write { unless_stopped: Some("prod".into()), ..Write::default() };
        assert_eq!(journal.write(&write).unwrap(), Written::Lost(Lost::Stopped));
        journal.stop("prod", false);
        assert_eq!(journal.write(&write).unwrap(), Written::Done);
    }
}
