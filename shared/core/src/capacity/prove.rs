//! Whether the tasks of the clock's windows are there, within a pass.

use jiff::Timestamp;

use super::bounds::Bounds;
use super::keep::{PassInput, Remark, ceiling, clock_of};
use super::lease::Lease;
use super::state::ServiceState;
use crate::schedule::{self, HourForecast, Proved, There, Window, schedule_of};
use crate::seen::Trouble;
use crate::time::{Seconds, elapsed};

/// ECS repeats what goes on every few minutes; what is older may be over.
const TROUBLE_AGE_MAX: Seconds = Seconds(15 * 60);

/// Looks whether the tasks of each window are there, and learns from what its batch took.
pub(super) fn prove(input: &PassInput<'_>, next: &mut ServiceState, to: Bounds, remarks: &mut Vec<Remark>) {
    let (now, running) = (input.now, input.service.running);
    let ServiceState { leases, batches, .. } = next;
    for lease in leases.values_mut() {
        let Some(window) = lease.window else { continue };
        let Some(floor) = lease.floor.map(|floor| floor.min(to.min).min(by_now(input, lease))) else { continue };
        let source = lease.source.clone();
        let on_its_way = lease.proof.whole.is_none();
        let learned = match lease.ended {
            Some((at, _)) if at == now => {
                if std::mem::take(&mut lease.proof.told) {
                    let after = lease.proof.short_for(now);
                    remarks.push(Remark::Whole { source, after, running, floor: lease.floor.unwrap_or(0) });
                }
                // Where nobody saw whether they were healthy, nothing is learned.
                let unseen = there_of(input, lease, window, floor) == There::NotYet;
                (on_its_way && !unseen).then_some(now)
            }
            Some(_) => None,
            // What a person set instead is nobody's to prove.
            None if lease.is_overridden() => None,
            None => {
                let (tasks, healthy) = match there_of(input, lease, window, floor) {
                    There::Tasks(tasks) => (tasks, None),
                    There::Targets(targets) => (targets, Some(targets)),
                    There::NotYet => continue,
                };
                match lease.proof.look(window, tasks, floor, now) {
                    Some(Proved::Short) => {
                        let (why, targets) = (lately(input), input.healthy.and_then(schedule::targets_of));
                        let stopped = Vec::new();
                        remarks.push(Remark::Short { source, why, stopped, running, healthy, targets, floor });
                    }
                    Some(Proved::Whole { after }) => remarks.push(Remark::Whole { source, after, running, floor }),
                    None => {}
                }
                lease.proof.whole.filter(|_| on_its_way)
            }
        };
        if let Some(at) = learned {
            lease.proof.whole = Some(at);
            let name = schedule_of(&lease.source).unwrap_or(&lease.source).to_owned();
            schedule::learn(batches.entry(name).or_default(), elapsed(lease.granted, at));
        }
    }
}

/// Says once that max, or the ceiling, cuts what a window asks for since: a higher hour, or another fleet file. What cuts it at
/// the grant is told then.
pub(super) fn clip(input: &PassInput<'_>, next: &mut ServiceState, to: Bounds, remarks: &mut Vec<Remark>) {
    for lease in next.leases.values_mut().filter(|l| l.live() && l.window.is_some() && !l.is_overridden()) {
        let left = to.max.min(ceiling(input.fleet));
        let Some(floor) = lease.floor.filter(|floor| *floor > left && !lease.proof.clipped) else { continue };
        lease.proof.clipped = true;
        remarks.push(Remark::Clipped { source: lease.source.clone(), floor, left });
    }
}

/// How many of them are there; a metric's minute counts once the window is open, the lease granted and its hour begun.
fn there_of(input: &PassInput<'_>, lease: &Lease, window: Window, floor: u32) -> There {
    let hour = hour_of(lease, input.now).map(|hour| hour.span.from);
    let since = hour.into_iter().fold(window.opens.max(lease.granted), Timestamp::max);
    schedule::there(input.service.running, input.healthy, floor, (window, since), input.now)
}

/// What its forecast says of the hour of now.
fn hour_of(lease: &Lease, now: Timestamp) -> Option<&HourForecast> {
    lease.forecast.as_ref().and_then(|forecast| forecast.at(now, Seconds(0)))
}

/// What the hour of now asks for, or its first minutes: tasks of a higher hour, asked for a lead ahead, are on their way.
fn by_now(input: &PassInput<'_>, lease: &Lease) -> u32 {
    let asked = clock_of(input).and_then(|all| all.get(&lease.source));
    let start = asked.and_then(|asked| asked.start).unwrap_or(0);
    hour_of(lease, input.now).map_or(u32::MAX, |hour| hour.tasks.max(start))
}

/// What ECS said went wrong since the tasks were asked for, or nearly.
fn lately(input: &PassInput<'_>) -> Vec<String> {
    let recent = |trouble: &&Trouble| elapsed(trouble.at, input.now) <= TROUBLE_AGE_MAX;
    input.service.troubles.iter().filter(recent).map(|trouble| trouble.message.clone()).collect()
}
