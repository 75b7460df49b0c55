//! A call that fails, or a process that dies, at every call of a rollback: at most one rollback, and always its end.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use headroom_core::fleet::Fleet;
use headroom_core::notice::Kind;
use headroom_core::rollback::{By, End, Watch};
use headroom_pipeline::{Clock, Journal, Keys, on_deployment, watch_pass};
use headroom_simulator::deploy::{Breaker, Config, DeploymentAlarms, Lifecycle, Pause, Strategy};
use headroom_simulator::tasks::Ending;
use headroom_simulator::world::World;

use super::faulty::Faulty;
use super::play::{Play, id};
use super::size::{TRACKED, busy};
use crate::world::Fault;

/// Every call of this world is ready at once: what is not died.
fn until_death<T>(flow: impl Future<Output = T>) -> Option<T> {
    match pin!(flow).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

struct Outcome {
    calls: u32,
    deployments: Vec<&'static str>,
    runs: String,
    watches: Vec<Watch>,
    rolling_back: usize,
    untold: usize,
    /// Ids of the events on the bus, each once.
    announced: Vec<String>,
    /// Floors of the leases in the state, with what is due of them.
    floors: Vec<(Option<u32>, bool)>,
}

/// A bad deployment as it is when the numbers condemn it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Found {
    /// Rolled out and over.
    Ended,
    /// Rolled out, and its alarms are still watched.
    OnItsWay,
    /// Blue/green, and a PAUSE hook waits for an answer.
    Paused,
}

impl Found {
    fn config(self) -> Config {
        match self {
            Self::Ended => Config::default(),
            Self::OnItsWay => {
                let alarms = DeploymentAlarms { names: vec!["nobody-fires-this".into()], rollback: true };
                Config { alarms: Some(alarms), percent_max: 125, ..Config::default() }
            }
            Self::Paused => {
                let pauses = vec![Pause::at(Lifecycle::PostProductionTrafficShift)];
                Config { strategy: Strategy::BlueGreen { bake: 60 }, pauses, ..Config::default() }
            }
        }
    }

    /// What ECS's history may be in the end: one way back, whichever.
    fn histories(self) -> Vec<Vec<&'static str>> {
        let (updated, stopped) = (vec!["SUCCESSFUL"; 3], vec!["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"]);
        match self {
            Self::Ended => vec![updated],
            // A minute that is lost may find the deployment at its end: then by the other way, and once all the same.
            Self::OnItsWay => vec![stopped, updated],
            Self::Paused => vec![stopped],
        }
    }
}

/// What goes wrong.
#[derive(Clone, Copy)]
struct Trouble {
    /// At this call, counted from 1; 0: at none.
    at: u32,
    fault: Fault,
    silent: bool,
    blind: bool,
    conflicts: u32,
    meanwhile: Option<fn(&World)>,
}

const NONE: Trouble =
    Trouble { at: 0, fault: Fault::Fails, silent: false, blind: false, conflicts: 0, meanwhile: None };

/// A bad deployment, and half an hour of minutes; the event comes again until it is handled, as Lambda brings it.
fn run(found: Found, trouble: Trouble) -> Outcome {
    run_with(found.config(), trouble)
}

fn run_with(config: Config, trouble: Trouble) -> Outcome {
    let mut play = Play::without_headroom_of(&busy(TRACKED));
    let fleet: Fleet = play.fleet.clone();
    play.configure(config);
    play.deploy("bad", 30.0);
    let (calls, conflicts) = (Cell::new(0), Cell::new(trouble.conflicts));
    let meanwhile = Cell::new(trouble.meanwhile);
    let mut heard = false;
    for _minute in 0..30 {
        play.seconds(60);
        let Trouble { at, fault, silent, blind, .. } = trouble;
        let (world, calls, conflicts, meanwhile) = (play.world(), &calls, &conflicts, &meanwhile);
        let ports = Faulty { world, calls, at, fault, silent, blind, conflicts, meanwhile };
        if !heard {
            let woken = until_death(on_deployment(&ports, &fleet, &id("web")));
            heard = matches!(woken, Some(Ok(_)));
        }
        let _passed = until_death(watch_pass(&ports, &fleet));
    }
    play.hear();
    let mut keys: Vec<String> = play.told(Kind::RollingBack).iter().map(|n| n.dedup_key()).collect();
    keys.dedup();
    let mut announced: Vec<String> = play.world().announced().into_iter().map(|event| event.id).collect();
    announced.dedup();
    let state = Keys { service: Some(id("web")), ..Keys::default() };
    let state = until_death(play.world().load(&state)).unwrap().unwrap().state.service;
    let now = play.world().now();
    Outcome {
        floors: state.live().map(|lease| (lease.floor, lease.renew_at <= now)).collect(),
        calls: calls.get(),
        deployments: play.deployments(),
        runs: play.runs(),
        watches: play.watches(),
        rolling_back: keys.len(),
        untold: play.entries().iter().map(|entry| entry.outbox.len() + entry.events.len()).sum(),
        announced,
    }
}

