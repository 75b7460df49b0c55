//! A Monday morning in Berlin with office hours from 08:00 to 18:00, and its minutes.

use headroom_core::fleet::{Fleet, Mode, Schedule};
use headroom_core::notice::{Kind, Notice};
use headroom_core::seen::Load;
use headroom_core::time::Seconds;
use headroom_pipeline::{Clock, Swept, sweep};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fleets::{langfuse_web, web};
use crate::world::{AwsService, World};

/// 2026-11-23, a Monday, at a time of Berlin's clocks.
pub(super) fn monday(time: &str) -> Timestamp {
    format!("2026-11-23T{time}:00+01:00").parse().unwrap()
}

/// Six tasks in office hours, asked for ten minutes ahead.
pub(super) fn office_hours() -> Value {
    json!({
        "name": "office-hours", "line": 50, "environments": ["prod-eu"], "services": ["web"],
        "days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "until": "18:00", "floor": 6,
        "lead": { "fixed": { "length": 600 } },
    })
}

/// The langfuse fleet with these schedules.
pub(super) fn fleet(schedules: &[Value]) -> Fleet {
    let mut fleet = langfuse_web();
    let read = |schedule: &Value| serde_json::from_value::<Schedule>(schedule.clone()).unwrap();
    fleet.schedules = schedules.iter().map(read).collect();
    fleet
}

/// The same in another mode.
pub(super) fn in_mode(mode: Mode, mut fleet: Fleet) -> Fleet {
    for service in &mut fleet.services {
        service.mode = mode;
    }
    fleet
}

/// Two tasks, at a time of that Monday.
pub(super) fn world(time: &str) -> World {
    World::new(monday(time), None).with_service(&web(), 2, 10)
}

/// One minute of the reconciler, at a time; tasks that ECS was asked for have started.
pub(super) async fn minute(world: &World, fleet: &Fleet, time: &str) -> Swept {
    world.set_now(monday(time));
    world.service(&web(), |s| s.running = s.desired);
    sweep(world, fleet, &format!("sweep-{time}")).await.unwrap()
}

/// Each minute from now until before a time; the first at which `done` says so.
pub(super) async fn until(world: &World, fleet: &Fleet, end: &str, done: impl Fn(&World) -> bool) -> Option<Timestamp> {
    while world.now() < monday(end) {
        world.service(&web(), |s| s.running = s.desired);
        sweep(world, fleet, &format!("sweep-{}", world.now())).await.unwrap();
        if done(world) {
            return Some(world.now());
        }
        world.advance(60);
    }
    None
}

/// Each minute from now until before a time; what `before` makes of the service is what the reconciler then sees.
pub(super) async fn minutes(world: &World, fleet: &Fleet, end: &str, before: impl Fn(&mut AwsService, Timestamp)) {
    while world.now() < monday(end) {
        world.service(&web(), |s| before(s, world.now()));
        sweep(world, fleet, &format!("sweep-{}", world.now())).await.unwrap();
        world.advance(60);
    }
}

/// What people heard of whether the tasks of a window are there.
pub(super) fn proofs(world: &World) -> Vec<Notice> {
    let about = |n: &Notice| matches!(n.kind, Kind::PrewarmLate | Kind::PrewarmComplete);
    world.messages().into_iter().filter(about).collect()
}

/// What the balancer says of healthy targets, as of some minutes ago.
pub(super) fn healthy_targets(service: &mut AwsService, targets: u32, at: Timestamp) {
    let load = Load { value: f64::from(targets), tasks: None, at };
    service.metrics.insert("HealthyHostCount".to_owned(), load);
}

/// A schedule with other keys.
pub(super) fn with(mut schedule: Value, keys: &[(&str, Value)]) -> Value {
    for (key, value) in keys {
        schedule[*key] = value.clone();
    }
    schedule
}

/// How long before its window a floor came.
pub(super) fn ahead(at: Option<Timestamp>, opens: &str) -> Option<Seconds> {
    at.map(|at| headroom_core::time::elapsed(at, monday(opens)))
}
