//! What the clock asks, found without a read.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::capacity::ServiceState;
use headroom_core::fleet::{Fleet, Mode, Service};
use headroom_core::id::ServiceId;
use headroom_core::schedule::{Asked, asked_of, look_ahead, source_of_schedule};
use headroom_core::time::{Seconds, elapsed};
use jiff::Timestamp;

use crate::ports::Clock;

/// A service that asks for nothing by itself, because its mode records only, is looked at in so many first minutes of a
/// window, and then in every fifteenth: an idle minute stays one query of the table.
const RECORDED_WITHIN: Seconds = Seconds(5 * 60);
const RECORDED_EVERY: i64 = 15;

/// What the clock asks of services, by service; found without a read.
pub(crate) type Wanted<'f> = BTreeMap<ServiceId, (&'f Service, BTreeMap<String, Asked>)>;

/// What the clock asks of one service now; `None` while the time zone of its environment is not known.
pub(crate) fn asked_now<C: Clock>(
    ports: &C,
    fleet: &Fleet,
    service: &Service,
    state: &ServiceState,
    now: Timestamp,
) -> Option<BTreeMap<String, Asked>> {
    if fleet.schedules_of(service).next().is_none() {
        return Some(BTreeMap::new());
    }
    let environment = fleet.environments.iter().find(|e| e.name == service.environment)?;
    Some(asked_of(fleet, service, &state.batches, &ports.time_zone(&environment.timezone)?, now))
}

/// Every floor that the clock asks for now, and that is worth a look.
pub(crate) fn wanted<'f, C: Clock>(ports: &C, fleet: &'f Fleet, now: Timestamp) -> Wanted<'f> {
    let mut wanted = Wanted::new();
    if fleet.schedules.is_empty() {
        return wanted;
    }
    // The windows of a schedule are those of its environment: found once, not for each of ten thousand services.
    let mut asked: BTreeMap<(&str, &str), Option<Asked>> = BTreeMap::new();
    for environment in &fleet.environments {
        let Some(zone) = ports.time_zone(&environment.timezone) else {
            tracing::error!(timezone = environment.timezone, environment = environment.name, "unknown time zone");
            continue;
        };
        for schedule in fleet.schedules.iter().filter(|s| s.environments.contains(&environment.name)) {
            let found = Asked::of(schedule, &zone, look_ahead(schedule.lead, now), now);
            asked.insert((&environment.name, &schedule.name), found);
        }
    }
    for service in &fleet.services {
        let of = |name: &str| asked.get(&(service.environment.as_str(), name)).cloned().flatten();
        let all = fleet.schedules_of(service).filter_map(|s| Some((source_of_schedule(&s.name), of(&s.name)?)));
        let all: BTreeMap<String, Asked> = all.filter(|(_, asked)| looked_at(service.mode, asked, now)).collect();
        if !all.is_empty() {
            wanted.insert(ServiceId::of(service), (service, all));
        }
    }
    wanted
}

/// Where nothing is granted nothing is due either: the record of a window is looked for in some of its minutes only.
fn looked_at(mode: Mode, asked: &Asked, now: Timestamp) -> bool {
    let begins = asked.window.opens.checked_sub(asked.lead.duration()).unwrap_or(now);
    let since = elapsed(begins, now);
    mode == Mode::Act || since < RECORDED_WITHIN || (i64::from(since.0) / 60) % RECORDED_EVERY == 0
}

/// The sources of a state that give their floor now.
pub(crate) fn given(state: &ServiceState) -> BTreeSet<String> {
    state.live().filter(|lease| lease.window.is_some()).map(|lease| lease.source.clone()).collect()
}
