//! Each call that replaces what runs, and each case that may lead to one.

use headroom_core::entry::{Entry, Status};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::seen::Reading;
use headroom_core::signal::AlarmState;
use headroom_core::storm::CASES_MAX;
use headroom_pipeline::{Disrupted, Expect, PortError, Write};

use super::watcher::Observer;

/// A plan that was written may be sent within so long (SEMANTICS 12); a function ends then.
const PERMITTED: i64 = 30;
/// Once to act, once more when nobody knows (SEMANTICS 17).
const SENDS_MAX: u32 = 2;
const MINUTE: i64 = 60;

/// A case that a disruption may come of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Case {
    /// The minute in which it came, under its first key.
    minute: i64,
    /// Attempts that were written ahead.
    written: u32,
    /// Calls that left, but for those that found something else than they expect.
    sent: u32,
    /// Calls that took effect.
    done: u32,
}

/// The key under which a case came first.
fn first(key: &CaseKey) -> CaseKey {
    CaseKey(key.0.trim_end_matches("/later").to_owned())
}

impl Observer {
    /// Cases of a transaction: how many an environment had in a minute, and what is about to be sent.
    pub(super) fn cases(&mut self, now: i64, flow: u32, write: &Write) {
        for (entry, expect) in &write.entries {
            if entry.event.is_none() {
                continue;
            }
            let new = *expect == Expect::Absent;
            let came = !entry.key.0.ends_with("/later");
            let minute = entry.at.as_second().div_euclid(MINUTE);
            if new && came && entry.event.as_ref().is_some_and(|event| event.firing()) {
                self.came(now, entry, minute);
            }
            let case = self.cases.entry(entry.key.clone()).or_default();
            if new {
                case.minute = minute;
            }
            let planned = entry.disruption().is_some() && entry.status == Status::Planned;
            if planned && entry.attempts > case.written {
                case.written = entry.attempts;
                self.sending.insert((flow, entry.service.clone()), entry.key.clone());
            }
            if planned && new {
                self.claimed(now, &entry.service);
            }
        }
    }

    /// One case more of its environment and minute.
    fn came(&mut self, now: i64, entry: &Entry, minute: i64) {
        let Some(watch) = self.watches.get(&entry.service) else { return };
        let environment = watch.environment.clone();
        let cases = self.came.entry((environment.clone(), minute)).or_default();
        *cases += 1;
        if *cases == CASES_MAX + 1 {
            self.numbers.storms += 1;
            self.storms.insert((environment.clone(), minute), now);
            self.line(now, &format!("storm in {environment}"));
        }
    }

    /// A disruptive call leaves, whether it will reach ECS or not.
    pub(crate) fn sends(&mut self, now: i64, flow: u32, id: &ServiceId) {
        let label = self.watches.get(id).map(|w| w.label.clone()).unwrap_or_default();
        self.line(now, &format!("sends {label} a disruption, flow {flow}"));
        let Some(key) = self.sending.get(&(flow, id.clone())).cloned() else {
            return self.violated(now, "a send is written ahead", format!("{label}: nothing of it is in the table"));
        };
        let case = self.cases.entry(key.clone()).or_default();
        case.sent += 1;
        let case = *case;
        if case.sent > SENDS_MAX {
            return self.violated(now, "a disruption is sent at most twice", format!("{label}: {} sends", case.sent));
        }
        if case.sent > case.written {
            return self.violated(now, "a send is written ahead", format!("{label}: {case:?}"));
        }
        if let Some((rule, what)) = self.held_back(now, flow, id, &key, case) {
            self.violated(now, rule, format!("{label}: {what}"));
        }
    }

    /// It reached ECS.
    pub(crate) fn disrupted(&mut self, now: i64, flow: u32, id: &ServiceId, outcome: &Result<Disrupted, PortError>) {
        self.line(now, &format!("disrupts, flow {flow}: {outcome:?}"));
        let Some(key) = self.sending.get(&(flow, id.clone())).cloned() else { return };
        let case = self.cases.entry(key).or_default();
        // What is not as expected right before the call is not sent.
        if matches!(outcome, Ok(Disrupted::Conflict { .. })) {
            case.sent -= 1;
            return;
        }
        case.done += u32::from(outcome.is_ok());
        let twice = case.done > 1;
        self.numbers.disruptions += 1;
        if twice {
            self.violated(now, "a disruption takes effect once", format!("{id}"));
        }
    }

    fn held_back(
        &self,
        now: i64,
        flow: u32,
        id: &ServiceId,
        key: &CaseKey,
        case: Case,
    ) -> Option<(&'static str, String)> {
        let watch = self.watches.get(id)?;
        let long = |since: i64| (now - since > PERMITTED).then(|| format!("since {} s", now - since));
        if let Some(what) = self.stopped.get(&watch.environment).and_then(|since| long(*since)) {
            return Some(("a stopped environment is not touched", what));
        }
        if let Some(what) = watch.quiet_since.and_then(long) {
            return Some(("observe begins no mutation", what));
        }
        if let Some(what) = watch.paused_since.and_then(long) {
            return Some(("a pause begins nothing", what));
        }
        let frozen = self.freeze.filter(|(from, until)| (*from..*until).contains(&now));
        if let Some(what) = frozen.and_then(|(from, _)| long(from)) {
            return Some(("nothing is replaced in a freeze", what));
        }
        let minute = self.cases.get(&first(key)).map_or(case.minute, |first| first.minute);
        let storm = [minute, case.minute, now.div_euclid(MINUTE)]
            .iter()
            .filter_map(|minute| self.storms.get(&(watch.environment.clone(), *minute)))
            .min();
        if let Some(what) = storm.and_then(|since| long(*since)) {
            return Some(("nothing is replaced in a storm", what));
        }
        let running = self.look_of(flow, id)?.seen.service.known()?.deployments_in_progress;
        (running > 0).then(|| ("nothing is replaced in a deployment", format!("{running} in progress")))
    }

    /// A lease was granted or grew: not while it is paused, nor, where it adds something, while what the service needs
    /// was seen to be high.
    pub(super) fn grew(&mut self, now: i64, flow: u32, id: &ServiceId, adds: bool) {
        let Some(watch) = self.watches.get(id) else { return };
        let label = watch.label.clone();
        if let Some(since) = watch.paused_since.filter(|since| now - since > PERMITTED) {
            return self.violated(now, "a pause begins nothing", format!("{label}: paused {} s ago", now - since));
        }
        if !adds {
            return;
        }
        let looks = self.looks.get(&flow).into_iter().flatten().rev();
        let asked = looks.filter(|l| l.question.service == *id).find(|l| !l.question.needs.is_empty());
        let fires = |reading: &Reading<_>| {
            let alarm: Option<&headroom_core::seen::AlarmSeen> = reading.known();
            alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm)
        };
        let high = asked.and_then(|look| look.seen.needs.iter().find(|need| fires(&need.alarm)));
        if let Some(name) = high.map(|need| need.name.clone()) {
            self.violated(now, "nothing grows while what it needs is high", format!("{label} needs {name}"));
        }
    }
}
