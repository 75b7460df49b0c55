//! Each refusal and each wait is reached by an event, and says its name.

use std::collections::BTreeSet;

use headroom_core::capacity::{Grant, State};
use headroom_core::control::{Control, Pause};
use headroom_core::decide::{Context, Decision, Guard, Judgement, decide, match_alarm};
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::CaseKey;
use headroom_core::seen::{AlarmSeen, Load, PolicySeen, Primary, Reading, Seen, ServiceSeen, Suspended, TargetSeen};
use headroom_core::signal::{AlarmEvent, AlarmState, Mute};
use jiff::Timestamp;

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web};

struct Scene {
    fleet: Fleet,
    event: AlarmEvent,
    state: State,
    seen: Seen,
    used: (u32, u32),
    control: Control,
    cases: u32,
    later: bool,
    now: Timestamp,
}

fn scene() -> Scene {
    Scene {
        fleet: langfuse_web(),
        event: cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0),
        state: State::default(),
        seen: Seen {
            service: Reading::Known(ServiceSeen {
                arn: "arn".into(),
                created_at: None,
                desired: 2,
                running: 2,
                deployments_in_progress: 1,
                daemon: false,
                primary: Some(Primary { id: "ecs-svc/1".into(), task_definition: "td/web:41".into() }),
            }),
            target: Reading::Known(TargetSeen { min: 2, max: 10, suspended: Suspended::default(), by_desired: false }),
            policies: Reading::Known(vec![policy("ALBRequestCountPerTarget")]),
            load: Reading::Known(Load { value: 95.0, tasks: Some(2), at: at(FIRES - 60) }),
            alarm: Reading::Known(AlarmSeen { state: AlarmState::Alarm, actions_enabled: true }),
            scheduled: Vec::new(),
            tasks: Reading::Known(Vec::new()),
        },
        used: (0, 0),
        control: Control::default(),
        cases: 0,
        later: false,
        now: at(FIRES + 1),
    }
}

fn policy(tracks: &str) -> PolicySeen {
    PolicySeen { name: "p".into(), tracks: Some(tracks.into()), target: Some(70.0), scales_in: true }
}

impl Scene {
    fn decide(&self) -> Judgement {
        let matched = match_alarm(&self.fleet, &self.event).unwrap();
        let key = CaseKey("k".into());
        let context = Context {
            fleet: &self.fleet,
            service: matched.service,
            remedy: matched.remedy,
            event: &self.event,
            key: &key,
            later: self.later,
            state: &self.state,
            control: &self.control,
            used: self.used,
            cases: self.cases,
            now: self.now,
        };
        decide(&context, &self.seen)
    }

    fn service(&mut self, change: impl FnOnce(&mut ServiceSeen)) {
        if let Reading::Known(service) = &mut self.seen.service {
            change(service);
        }
    }
}

fn granted(judgement: &Judgement) -> Grant {
    judgement.decision.grant().cloned().expect("a grant")
}

fn name(judgement: &Judgement) -> &'static str {
    match &judgement.decision {
        Decision::Act(_) => "act",
        Decision::Wait { why, .. } => why.name(),
        Decision::Refuse(why) => why.name(),
    }
}

/// Turns a scene in which Headroom acts into one in which it does not.
type Turn = fn(&mut Scene);

