//! All alarms: put, evaluated, set, deleted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use headroom_core::signal::AlarmState;

use super::composite::CompositeAlarm;
use super::describe::{AlarmView, view};
use super::detail;
use super::entry::{Entry, Kind, name_of};
use super::look::Trigger;
use super::metric::MetricAlarm;
use super::mute::MuteRule;
use super::put::{PutCompositeAlarm, PutMetricAlarm};
use super::reason::Evaluated;
use crate::cloudwatch::reading::Readings;
use crate::cloudwatch::{CloudWatchError, Place};
use crate::event::Event;

/// Alarms of the world: twenty for each of a thousand services. CloudWatch has no such limit.
const ALARMS_MAX: usize = 20_000;
/// Alarms in one call of DeleteAlarms (API reference).
const DELETED_MAX: usize = 100;

/// All of them. They are evaluated in the order in which they were created.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    pub(super) entries: BTreeMap<u64, Entry>,
    pub(super) names: BTreeMap<Place, BTreeMap<String, u64>>,
    pub(super) composites: BTreeSet<u64>,
    next: u64,
    pub(super) mutes: BTreeMap<Place, BTreeMap<String, MuteRule>>,
    /// Whether events carry the alarms' tags: an account opts in (AWS_FACTS 3.2).
    pub(crate) tags_sent: bool,
    pub(super) events: Vec<Event>,
    range: Vec<Evaluated>,
}

impl Alarms {
    /// An alarm by name.
    pub(super) fn by_name(&self, place: &Place, name: &str) -> Option<&Entry> {
        self.entries.get(self.names.get(place)?.get(name)?)
    }

    /// Alarms of an account and region, by name.
    pub(super) fn in_place(&self, place: &Place) -> impl Iterator<Item = &Entry> {
        self.names.get(place).into_iter().flat_map(BTreeMap::values).filter_map(|seq| self.entries.get(seq))
    }

    /// All of them, in the order in which they were created.
    pub(crate) fn all(&self) -> impl Iterator<Item = AlarmView> {
        self.entries.values().map(view)
    }

    /// State and ActionsEnabled of an alarm.
    pub(crate) fn state_of(&self, place: &Place, name: &str) -> Option<(AlarmState, bool)> {
        self.by_name(place, name).map(|e| (e.standing.value, e.actions().enabled))
    }

    /// The events since this was last asked.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Adds an alarm that is there when the world begins: no event tells of it.
    pub(crate) fn add(&mut self, place: &Place, put: PutMetricAlarm, now: i64) -> Result<(), CloudWatchError> {
        let alarm = MetricAlarm::new(put)?;
        let name = alarm.put.name.clone();
        if self.by_name(place, &name).is_some() {
            return Err(CloudWatchError::Validation(format!("two alarms {name} in one account and region")));
        }
        let tags = alarm.put.tags.clone();
        self.insert(Entry::new(place, &name, tags, Kind::Metric(Box::new(alarm)), now)).map(drop)
    }

    /// PutMetricAlarm: a new alarm begins in INSUFFICIENT_DATA, a known one keeps its state and its tags (API reference).
    pub(crate) fn put_metric(&mut self, place: &Place, put: PutMetricAlarm, now: i64) -> Result<(), CloudWatchError> {
        let alarm = MetricAlarm::new(put)?;
        let (name, tags) = (alarm.put.name.clone(), alarm.put.tags.clone());
        self.put(place, &name, tags, Kind::Metric(Box::new(alarm)), now).map(drop)
    }

