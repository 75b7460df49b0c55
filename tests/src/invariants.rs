//! Any sequence of alarms, people, loads, failures and minutes: the invariants hold throughout, and when the
//! load is gone everything is back.

use headroom_core::capacity::Change;
use headroom_core::fleet::Mode;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{on_alarm, sweep};
use proptest::prelude::*;

use crate::fleets::{FIRES, alarm, at, langfuse_web, web};
use crate::world::{Fault, World};

const CEILING: u32 = 15;

#[derive(Debug, Clone)]
enum Happens {
    Load(f64),
    Silence,
    Fires(bool),
    Quiet(bool),
    Again,
    PersonMin(u32),
    PersonMax(u32),
    PersonDesired(u32),
    Fault(u32, usize),
    Minutes(u8),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        3 => (5.0..200.0_f64).prop_map(Happens::Load),
        1 => Just(Happens::Silence),
        4 => any::<bool>().prop_map(Happens::Fires),
        3 => any::<bool>().prop_map(Happens::Quiet),
        2 => Just(Happens::Again),
        1 => (0..9_u32).prop_map(Happens::PersonMin),
        1 => (9..25_u32).prop_map(Happens::PersonMax),
        1 => (0..25_u32).prop_map(Happens::PersonDesired),
        3 => (1..12_u32, 0..4_usize).prop_map(|(c, f)| Happens::Fault(c, f)),
        5 => (1..20_u8).prop_map(Happens::Minutes),
    ]
}

struct Life {
    world: World,
    clock: i64,
    last: Option<headroom_core::signal::AlarmEvent>,
    cpu: Option<f64>,
    /// The lowest min and the highest max that a person or the start has set.
    person_max: u32,
}

impl Life {
    async fn guarded<T>(&self, flow: impl Future<Output = T>) {
        tokio::select! {
            biased;
            _ = flow => {}
            () = self.world.died() => {}
        }
    }

    fn pass(&mut self, seconds: i64) {
        self.clock += seconds;
        self.world.set_now(at(self.clock));
        self.world.service(&web(), |s| s.running = s.desired);
        if let Some(cpu) = self.cpu {
            self.world.metric(&web(), "CPUUtilization", cpu, Some(self.world.aws(&web()).running));
            self.world.metric(&web(), "TargetResponseTime", cpu / 40.0, None);
        }
    }

    async fn event(&mut self, cpu: bool, state: AlarmState) {
        let fleet = langfuse_web();
        self.pass(1);
        let (remedy, threshold) = if cpu { ("cpu-high", 85.0) } else { ("slow", 2.0) };
        let event = alarm(remedy, state, at(self.clock), 95.0, threshold);
        self.world.alarm(&event.name, state);
        let owner = format!("event-{}", self.clock);
        self.guarded(on_alarm(&self.world, &fleet, &event, &owner)).await;
        self.last = Some(event);
    }

    async fn happen(&mut self, what: &Happens) {
        let fleet = langfuse_web();
        match what {
            Happens::Load(cpu) => self.cpu = Some(*cpu),
            Happens::Silence => self.cpu = None,
            Happens::Fires(cpu) => self.event(*cpu, AlarmState::Alarm).await,
            Happens::Quiet(cpu) => self.event(*cpu, AlarmState::Ok).await,
            Happens::Again => {
                if let Some(event) = self.last.clone() {
                    self.guarded(on_alarm(&self.world, &fleet, &event, &format!("again-{}", self.clock))).await;
                }
            }
            Happens::PersonMin(min) => self.world.service(&web(), |s| {
                s.min = (*min).min(s.max);
                s.desired = s.desired.max(s.min);
            }),
            Happens::PersonMax(max) => {
                self.person_max = self.person_max.max(*max);
                self.world.service(&web(), |s| {
                    s.max = (*max).max(s.min);
                    s.desired = s.desired.min(s.max);
                });
            }
            Happens::PersonDesired(desired) => self.world.service(&web(), |s| s.desired = *desired),
            Happens::Fault(call, fault) => self.world.fail_at(*call, Fault::ALL[*fault]),
            Happens::Minutes(minutes) => {
                for _ in 0..*minutes {
                    self.pass(60);
                    self.guarded(sweep(&self.world, &fleet, &format!("sweep-{}", self.clock))).await;
                }
            }
        }
    }

    /// Invariants 1 and 4 at each call: what was written fits what was there.
    fn check(&self, from: usize, before: &crate::world::AwsService) {
        for change in &self.world.mutations()[from..] {
            match change {
                Change::Min { to, .. } => assert!(*to <= CEILING.max(before.min), "min {to} past the ceiling"),
                Change::Max { to, .. } => {
                    assert!(*to <= CEILING.max(self.person_max), "max {to}");
                    assert!(*to >= before.desired, "max {to} lowered below desired {}", before.desired);
                }
                Change::Desired { .. } | Change::Suspend { .. } => panic!("nothing here does this"),
            }
        }
    }
}

