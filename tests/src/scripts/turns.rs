//! The turns: each changes one thing of a scene in which a remedy acts, so that it does not.

use headroom_core::capacity::{Bounds, Kept, Lease, Misses};
use headroom_core::control::Pause;
use headroom_core::decide::Guard;
use headroom_core::fleet::{Action, Dependency, Freeze, Watch, When, WhileHigh};
use headroom_core::notice::Severity;
use headroom_core::quota::VcpuQuota;
use headroom_core::remedy::Sick;
use headroom_core::seen::{AlarmSeen, Load, NeedSeen, PolicySeen, Reading, TaskSeen};
use headroom_core::signal::{AlarmState, Mute, SICK_TASK, SickTask};

use super::scene::{Scene, acts, policy, well};
use crate::fleets::{FIRES, at, web};

/// The event of a task in the place of the alarm's.
fn woken_by_task(scene: &mut Scene, n: u32) {
    let task = well(n).arn;
    scene.fleet.services[0].remedies[0].when = When::Event { event: SICK_TASK.to_owned() };
    scene.event.arn = task;
    scene.event.name = n.to_string();
    scene.event.metric = None;
    scene.event.datapoints.clear();
    scene.event.task = Some(SickTask { version: 5, service: web(), sick: Sick::Unhealthy });
}

/// One change of a scene, and what it gives.
pub(super) struct Turn {
    /// The name of the wait or refusal.
    pub(super) gives: &'static str,
    /// The guard that stops, when it is one.
    pub(super) stops: Option<Guard>,
    /// The remedies that it is played for; every one that has the guard when it is empty.
    only: &'static [Action],
    pub(super) change: fn(&mut Scene),
}

impl Turn {
    /// Whether it is played for a remedy.
    pub(super) fn concerns(&self, action: Action) -> bool {
        let asked = self.stops.is_none_or(|guard| action.guards().contains(&guard));
        asked && (self.only.is_empty() || self.only.contains(&action))
    }
}

const fn at_guard(gives: &'static str, guard: Guard, change: fn(&mut Scene)) -> Turn {
    Turn { gives, stops: Some(guard), only: &[], change }
}

const fn for_some(gives: &'static str, stops: Option<Guard>, only: &'static [Action], change: fn(&mut Scene)) -> Turn {
    Turn { gives, stops, only, change }
}