    /// PutCompositeAlarm: evaluated at once.
    pub(crate) fn put_composite(
        &mut self,
        place: &Place,
        put: PutCompositeAlarm,
        now: i64,
    ) -> Result<(), CloudWatchError> {
        let mut alarm = CompositeAlarm::new(put)?;
        let (name, tags) = (alarm.put.name.clone(), alarm.put.tags.clone());
        let known = |child: &str| child == name || self.by_name(place, child).is_some();
        let unknown: Vec<&str> = alarm.rule.children().iter().map(String::as_str).filter(|c| !known(c)).collect();
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            let message =
                format!("Could not save the composite alarm as alarms [{names}] in the alarm rule do not exist");
            return Err(CloudWatchError::Validation(message));
        }
        if let Some(suppressor) = alarm.suppressor().filter(|s| !known(s)) {
            return Err(CloudWatchError::Validation(format!("ActionsSuppressor {suppressor} does not exist.")));
        }
        let before = self.by_name(place, &name).and_then(Entry::composite);
        let trigger = if before.is_some() { Trigger::Updated } else { Trigger::Created };
        alarm.until = before.and_then(|b| b.until);
        let seq = self.put(place, &name, tags, Kind::Composite(Box::new(alarm)), now)?;
        self.find_cycles();
        self.look(VecDeque::from([(seq, trigger)]), now);
        Ok(())
    }

    fn put(
        &mut self,
        place: &Place,
        name: &str,
        tags: Vec<(String, String)>,
        kind: Kind,
        now: i64,
    ) -> Result<u64, CloudWatchError> {
        let known = self.names.get(place).and_then(|n| n.get(name)).copied();
        let Some((seq, entry)) = known.and_then(|seq| Some((seq, self.entries.get_mut(&seq)?))) else {
            let entry = Entry::new(place, name, tags, kind, now);
            let event = detail::configuration_change(&entry, "create", None, now);
            let seq = self.insert(entry)?;
            self.events.push(event);
            return Ok(seq);
        };
        if entry.composite().is_some() != matches!(kind, Kind::Composite(_)) {
            return Err(CloudWatchError::Validation(format!("Alarm {name} exists and is of the other type.")));
        }
        let previous = entry.configuration();
        entry.kind = kind;
        entry.configured = now;
        self.events.push(detail::configuration_change(entry, "update", Some(previous), now));
        Ok(seq)
    }

    fn insert(&mut self, entry: Entry) -> Result<u64, CloudWatchError> {
        if self.entries.len() >= ALARMS_MAX {
            let message = format!("The simulator keeps at most {ALARMS_MAX} alarms.");
            return Err(CloudWatchError::LimitExceeded(message));
        }
        self.next += 1;
        self.names.entry(entry.place.clone()).or_default().insert(entry.name.clone(), self.next);
        if entry.composite().is_some() {
            self.composites.insert(self.next);
        }
        self.entries.insert(self.next, entry);
        Ok(self.next)
    }

    /// Evaluates every metric alarm, and what depends on those that changed.
    pub(crate) fn evaluate(&mut self, readings: &Readings<'_>) {
        self.run_timers(readings.now);
        let mut changed = Vec::new();
        for (seq, entry) in &mut self.entries {
            let Kind::Metric(alarm) = &mut entry.kind else { continue };
            if let Some(next) = alarm.evaluate(&entry.standing, &entry.place, readings, &mut self.range) {
                changed.push((*seq, next));
            }
        }
        for (seq, next) in changed {
            self.turn(seq, next, readings.now);
        }
    }

    /// When the next wait or extension of a composite alarm ends.
    pub(crate) fn next_timer(&self) -> Option<i64> {
        self.composites.iter().filter_map(|seq| self.entries.get(seq)?.composite()?.until).min()
    }

    /// Ends the waits and extensions that are due, each at its own time.
    pub(crate) fn run_timers(&mut self, now: i64) {
        while let Some(at) = self.next_timer().filter(|at| *at <= now) {
            let due = |seq: &u64| self.entries.get(seq).and_then(Entry::composite).is_some_and(|c| c.until == Some(at));
            let due: VecDeque<_> = self.composites.iter().copied().filter(due).map(|s| (s, Trigger::Time)).collect();
            self.look(due, at);
        }
    }

    /// SetAlarmState. To the state that it is in, it sends nothing (AWS_FACTS 3.2).
    pub(crate) fn set_state(
        &mut self,
        place: &Place,
        name: &str,
        value: AlarmState,
        (reason, reason_data): (String, Option<String>),
        now: i64,
    ) -> Result<(), CloudWatchError> {
        let known = self.names.get(place).and_then(|n| n.get(name_of(name))).copied();
        let Some((seq, entry)) = known.and_then(|seq| Some((seq, self.entries.get_mut(&seq)?))) else {
            return Err(CloudWatchError::ResourceNotFound(format!("Alarm {name} does not exist.")));
        };
        if reason_data.as_ref().is_some_and(|d| serde_json::from_str::<serde_json::Value>(d).is_err()) {
            return Err(CloudWatchError::InvalidFormat("StateReasonData is no JSON.".to_owned()));
        }
        let next = entry.standing.turned(value, now, reason, reason_data);
        if entry.standing.value == value {
            entry.standing = next;
        } else {
            self.turn(seq, next, now);
        }
        Ok(())
    }

    /// EnableAlarmActions and DisableAlarmActions; EventBridge gets the alarm's events all the same (AWS_FACTS 3.2).
    pub(crate) fn set_actions_enabled(&mut self, place: &Place, names: &[String], enabled: bool, now: i64) {
        for name in names {
            let seq = self.names.get(place).and_then(|n| n.get(name_of(name)));
            let Some(entry) = seq.and_then(|s| self.entries.get_mut(s)) else { continue };
            if entry.actions().enabled == enabled {
                continue;
            }
            let previous = entry.configuration();
            entry.actions_mut().enabled = enabled;
            entry.configured = now;
            self.events.push(detail::configuration_change(entry, "update", Some(previous), now));
        }
    }

    /// DeleteAlarms: unknown names are passed over, at most one composite alarm in a call (API reference).
    pub(crate) fn delete(&mut self, place: &Place, names: &[String], now: i64) -> Result<(), CloudWatchError> {
        let invalid = |message: String| Err(CloudWatchError::Validation(message));
        if names.is_empty() || names.len() > DELETED_MAX {
            return invalid(format!("AlarmNames has {} members, expected 1 to {DELETED_MAX}.", names.len()));
        }
        let names: BTreeSet<&str> = names.iter().map(|n| name_of(n)).collect();
        let is_composite = |name: &&&str| self.by_name(place, name).is_some_and(|e| e.composite().is_some());
        if names.iter().filter(is_composite).count() > 1 {
            return invalid("At most one composite alarm can be deleted in one operation.".to_owned());
        }
        for name in &names {
            let needs = |e: &&Entry| e.composite().is_some_and(|c| c.rule.children().contains(*name));
            if let Some(parent) = self.in_place(place).find(needs) {
                return invalid(format!("Cannot delete {name} as composite alarm {} depends on it.", parent.name));
            }
        }
        for name in names {
            let Some(seq) = self.names.get_mut(place).and_then(|n| n.remove(name)) else { continue };
            self.composites.remove(&seq);
            if let Some(entry) = self.entries.remove(&seq) {
                self.events.push(detail::configuration_change(&entry, "delete", None, now));
            }
        }
        Ok(())
    }
}