fn block_on<F: Future>(flow: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(flow)
}

async fn live(story: &[Happens]) {
    let world = World::new(at(FIRES), None).with_service(&web(), 2, 10);
    let mut life = Life { world, clock: FIRES, last: None, cpu: Some(50.0), person_max: 10 };
    for what in story {
        let (calls, before) = (life.world.mutations().len(), life.world.aws(&web()));
        life.happen(what).await;
        life.check(calls, &before);
    }
    // The load goes, nobody interferes any more: within a day everything is back where people left it.
    life.world.heal();
    life.cpu = Some(1.0);
    life.world.service(&web(), |s| s.desired = s.desired.clamp(s.min, s.max));
    for remedy in ["cpu-high", "slow"] {
        life.world.alarm(&format!("prod-eu-web-{remedy}"), AlarmState::Ok);
    }
    for _ in 0..300 {
        life.happen(&Happens::Minutes(1)).await;
        life.world.service(&web(), |s| s.desired = s.desired.clamp(s.min, s.max));
    }
    let state = life.world.state(&web()).service;
    assert_eq!(state.live().count(), 0, "no lease outlives its load: {state:?}");
    assert!(state.kept.is_none(), "restored and verified: {:?}", state.kept);
    assert!(life.world.with_status(headroom_core::entry::Status::Planned).is_empty());
    let base = life.world.aws(&web());
    let calls = life.world.mutations().len();
    life.happen(&Happens::Minutes(5)).await;
    assert_eq!((life.world.aws(&web()).min, life.world.mutations().len()), (base.min, calls), "at rest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_bounds_stay_within_and_come_back(story in prop::collection::vec(happens(), 1..30)) {
        block_on(live(&story));
    }

    #[test]
    fn observe_mode_begins_no_mutation(story in prop::collection::vec(happens(), 1..30)) {
        block_on(async {
            let mut fleet = langfuse_web();
            for remedy in &mut fleet.services[0].remedies {
                remedy.mode = Mode::Observe;
            }
            let world = World::new(at(FIRES), None).with_service(&web(), 2, 10);
            let mut clock = FIRES;
            for what in &story {
                clock += 61;
                world.set_now(at(clock));
                match what {
                    Happens::Load(cpu) => world.metric(&web(), "CPUUtilization", *cpu, Some(2)),
                    Happens::Fires(_) | Happens::Quiet(_) => {
                        let state = if matches!(what, Happens::Fires(_)) { AlarmState::Alarm } else { AlarmState::Ok };
                        let event = alarm("cpu-high", state, at(clock), 95.0, 85.0);
                        world.alarm(&event.name, state);
                        on_alarm(&world, &fleet, &event, &clock.to_string()).await.unwrap();
                    }
                    Happens::Silence | Happens::Again | Happens::PersonMin(_) | Happens::PersonMax(_)
                    | Happens::PersonDesired(_) | Happens::Fault(..) | Happens::Minutes(_) => {
                        sweep(&world, &fleet, &clock.to_string()).await.unwrap();
                    }
                }
            }
            assert_eq!(world.mutations(), []);
        });
    }
}

#[test]
fn semantics_24_limits_hold_whatever_the_number_of_alarms() {
    block_on(async {
        let fleet = langfuse_web();
        let world = World::new(at(FIRES), None).with_service(&web(), 2, 10);
        for n in 0..40 {
            // Each change is undone by hand, so that the next alarm finds room again, all within one hour.
            world.set_now(at(FIRES + n * 10 + 1));
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            let event = alarm("cpu-high", AlarmState::Alarm, at(FIRES + n * 10), 95.0, 85.0);
            world.alarm(&event.name, AlarmState::Alarm);
            let mut restless = fleet.clone();
            restless.services[0].remedies[0].cooldown = headroom_core::time::Seconds(0);
            on_alarm(&world, &restless, &event, &n.to_string()).await.unwrap();
            world.service(&web(), |s| {
                s.min = 2;
                s.desired = 2;
            });
        }
        let limit = usize::try_from(fleet.limits.changes_per_hour_service).unwrap();
        let changes = world.mutations().len();
        assert!((1..=limit).contains(&changes), "{changes} changes");
        let pages = world.messages().iter().filter(|m| m.kind == headroom_core::notice::Kind::LimitReached).count();
        assert!(pages <= 1, "{pages} pages");
    });
}