/// Every turn, in the order of the guards.
pub(super) const TURNS: [Turn; 46] = [
    for_some("not-firing", None, &[], |s| s.event.state = AlarmState::Ok),
    for_some("not-an-edge", None, &[], |s| s.event.previous = Some(AlarmState::Alarm)),
    at_guard("stale-event", Guard::Fresh, |s| s.now = at(FIRES + 301)),
    at_guard("comes-again", Guard::Fresh, |s| s.event.again = Some("replayed from an archive".into())),
    at_guard("stopped", Guard::NotStopped, |s| s.control.stopped = true),
    at_guard("paused", Guard::NotPaused, |s| {
        s.control.pauses = vec![Pause { service: Some("web".into()), remedy: None, until: None, by: "ana".into() }];
    }),
    at_guard("muted", Guard::NotMuted, |s| s.event.mute = Some(Mute { by: "m".into(), until: None })),
    at_guard("frozen", Guard::NotFrozen, |s| {
        s.fleet.freezes = vec![Freeze {
            name: "black-friday".into(),
            line: 3,
            environments: vec!["prod-eu".into()],
            from: at(FIRES - 60),
            until: at(FIRES + 3_600),
        }];
    }),
    at_guard("superseded", Guard::New, |s| {
        let grant = acts(Action::ScaleOut).decide(None).decision.grant().cloned().expect("a grant");
        let lease = Lease { as_of: at(FIRES + 9), ..grant.lease };
        s.state.service.newest.insert(lease.source, lease.as_of);
    }),
    at_guard("storm", Guard::Storm, |s| s.cases = 10),
    at_guard("storm", Guard::Storm, |s| (s.later, s.beside) = (true, 10)),
    at_guard("cooldown", Guard::Cooldown, |s| {
        s.state.service.cooldowns.insert("cpu-high".into(), at(FIRES + 60));
    }),
    at_guard("limit-reached", Guard::Limits, |s| s.used = (6, 6)),
    at_guard("limit-reached", Guard::Limits, |s| s.used = (0, 20)),
    at_guard("circuit-breaker", Guard::Breaker, |s| {
        s.state.service.did_not_help.insert("cpu-high".into(), Misses { times: 3, at: at(FIRES - 60) });
    }),
    for_some(
        "unseen",
        None,
        &[Action::ScaleOut, Action::SuspendScaleIn, Action::RaiseMax, Action::ForceNewDeployment, Action::StopTask],
        |s| s.seen.service = Reading::Unreadable("throttled".into()),
    ),
    for_some("no-scalable-target", None, &[Action::SuspendScaleIn, Action::RaiseMax], |s| {
        s.seen.target = Reading::Absent;
    }),
    for_some("daemon", None, &[Action::ScaleOut], |s| {
        s.seen.target = Reading::Absent;
        s.service(|x| x.daemon = true);
    }),
    at_guard("not-firing", Guard::Firing, |s| {
        s.seen.alarm = Reading::Known(AlarmSeen { state: AlarmState::Ok, actions_enabled: true });
    }),
    at_guard("actions-disabled", Guard::Firing, |s| {
        s.seen.alarm = Reading::Known(AlarmSeen { state: AlarmState::Alarm, actions_enabled: false });
    }),
    for_some("unseen", Some(Guard::Firing), &[Action::ForceNewDeployment, Action::StopTask], |s| {
        s.seen.alarm = Reading::Unreadable("throttled".into());
    }),
    at_guard("metric-missing", Guard::Firing, |s| {
        s.later = true;
        s.seen.alarm = Reading::Unreadable("throttled".into());
    }),
    at_guard("metric-missing", Guard::Reading, |s| {
        s.seen.load = Reading::Absent;
        s.event.datapoints.clear();
        // A metric of its own, which does not answer.
        s.later = true;
    }),
    at_guard("no-longer-breaching", Guard::Reading, |s| {
        s.later = true;
        s.seen.load = Reading::Known(Load { value: 80.0, tasks: Some(2), at: at(FIRES) });
    }),
    at_guard("native-first", Guard::NativeFirst, |s| {
        s.seen.policies = Reading::Known(vec![policy("ECSServiceAverageCPUUtilization")]);
    }),
    at_guard("nothing-scales-in", Guard::NativeFirst, |s| {
        s.seen.policies = Reading::Known(vec![PolicySeen { scales_in: false, ..policy("ALBRequestCountPerTarget") }]);
    }),
    at_guard("dependency-high", Guard::Dependencies, |s| {
        let alarm = "prod-eu-redis-cpu";
        s.fleet.dependencies = vec![Dependency {
            environment: "prod-eu".into(),
            name: "redis".into(),
            line: 70,
            watch: Watch::Alarm { alarm: alarm.into() },
            while_high: vec![WhileHigh::NoScaleOut],
            severity: Severity::Warn,
            connections: None,
        }];
        s.fleet.services[0].depends_on = vec!["redis".into()];
        s.seen.needs = vec![NeedSeen {
            name: "redis".into(),
            load: Reading::Unreadable("not asked".into()),
            alarm: Reading::Known(AlarmSeen { state: AlarmState::Alarm, actions_enabled: true }),
        }];
    }),
    at_guard("deployment-running", Guard::Deployment, |s| s.service(|x| x.deployments_in_progress = 2)),
    at_guard("capacity-held-by-person", Guard::Drift, |s| s.service(|x| x.desired = 20)),
    at_guard("drift", Guard::Drift, |s| {
        let found = Bounds { min: 4, max: 10, scale_in_suspended: false };
        s.state.service.kept = Some(Kept { min_written: Some(at(FIRES)), ..Kept::at(found) });
        s.service(|x| x.desired = x.desired.max(4));
        s.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(4), at: at(FIRES) });
    }),
    for_some("already-coming", Some(Guard::Room), &[Action::ScaleOut], |s| s.service(|x| x.desired = 5)),
    for_some("no-room", Some(Guard::Room), &[Action::ScaleOut], |s| s.target(|x| x.max = 2)),
    for_some("no-room", Some(Guard::Room), &[Action::RaiseMax], |s| s.fleet.services[0].capacity.ceiling = 10),
    for_some("nothing-runs", Some(Guard::Room), &[Action::ScaleOut], |s| {
        s.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(0), at: at(FIRES) });
    }),
    for_some("not-at-max", Some(Guard::Room), &[Action::RaiseMax], |s| s.service(|x| x.desired = 8)),
    for_some("already-suspended", Some(Guard::Room), &[Action::SuspendScaleIn], |s| {
        s.target(|x| x.suspended.scale_in = true);
    }),
    at_guard("vcpu-quota", Guard::Quota, |s| s.seen.quota = Reading::Known(VcpuQuota { used: 199.0, limit: 200.0 })),
    at_guard("cost-limit", Guard::Cost, |s| s.spent = 499_800),
    for_some("nothing-runs", Some(Guard::Subject), &[Action::ForceNewDeployment], |s| {
        s.service(|x| (x.desired, x.running) = (0, 0));
    }),
    for_some("unseen", Some(Guard::Subject), &[Action::ForceNewDeployment], |s| s.service(|x| x.primary = None)),
    for_some("nothing-sick", Some(Guard::Subject), &[Action::StopTask], |s| {
        s.seen.tasks = Reading::Known((1..=5).map(well).collect());
    }),
    for_some("many-sick", Some(Guard::Subject), &[Action::StopTask], |s| {
        s.seen.tasks = Reading::Known((1..=4).map(|n| TaskSeen { unhealthy: n < 3, ..well(n) }).collect());
    }),
    for_some("task-protected", Some(Guard::Subject), &[Action::StopTask], |s| {
        s.seen.tasks =
            Reading::Known((1..=5).map(|n| TaskSeen { unhealthy: n == 3, protected: n == 3, ..well(n) }).collect());
    }),
    // Another task than the one that the event named is sick: it has an event of its own.
    for_some("nothing-sick", Some(Guard::Subject), &[Action::StopTask], |s| woken_by_task(s, 4)),
    for_some("task-protected", Some(Guard::Subject), &[Action::StopTask], |s| {
        woken_by_task(s, 3);
        let tasks = (1..=9).map(|n| TaskSeen { unhealthy: n == 3 || n == 4, protected: n == 3, ..well(n) });
        s.seen.tasks = Reading::Known(tasks.collect());
    }),
    for_some("unseen", Some(Guard::Subject), &[Action::StopTask], |s| {
        s.seen.tasks = Reading::Unreadable("throttled".into());
    }),
];
