//! Each state that is stored: which claims grew, which were given back, and whether they might.

use headroom_core::capacity::{Claimed, Ended, Lease, ServiceState, of_usd};
use headroom_core::fleet::Sizing;
use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;
use headroom_pipeline::Write;

use super::watcher::{Looked, Observer};
use headroom_core::capacity::Change;

/// No function runs longer, so nothing counts for a time that is further off (SEMANTICS 6).
const FUNCTION: i64 = 30;
/// A datapoint that is older says nothing about now.
const DATAPOINT_AGE: i64 = 300;
/// A flipped fleet file reaches the running invocations after so long.
const FLIPPED: i64 = 30;
const HOUR: i64 = 3_600;

/// A lease as the observer saw it begin.
#[derive(Debug, Clone)]
pub(super) struct Life {
    granted: i64,
    hard_end: i64,
    /// When it was last seen to be needed, or could not be judged.
    needed: i64,
}

fn ceil(tasks: u32, value: f64, target: f64) -> u32 {
    (f64::from(tasks) * value / target - 1e-6).ceil().max(0.0) as u32
}

/// What a look says about a lease: `Err` when it does not allow to give anything back.
fn need(lease: &Lease, look: &Looked, max: u32) -> Result<u32, String> {
    if Claimed::of(lease) == Claimed::Raise {
        let desired = look.seen.service.known().ok_or("the service was not seen")?.desired;
        return if desired > max { Err(format!("desired {desired} of {max}")) } else { Ok(0) };
    }
    match look.seen.alarm.known().map(|a| a.state) {
        Some(AlarmState::Ok) => {}
        Some(state) => return Err(format!("alarm {}", state.name())),
        None => return Err(format!("alarm {}", look.seen.alarm.why())),
    }
    if lease.load.name.is_empty() || Claimed::of(lease) == Claimed::Hold {
        return Ok(0);
    }
    let load = look.seen.load.known().ok_or_else(|| format!("metric {}", look.seen.load.why()))?;
    let age = look.at - load.at.as_second();
    if age > DATAPOINT_AGE {
        return Err(format!("the newest datapoint is {age} s old"));
    }
    let Sizing::Ratio { target } = lease.sizing else { return Ok(0) };
    let service = look.seen.service.known().ok_or("the service was not seen")?;
    let alive = service.running.min(service.desired);
    let most = if service.deployments_in_progress > 1 { service.desired } else { service.running.max(service.desired) };
    let carried = load.tasks.map_or(alive, |t| t.min(most));
    if carried == 0 {
        return Err("nothing runs".into());
    }
    Ok(ceil(carried, load.value, target))
}

impl Observer {
    /// A transaction was written.
    pub(crate) fn wrote(&mut self, now: i64, flow: u32, write: &Write) {
        for (entry, _) in &write.entries {
            let Some(watch) = self.watches.get_mut(&entry.service) else { continue };
            for change in &entry.changes {
                match change {
                    Change::Min { to, .. } => watch.min.intended(*to),
                    Change::Max { to, .. } => watch.max.intended(*to),
                    Change::Desired { .. } | Change::Suspend { .. } => {}
                }
            }
        }
        self.cases(now, flow, write);
        self.charged(now, write);
        let Some((id, next, _)) = &write.state else { return };
        let Some(watch) = self.watches.get_mut(id) else { return };
        let before = std::mem::replace(&mut watch.state, next.clone());
        if next.lock.is_some() {
            self.planned.insert((flow, id.clone()), now);
        } else if watch.writer.is_some_and(|(writer, _)| writer == flow) {
            watch.writer = None;
        }
        // Leases are judged by the baseline as it was before this look.
        self.compare(now, flow, id, &before, next);
        if let Some(at) = self.look_of(flow, id).map(|l| l.at)
            && self.sweeps.contains(&flow)
            && let Some(watch) = self.watches.get_mut(id)
        {
            watch.min.passed(at);
            watch.max.passed(at);
        }
        if before.kept.is_some() && next.kept.is_none() {
            self.rested(now, id);
        }
    }

