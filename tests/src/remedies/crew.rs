//! A night whose alarm wakes another remedy than `scale-out`.

use headroom_core::fleet::{Action, Fleet, Mode};
use headroom_core::seen::TaskSeen;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Handled, on_alarm};
use jiff::Timestamp;

use crate::fleets::{FIRES, at, cpu_alarm};
use crate::scene::night;
use crate::world::World;

/// The night with this action behind `cpu-high`.
pub(crate) fn with(action: Action) -> (Fleet, World) {
    let (mut fleet, world) = night();
    let remedy = &mut fleet.services[0].remedies[0];
    remedy.action = action;
    remedy.sizing = None;
    (fleet, world)
}

pub(super) fn with_mode(action: Action, mode: Mode) -> (Fleet, World) {
    let (mut fleet, world) = with(action);
    fleet.services[0].remedies[0].mode = mode;
    (fleet, world)
}

/// The alarm fires, as often as it is called with another second.
pub(crate) async fn fires(fleet: &Fleet, world: &World, later: i64) -> Handled {
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES + later), 95.0);
    on_alarm(world, fleet, &event, &format!("event-{later}")).await.unwrap()
}

/// A task that runs since an hour.
pub(crate) fn task(n: u32, change: impl FnOnce(&mut TaskSeen)) -> TaskSeen {
    let mut task = TaskSeen {
        arn: format!("arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/{n}"),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        unhealthy: false,
        out_of_memory: false,
        protected: false,
        created: Some(since(3_600)),
    };
    change(&mut task);
    task
}

/// So many seconds before the alarm fired.
pub(super) fn since(seconds: i64) -> Timestamp {
    at(FIRES - seconds)
}
