//! What a change brings with it: its event, and the composite alarms that look at the alarm.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use headroom_core::signal::AlarmState;
use serde_json::json;

use super::detail;
use super::entry::{Entry, name_of};
use super::muted::mute_arn;
use super::standing::{Standing, stamp, written};
use super::store::Alarms;

/// Why a composite alarm is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trigger {
    Created,
    Updated,
    Child(u64),
    Time,
}

impl Alarms {
    /// An alarm stands otherwise: its event, and the composite alarms that look at it.
    pub(super) fn turn(&mut self, seq: u64, mut next: Standing, now: i64) {
        let suppressor = self.suppressor_of(seq);
        let Some(entry) = self.entries.get_mut(&seq) else { return };
        let before = entry.standing.suppressed;
        if let Some(composite) = entry.composite_mut() {
            next.suppressed = composite.suppressed(before, suppressor, true, now);
        }
        self.stands(seq, next, now);
        self.look(self.parents(seq), now);
    }

    fn stands(&mut self, seq: u64, next: Standing, now: i64) {
        let Some(entry) = self.entries.get_mut(&seq) else { return };
        let before = std::mem::replace(&mut entry.standing, next);
        let name = &entry.name;
        let mutes = self.mutes.get(&entry.place).into_iter().flat_map(BTreeMap::values);
        let mut muting = mutes.filter(|rule| rule.put.alarms.iter().any(|a| name_of(a) == name));
        let mute = muting.find_map(|rule| rule.detail(&mute_arn(&entry.place, &rule.put.name), now));
        self.events.push(detail::state_change(entry, &before, mute, self.tags_sent));
    }

    fn parents(&self, seq: u64) -> VecDeque<(u64, Trigger)> {
        let Some(child) = self.entries.get(&seq) else { return VecDeque::new() };
        let depends = |parent: &&u64| {
            let entry = self.entries.get(parent).filter(|e| e.place == child.place);
            entry.and_then(Entry::composite).is_some_and(|c| c.depends_on(&child.name))
        };
        self.composites.iter().filter(depends).map(|parent| (*parent, Trigger::Child(seq))).collect()
    }

    fn suppressor_of(&self, seq: u64) -> Option<AlarmState> {
        let entry = self.entries.get(&seq)?;
        let suppressor = entry.composite()?.suppressor()?;
        self.by_name(&entry.place, suppressor).map(|e| e.standing.value)
    }

    /// Looks at composite alarms, and at those that depend on the ones that changed. A rule that depends on itself is
    /// not evaluated, so this ends.
    pub(super) fn look(&mut self, mut queue: VecDeque<(u64, Trigger)>, now: i64) {
        while let Some((seq, trigger)) = queue.pop_front() {
            let suppressor = self.suppressor_of(seq);
            let next = self.looked_at(seq, trigger, now);
            let Some(entry) = self.entries.get_mut(&seq) else { continue };
            let (before, turned) = (entry.standing.clone(), next.is_some());
            let Some(composite) = entry.composite_mut() else { continue };
            let suppressed = composite.suppressed(before.suppressed, suppressor, turned, now);
            let mut next = next.unwrap_or_else(|| before.clone());
            next.suppressed = suppressed;
            next.updated = now;
            if turned || suppressed != before.suppressed {
                self.stands(seq, next, now);
            }
            if turned {
                queue.append(&mut self.parents(seq));
            }
        }
    }

    /// How a composite alarm stands by its rule, when that is another state.
    fn looked_at(&self, seq: u64, trigger: Trigger, now: i64) -> Option<Standing> {
        let entry = self.entries.get(&seq)?;
        let composite = entry.composite().filter(|c| !c.cyclic)?;
        let rule = &composite.rule;
        let states = |name: &str| self.by_name(&entry.place, name).map(|e| e.standing.value);
        let children = || rule.children().iter().filter_map(|c| self.by_name(&entry.place, c)).collect::<Vec<_>>();
        let of_child = |child: u64| self.entries.get(&child).filter(|c| rule.children().contains(&c.name));
        let (said, because) = match trigger {
            Trigger::Time => return None,
            Trigger::Created => ("was created and its alarm rule evaluates to", children()),
            Trigger::Updated => ("was updated and its alarm rule evaluates to", children()),
            Trigger::Child(child) => ("transitioned to", vec![of_child(child)?]),
        };
        let value = if rule.holds(&states) { AlarmState::Alarm } else { AlarmState::Ok };
        if value == entry.standing.value {
            return None;
        }
        let reason = match (trigger, because.first()) {
            (Trigger::Child(_), Some(child)) => {
                let at = written(child.standing.transitioned, "%A %d %B, %Y %H:%M:%S UTC");
                format!("{} {said} {} at {at}", child.arn, child.standing.value.name())
            }
            (Trigger::Created | Trigger::Updated | Trigger::Child(_) | Trigger::Time, _) => {
                format!("{} {said} {}", entry.arn, value.name())
            }
        };
        let triggering = because.iter().map(|child| {
            let state = json!({"value": child.standing.value.name(), "timestamp": stamp(child.standing.updated)});
            json!({"arn": child.arn, "state": state})
        });
        let data = json!({"triggeringAlarms": triggering.collect::<Vec<_>>()}).to_string();
        Some(entry.standing.turned(value, now, reason, Some(data)))
    }

    pub(super) fn find_cycles(&mut self) {
        let reaches_itself = |start: u64| {
            let (mut seen, mut stack) = (BTreeSet::new(), vec![start]);
            while let Some(seq) = stack.pop() {
                let Some(entry) = self.entries.get(&seq) else { continue };
                let Some(composite) = entry.composite() else { continue };
                let place = self.names.get(&entry.place);
                let children = composite.rule.children().iter().filter_map(|c| place?.get(c).copied());
                for child in children {
                    if child == start {
                        return true;
                    }
                    if seen.insert(child) {
                        stack.push(child);
                    }
                }
            }
            false
        };
        let cyclic: BTreeSet<u64> = self.composites.iter().copied().filter(|s| reaches_itself(*s)).collect();
        for seq in &self.composites {
            if let Some(composite) = self.entries.get_mut(seq).and_then(Entry::composite_mut) {
                composite.cyclic = cyclic.contains(seq);
            }
        }
    }
}