#[test]
fn a_topic_that_takes_nothing_stops_no_rollback_and_everything_stays_in_the_outbox() {
    let outcome = run(Found::Ended, Trouble { silent: true, ..NONE });
    assert_eq!(outcome.deployments, ["SUCCESSFUL"; 3], "{:#?}", outcome.watches);
    assert!(matches!(outcome.watches[0].end, Some(End::Recovered { .. })), "{:?}", outcome.watches[0].end);
    assert_eq!(outcome.rolling_back, 0);
    assert_eq!(outcome.untold, 4, "that it began, and how it ended, to people and to CI");
    assert!(outcome.announced.is_empty());
}

#[test]
fn semantics_10_a_conflict_sends_nothing_is_looked_at_again_and_tried_twice_at_most() {
    for found in [Found::Ended, Found::OnItsWay, Found::Paused] {
        let once = run(found, Trouble { conflicts: 1, ..NONE });
        assert_eq!(once.runs, "prod-eu-web:1", "{:#?}", once.watches);
        assert!(matches!(once.watches[0].end, Some(End::Recovered { .. })), "{:?}", once.watches[0].end);
        assert_eq!(once.rolling_back, 1);
        let twice = run(found, Trouble { conflicts: 2, ..NONE });
        assert_eq!((twice.runs.as_str(), twice.rolling_back), ("prod-eu-web:2", 0), "{:#?}", twice.watches);
        assert!(twice.announced.is_empty(), "nothing has begun: {:?}", twice.announced);
    }
}

/// Everything was read, and the call goes out: now the circuit breaker trips.
#[test]
fn semantics_10_a_circuit_breaker_that_trips_between_our_read_and_our_call_is_one_rollback() {
    fn trips(world: &World) {
        let killed = world.kill_tasks(0, u32::MAX, &Ending::Exited).unwrap();
        assert!(killed >= 3, "{killed}");
        let status = world.read(|all| all[0].deploys.history.back().unwrap().status);
        assert_eq!(status.name(), "ROLLBACK_IN_PROGRESS", "the scene: the breaker was faster");
    }
    let config = Config { breaker: Some(Breaker { rollback: true }), ..Found::OnItsWay.config() };
    for conflicts in [0, 1] {
        // ECS accepts the call while it goes back; our own reading right before it may find that, too.
        let outcome = run_with(config.clone(), Trouble { meanwhile: Some(trips), conflicts, ..NONE });
        assert_eq!(outcome.deployments, ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], "{:#?}", outcome.watches);
        let by = outcome.watches[0].back.as_ref().map(|back| back.by);
        assert_eq!(by, Some(if conflicts == 0 { By::Headroom } else { By::Ecs }));
        assert!(matches!(outcome.watches[0].end, Some(End::Recovered { .. })), "{:?}", outcome.watches[0].end);
        assert_eq!(outcome.rolling_back, 1);
    }
}

#[test]
fn semantics_30_missing_errors_of_the_siblings_roll_nothing_back_and_people_are_told() {
    let outcome = run(Found::Ended, Trouble { blind: true, ..NONE });
    assert_eq!(outcome.deployments, ["SUCCESSFUL"; 2], "{:#?}", outcome.watches);
    let held = outcome.watches[0].held.clone().unwrap_or_default();
    assert!(held.starts_with("unseen"), "{held}");
    assert_eq!(outcome.watches[0].told, ["unseen"], "once");
}

#[test]
fn a_rollback_that_breaks_at_any_call_is_made_once_and_ends() {
    for found in [Found::Ended, Found::OnItsWay, Found::Paused] {
        let calls = run(found, NONE).calls;
        assert!(calls > 20, "{calls}");
        let mut unfloored = 0;
        for fault in Fault::ALL {
            for at in 1..=calls {
                let what = format!("{fault:?} at call {at} of {calls}, {found:?}");
                let outcome = run(found, Trouble { at, fault, ..NONE });
                let (seen, watches) = (&outcome.deployments, &outcome.watches);
                assert!(found.histories().contains(seen), "{what}: {seen:?} {watches:#?}");
                assert_eq!(outcome.runs, "prod-eu-web:1", "{what}");
                assert_eq!(outcome.watches.len(), 1, "{what}");
                let end = outcome.watches[0].end.clone();
                assert!(matches!(end, Some(End::Recovered { .. })), "{what}: {end:?}");
                assert_eq!(outcome.rolling_back, 1, "{what}: one notice, however often");
                let heard: Vec<&str> = outcome.announced.iter().filter_map(|id| id.split('/').nth(1)).collect();
                assert_eq!(heard, ["begun", "verified"], "{what}: each at least once, in order");
                // One lease, written with the plan or not at all, and looked at once the errors are gone.
                let floor = outcome.watches[0].floor;
                let floors: Vec<_> = floor.map(|tasks| (Some(tasks), true)).into_iter().collect();
                assert_eq!(outcome.floors, floors, "{what}");
                unfloored += u32::from(floor.is_none());
            }
        }
        assert!((1..=2).contains(&unfloored), "only where capacity itself was not read: {unfloored}");
    }
}