const TURNS: [(&str, Turn); 23] = [
    ("not-firing", |s| s.event.state = AlarmState::Ok),
    ("not-an-edge", |s| s.event.previous = Some(AlarmState::Alarm)),
    ("not-in-this-release", |s| s.fleet.services[0].remedies[0].action = Action::Rollback),
    ("stale-event", |s| s.now = at(FIRES + 301)),
    ("stopped", |s| s.control.stopped = true),
    ("paused", |s| {
        s.control.pauses = vec![Pause { service: Some("web".into()), remedy: None, until: None, by: "ana".into() }];
    }),
    ("muted", |s| s.event.mute = Some(Mute { by: "m".into(), until: None })),
    ("superseded", |s| {
        let grant = granted(&scene().decide());
        let lease = headroom_core::capacity::Lease { as_of: at(FIRES + 9), ..grant.lease };
        s.state.service.leases.insert(lease.source.clone(), lease);
    }),
    ("cooldown", |s| {
        s.state.service.cooldowns.insert("cpu-high".into(), at(FIRES + 60));
    }),
    ("limit-reached", |s| s.used = (6, 6)),
    ("circuit-breaker", |s| {
        let misses = headroom_core::capacity::Misses { times: 3, at: at(FIRES - 60) };
        s.state.service.did_not_help.insert("cpu-high".into(), misses);
    }),
    ("actions-disabled", |s| {
        s.seen.alarm = Reading::Known(AlarmSeen { state: AlarmState::Alarm, actions_enabled: false });
    }),
    ("metric-missing", |s| {
        s.seen.load = Reading::Absent;
        s.event.datapoints.clear();
    }),
    ("no-longer-breaching", |s| {
        s.later = true;
        s.seen.load = Reading::Known(Load { value: 80.0, tasks: Some(2), at: at(FIRES) });
    }),
    ("native-first", |s| {
        s.seen.policies = Reading::Known(vec![policy("ECSServiceAverageCPUUtilization")]);
    }),
    ("nothing-scales-in", |s| {
        s.seen.policies = Reading::Known(vec![PolicySeen { scales_in: false, ..policy("ALBRequestCountPerTarget") }]);
    }),
    ("capacity-held-by-person", |s| s.service(|x| x.desired = 20)),
    ("drift", |s| {
        let found = headroom_core::capacity::Bounds { min: 4, max: 10, scale_in_suspended: false };
        s.state.service.kept = Some(headroom_core::capacity::Kept::at(found));
        s.state.service.kept.as_mut().unwrap().min_written = Some(at(FIRES));
        s.service(|x| x.desired = 4);
        s.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(4), at: at(FIRES) });
    }),
    ("already-coming", |s| s.service(|x| x.desired = 5)),
    ("no-room", |s| {
        s.seen.target =
            Reading::Known(TargetSeen { min: 2, max: 2, suspended: Suspended::default(), by_desired: false });
    }),
    ("nothing-runs", |s| s.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(0), at: at(FIRES) })),
    ("no-scalable-target", |s| {
        s.seen.target = Reading::Absent;
        s.fleet.services[0].remedies[0].action = Action::RaiseMax;
    }),
    ("daemon", |s| {
        s.seen.target = Reading::Absent;
        s.service(|x| x.daemon = true);
    }),
];

#[test]
fn the_night_itself_acts_with_every_guard_asked_in_its_order() {
    let judgement = scene().decide();
    assert_eq!(name(&judgement), "act");
    let asked: Vec<Guard> = judgement.guards.iter().map(|a| a.guard).collect();
    assert_eq!(asked, Action::ScaleOut.guards());
    assert!(judgement.guards.iter().all(|a| a.passed));
    assert_eq!(judgement.need.map(|n| n.to_string()).as_deref(), Some("ceil(2 x 95.0 / 70) = 3"));
}

#[test]
fn each_way_of_not_acting_is_reached_and_says_its_name() {
    for (expected, turn) in TURNS {
        let mut scene = scene();
        turn(&mut scene);
        assert_eq!(name(&scene.decide()), expected);
    }
    let names: BTreeSet<_> = TURNS.iter().map(|(n, _)| *n).collect();
    assert_eq!(names.len(), TURNS.len());
}

#[test]
fn every_guard_stops_something() {
    let stopped: BTreeSet<Guard> = TURNS
        .iter()
        .filter_map(|(_, turn)| {
            let mut scene = scene();
            turn(&mut scene);
            scene.decide().guards.last().filter(|a| !a.passed).map(|a| a.guard)
        })
        .collect();
    let idle: Vec<Guard> = Action::ScaleOut.guards().iter().copied().filter(|g| !stopped.contains(g)).collect();
    assert_eq!(idle, [], "no scene reaches these");
}

#[test]
fn an_unreadable_service_is_never_a_number() {
    let mut scene = scene();
    scene.seen.service = Reading::Unreadable("throttled".into());
    assert_eq!(name(&scene.decide()), "unseen");
}

#[test]
fn the_count_of_the_datapoints_own_minute_is_used_when_tasks_came_since() {
    let mut scene = scene();
    scene.service(|s| (s.desired, s.running) = (2, 2));
    scene.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(2), at: at(FIRES - 60) });
    scene.service(|s| (s.desired, s.running) = (3, 3));
    assert_eq!(name(&scene.decide()), "already-coming", "95 % was on 2 tasks: 3 are enough");
}

#[test]
fn a_lease_never_adds_more_than_add_max() {
    let mut scene = scene();
    scene.fleet.services[0].remedies[0].add_max = 1;
    scene.seen.load = Reading::Known(Load { value: 400.0, tasks: Some(2), at: at(FIRES - 60) });
    let grant = granted(&scene.decide());
    assert_eq!(grant.lease.floor, Some(3));
}

#[test]
fn a_source_that_fires_again_within_an_hour_keeps_its_lease_twice_as_long() {
    let mut scene = scene();
    let first = granted(&scene.decide());
    let mut old = first.lease.clone();
    old.ended = Some((at(FIRES - 600), headroom_core::capacity::Ended::LoadGone));
    old.as_of = at(FIRES - 4_000);
    scene.state.service.leases.insert(old.source.clone(), old);
    let again = granted(&scene.decide());
    assert_eq!((first.lease.patience, again.lease.patience), (1, 2));
    assert!(again.lease.until > first.lease.until);
}
