//! Each call that reaches Application Auto Scaling.

use headroom_core::capacity::Change;
use headroom_core::id::ServiceId;
use headroom_pipeline::PortError;
use headroom_simulator::world::Look;

use super::watcher::Observer;

/// For so long a desired count under min may be our own min on its way (SEMANTICS 5), and a call of it may still
/// be under way.
const OWN_MIN_SETTLES: i64 = 150;
/// A permitted call may finish within so long (SEMANTICS 12).
const PERMITTED: i64 = 30;
/// A function's 30 s and what is then still under way: until then a writer's call may land (SEMANTICS 6). Its lock
/// counts 60 s from when it looked, which is a little before its plan was stored.
const WRITES: i64 = 45;

impl Observer {
    /// A call of Headroom reached AWS. `looks` are the service right before and right after.
    pub(crate) fn applied(
        &mut self,
        now: i64,
        flow: u32,
        id: &ServiceId,
        change: &Change,
        looks: (Option<Look>, Option<Look>),
        outcome: &Result<(), PortError>,
    ) {
        let (Some(found), Some(left)) = looks else { return };
        self.numbers.calls += 1;
        let label = self.watches.get(id).map(|w| w.label.clone()).unwrap_or_default();
        let refused = if outcome.is_err() { ", refused by AWS" } else { "" };
        self.line(
            now,
            &format!(
                "call {label} {change}, found {}..{} desired {}, flow {flow}{refused}",
                found.min, found.max, found.desired
            ),
        );
        let broken = self.broken(now, flow, id, change, (found, left));
        if let Some((rule, what)) = broken {
            self.violated(now, rule, format!("{label}: {change}: {what}"));
        }
        let looked = self.look_of(flow, id).map(|l| l.at);
        let planned = self.planned.get(&(flow, id.clone())).copied().unwrap_or(now);
        let Some(watch) = self.watches.get_mut(id) else { return };
        watch.writer = Some((flow, planned));
        if outcome.is_err() {
            return;
        }
        let fought = match change {
            Change::Min { to, .. } => {
                watch.wrote_min = Some((now, *to));
                !watch.min.headroom_wrote(*to, looked)
            }
            Change::Max { to, .. } => !watch.max.headroom_wrote(*to, looked),
            Change::Suspend { to, .. } => {
                watch.suspended = *to;
                false
            }
            Change::Desired { .. } => true,
        };
        if fought {
            self.violated(now, "a foreign value that was seen is not written over", format!("{label}: {change}"));
        }
    }

    fn broken(
        &self,
        now: i64,
        flow: u32,
        id: &ServiceId,
        change: &Change,
        (found, left): (Look, Look),
    ) -> Option<(&'static str, String)> {
        let Some(watch) = self.watches.get(id) else {
            return Some(("only services of the fleet are changed", String::new()));
        };
        if found.min != left.min && found.max != left.max {
            return Some(("one call writes one bound", format!("{}..{} after", left.min, left.max)));
        }
        if let Some(since) = self.stopped.get(&watch.environment).filter(|since| now - **since > PERMITTED) {
            return Some(("a stopped environment is not touched", format!("stopped {} s ago", now - since)));
        }
        if watch.quiet_since == Some(0) {
            return Some(("observe begins no mutation", "no remedy of it ever acted".into()));
        }
        if let Some((writer, since)) = watch.writer.filter(|(writer, since)| *writer != flow && now - since < WRITES) {
            return Some(("one writer at a time", format!("flow {writer} writes since {} s", now - since)));
        }
        let look = self.look_of(flow, id);
        let desired = look.and_then(|l| l.seen.service.known()).map(|s| s.desired);
        if let (Change::Max { to, .. }, Some(desired)) = (change, desired)
            && *to < desired
        {
            return Some(("max is never lowered under desired", format!("desired {desired}")));
        }
        match change {
            Change::Min { to, .. } if *to > watch.ceiling.max(watch.min.most()) => {
                return Some(("no bound past the ceiling", format!("ceiling {}", watch.ceiling)));
            }
            Change::Max { to, .. } if *to > watch.ceiling.max(watch.max.most()) => {
                return Some(("no bound past the ceiling", format!("ceiling {}", watch.ceiling)));
            }
            Change::Min { to, .. } if *to < watch.min.least() => {
                return Some(("no bound below base or a foreign value", watch.min.accepted()));
            }
            Change::Max { to, .. } if *to < watch.max.least() => {
                return Some(("no bound below base or a foreign value", watch.max.accepted()));
            }
            Change::Min { .. } | Change::Max { .. } | Change::Suspend { .. } => {}
            Change::Desired { .. } => {
                return Some(("a desired count is set only where there is no scalable target", String::new()));
            }
        }
        let look = look?;
        let (service, target) = (look.seen.service.known()?, look.seen.target.known()?);
        let own = watch.wrote_min.is_some_and(|(at, to)| now - at <= OWN_MIN_SETTLES && to == target.min);
        if service.desired > target.max || (service.desired < target.min && !own) {
            let what = format!("desired {} outside {}..{}", service.desired, target.min, target.max);
            return Some(("parked capacity is not touched", what));
        }
        None
    }
}