    /// What grants and growth charge stays within the day's limit; what only goes on may pass it.
    fn charged(&mut self, now: i64, write: &Write) {
        for budget in write.budgets.iter().filter(|b| b.key.what == "cost") {
            let spent = self.spent.entry(budget.key.window).or_default();
            *spent += u64::from(budget.amount);
            let (spent, limit) = (*spent, self.fleet.limits.added_cost_per_day_usd.map(of_usd));
            self.numbers.charges += 1;
            if budget.limit != u32::MAX && limit.is_none_or(|limit| spent > u64::from(limit)) {
                let what = format!("{spent} of {limit:?}");
                self.violated(now, "what is added never costs more than the limit", what);
            }
        }
    }

    /// Headroom keeps nothing of a service any more.
    fn rested(&mut self, now: i64, id: &ServiceId) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let (label, min, max) = (watch.label.clone(), watch.min.clone(), watch.max.clone());
        watch.min.rested();
        watch.max.rested();
        self.line(now, &format!("rest {label} at {}..{}", min.current, max.current));
        for (name, side) in [("min", min), ("max", max)] {
            if !side.accepts(side.current) {
                let what = format!("{label}: {name} {} is none of {}", side.current, side.accepted());
                self.violated(now, "at rest bounds are at base", what);
            }
        }
    }

    fn compare(&mut self, now: i64, flow: u32, id: &ServiceId, before: &ServiceState, next: &ServiceState) {
        // Scale-in that is suspended adds nothing: what the service needs does not carry more for it.
        let (mut grew, mut adds) = (false, false);
        for (source, lease) in &next.leases {
            let old = before.leases.get(source).filter(|l| l.live());
            let floor = lease.floor.unwrap_or(0);
            match old {
                None if lease.live() => {
                    (grew, adds) = (true, adds || Claimed::of(lease) != Claimed::Hold);
                    self.granted(now, id, source, lease);
                }
                Some(old) if lease.live() && (floor > old.floor.unwrap_or(0) || lease.raise > old.raise) => {
                    (grew, adds) = (true, true);
                }
                Some(old) if !lease.live() || floor < old.floor.unwrap_or(0) => {
                    self.given_back(now, flow, id, old, lease);
                }
                Some(_) | None => {}
            }
        }
        for source in before.live().map(|l| &l.source).filter(|s| !next.leases.contains_key(*s)) {
            self.violated(now, "a lease ends, it is not forgotten", source.clone());
        }
        for lease in next.live() {
            let max = self.watches.get(id).map_or(0, |w| w.max.most());
            let needed = self.lease_look(flow, id, lease).map(|look| (need(lease, look, max), look.at));
            let Some(watch) = self.watches.get_mut(id) else { return };
            let base = watch.min.most();
            if let (Some((need, at)), Some(life)) = (needed, watch.leases.get_mut(&lease.source))
                && (need.is_err() || need.is_ok_and(|n| n > base && matches!(lease.sizing, Sizing::Ratio { .. })))
            {
                life.needed = life.needed.max(at);
            }
        }
        if grew {
            self.claimed(now, id);
            self.grew(now, flow, id, adds);
        }
    }

    fn granted(&mut self, now: i64, id: &ServiceId, source: &str, lease: &Lease) {
        let hard_end = self.remedy(id, &lease.remedy).map_or(0, |r| i64::from(r.hard_end.0));
        let Some(watch) = self.watches.get_mut(id) else { return };
        let life = Life { granted: now, hard_end: now + hard_end, needed: now };
        watch.leases.insert(source.to_owned(), life);
        let claimed = Claimed::of(lease);
        let text = format!("lease {} {source} {claimed:?} {}", watch.label, lease.floor.or(lease.raise).unwrap_or(0));
        self.line(now, &text);
        *self.numbers.kinds.entry(format!("{claimed:?}").to_lowercase()).or_default() += 1;
    }

    /// One more claim: within the hour's limits, and only where something may act.
    pub(super) fn claimed(&mut self, now: i64, id: &ServiceId) {
        self.numbers.claims += 1;
        let Some(watch) = self.watches.get(id) else { return };
        let (label, environment, quiet) = (watch.label.clone(), watch.environment.clone(), watch.quiet_since);
        if quiet.is_some_and(|since| now - since > FLIPPED) {
            self.violated(now, "observe begins no mutation", format!("{label}: a claim without a remedy that acts"));
        }
        // Which hour an invocation at its border counts for depends on when it began.
        if now.rem_euclid(HOUR) < FUNCTION {
            return;
        }
        let limits = &self.fleet.limits;
        for (scope, limit) in
            [(label, limits.changes_per_hour_service), (environment, limits.changes_per_hour_environment)]
        {
            let used = self.claims.entry((scope.clone(), now.div_euclid(HOUR))).or_default();
            *used += 1;
            if *used > limit {
                let what = format!("{scope}: {used} claims in an hour, limit {limit}");
                return self.violated(now, "limits are never exceeded", what);
            }
        }
    }

    /// The newest look of an invocation that was made for a lease.
    fn lease_look(&self, flow: u32, id: &ServiceId, lease: &Lease) -> Option<&Looked> {
        let load = Some(&lease.load).filter(|l| !l.name.is_empty());
        let asked = |l: &&Looked| {
            l.question.service == *id
                && l.question.alarm.as_ref() == Some(&lease.alarm)
                && l.question.load.as_ref() == load
        };
        self.looks.get(&flow)?.iter().rev().find(asked)
    }

    fn given_back(&mut self, now: i64, flow: u32, id: &ServiceId, old: &Lease, next: &Lease) {
        let why = next.ended.map(|(_, why)| why);
        let word = why.map_or("stepped down".to_owned(), |w| format!("{w:?}"));
        *self.numbers.returns.entry(word.clone()).or_default() += 1;
        let (from, to) = (old.floor.unwrap_or(0), next.floor.unwrap_or(0));
        let Some(watch) = self.watches.get(id) else { return };
        let source = &old.source;
        let (label, base, life) = (watch.label.clone(), watch.min.most(), watch.leases.get(source).cloned());
        let max = watch.max.most();
        self.line(now, &format!("lease {label} {source} {word}: floor {from} -> {to}, flow {flow}"));
        let Some(life) = life else { return };
        let about = |what: String| format!("{label} {source} {word} {from} -> {to}: {what}");
        match why {
            Some(Ended::HardEnd) => {
                if now + FUNCTION < life.hard_end {
                    let what = about(format!("{} s before its hard end", life.hard_end - now));
                    self.violated(now, "a lease lives until its hard end", what);
                }
                return;
            }
            Some(Ended::LeftTheFleet) if self.remedy(id, &old.remedy).is_none() => return,
            Some(
                Ended::LeftTheFleet
                | Ended::ServiceRecreated
                | Ended::ServiceGone
                | Ended::TargetAppeared
                | Ended::WindowClosed
                | Ended::TimeUp
                | Ended::Released,
            ) => {
                return self.violated(now, "a lease ends for a reason", about("nothing of the kind happened".into()));
            }
            Some(Ended::LoadGone) | None => {}
        }
        let Some(remedy) = self.remedy(id, &old.remedy) else { return };
        let delay = i64::from(remedy.release_delay.0);
        let ratio = matches!(old.sizing, Sizing::Ratio { .. });
        let judged = match self.lease_look(flow, id, old) {
            Some(look) => need(old, look, max),
            None => Err("nobody looked".into()),
        };
        let reach = if why.is_some() { base } else { to };
        match judged {
            Err(missing) => self.violated(now, "missing data and a burning alarm release nothing", about(missing)),
            Ok(need) if ratio && need > reach => {
                self.violated(now, "what is still needed is kept", about(format!("need {need}, base {base}")));
            }
            Ok(_) if !ratio && why.is_none() && from - to > added(old.sizing) => {
                self.violated(now, "a fixed step goes back step by step", about(String::new()));
            }
            Ok(_) if (why.is_some() || !ratio) && now - life.needed.max(life.granted) + FUNCTION < delay => {
                let what = about(format!("needed {} s ago, release delay {delay} s", now - life.needed));
                self.violated(now, "a release waits for its delay", what);
            }
            Ok(_) => {}
        }
    }
}

fn added(sizing: Sizing) -> u32 {
    match sizing {
        Sizing::Add { tasks } => tasks,
        Sizing::Ratio { .. } => 0,
    }
}
