//! A call that fails, or a process that dies, at every call of a rollback: at most one rollback, and always its end.

use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use headroom_core::capacity::Change;
use headroom_core::fleet::Fleet;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{Kind, Notice};
use headroom_core::remedy::Disrupts;
use headroom_core::rollback::{
    BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen, End, RollbackEvent, Watch,
};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Releases, Retry, Write, Written,
    on_deployment, watch_pass,
};
use headroom_simulator::deploy::{Config, DeploymentAlarms};
use headroom_simulator::world::World;
use jiff::Timestamp;

use super::play::{Play, id};
use super::size::{TRACKED, busy};
use crate::world::Fault;

/// The world behind a connection that breaks at one call.
struct Faulty<'w> {
    world: &'w World,
    calls: &'w Cell<u32>,
    at: u32,
    fault: Fault,
    /// The topic takes nothing.
    silent: bool,
    /// CloudWatch answers nothing about other target groups.
    blind: bool,
    /// So many calls that take back find somebody else's hand there first.
    conflicts: &'w Cell<u32>,
}

impl Faulty<'_> {
    async fn call<T>(&self, place: &str, done: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() != self.at {
            return done.await;
        }
        let failed = || PortError { place: place.to_owned(), cause: "broken".to_owned(), retry: Retry::Unknown };
        match self.fault {
            Fault::Fails => Err(failed()),
            Fault::EffectThenFails => done.await.and(Err(failed())),
            Fault::Dies => pending().await,
            Fault::EffectThenDies => {
                let _effect = done.await;
                pending().await
            }
        }
    }
}

impl Clock for Faulty<'_> {
    fn now(&self) -> Timestamp {
        self.world.now()
    }
}

impl Ask for Faulty<'_> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.call("ask", self.world.ask(questions)).await
    }
}

impl Journal for Faulty<'_> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.call("load", self.world.load(keys)).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.call("due", self.world.due(now)).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.call("write", self.world.write(write)).await
    }
}

impl Act for Faulty<'_> {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.call("apply", self.world.apply(permit, service, change)).await
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.call("disrupt", self.world.disrupt(permit, service, what)).await
    }
}

impl Notify for Faulty<'_> {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        if self.silent {
            let (place, cause) = ("sns Publish".to_owned(), "KMSAccessDenied".to_owned());
            return Err(PortError { place, cause, retry: Retry::Never });
        }
        self.call("publish", self.world.publish(notice)).await
    }
}

impl Releases for Faulty<'_> {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        self.call("deployments", self.world.deployments(question)).await
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        let seen = self.call("back", self.world.back(question)).await?;
        let siblings = if self.blind { Reading::Unreadable("InternalError".into()) } else { seen.siblings.clone() };
        Ok(BackSeen { siblings, ..seen })
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.call("watches", self.world.watches(now)).await
    }

    async fn roll_back(&self, permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        if self.conflicts.get() > 0 {
            self.conflicts.set(self.conflicts.get() - 1);
            return Ok(Disrupted::Conflict {
                expected: "IN_PROGRESS".to_owned(),
                found: "ConflictException".to_owned(),
            });
        }
        self.call("roll_back", self.world.roll_back(permit, service, call)).await
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        if self.silent {
            let (place, cause) = ("events PutEvents".to_owned(), "AccessDenied".to_owned());
            return Err(PortError { place, cause, retry: Retry::Never });
        }
        self.call("announce", self.world.announce(event)).await
    }
}

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

/// A bad deployment, and half an hour of minutes; the event comes again until it is handled, as Lambda brings it.
fn run(stop: bool, at: u32, fault: Fault) -> Outcome {
    run_with(stop, at, fault, (false, false), 0)
}

fn run_with(stop: bool, at: u32, fault: Fault, (silent, blind): (bool, bool), conflicts: u32) -> Outcome {
    let mut play = Play::without_headroom_of(&busy(TRACKED));
    let fleet: Fleet = play.fleet.clone();
    if stop {
        let alarms = DeploymentAlarms { names: vec!["nobody-fires-this".into()], rollback: true };
        play.configure(Config { alarms: Some(alarms), percent_max: 125, ..Config::default() });
    }
    play.deploy("bad", 30.0);
    let (calls, conflicts) = (Cell::new(0), Cell::new(conflicts));
    let mut heard = false;
    for _minute in 0..30 {
        play.seconds(60);
        let ports = Faulty { world: play.world(), calls: &calls, at, fault, silent, blind, conflicts: &conflicts };
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
    let outcome = run_with(false, 0, Fault::Fails, (true, false), 0);
    assert_eq!(outcome.deployments, ["SUCCESSFUL"; 3], "{:#?}", outcome.watches);
    assert!(matches!(outcome.watches[0].end, Some(End::Recovered { .. })), "{:?}", outcome.watches[0].end);
    assert_eq!(outcome.rolling_back, 0);
    assert_eq!(outcome.untold, 4, "that it began, and how it ended, to people and to CI");
    assert!(outcome.announced.is_empty());
}

#[test]
fn semantics_10_a_conflict_sends_nothing_is_looked_at_again_and_tried_twice_at_most() {
    for stop in [false, true] {
        let once = run_with(stop, 0, Fault::Fails, (false, false), 1);
        assert_eq!(once.runs, "prod-eu-web:1", "{:#?}", once.watches);
        assert!(matches!(once.watches[0].end, Some(End::Recovered { .. })), "{:?}", once.watches[0].end);
        assert_eq!(once.rolling_back, 1);
        let twice = run_with(stop, 0, Fault::Fails, (false, false), 2);
        assert_eq!((twice.runs.as_str(), twice.rolling_back), ("prod-eu-web:2", 0), "{:#?}", twice.watches);
        assert!(twice.announced.is_empty(), "nothing has begun: {:?}", twice.announced);
    }
}

#[test]
fn semantics_30_missing_errors_of_the_siblings_roll_nothing_back_and_people_are_told() {
    let outcome = run_with(false, 0, Fault::Fails, (false, true), 0);
    assert_eq!(outcome.deployments, ["SUCCESSFUL"; 2], "{:#?}", outcome.watches);
    let held = outcome.watches[0].held.clone().unwrap_or_default();
    assert!(held.starts_with("unseen"), "{held}");
    assert_eq!(outcome.watches[0].told, ["unseen"], "once");
}

#[test]
fn a_rollback_that_breaks_at_any_call_is_made_once_and_ends() {
    let (updated, stopped) = (vec!["SUCCESSFUL"; 3], vec!["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"]);
    for (stop, deployments) in [(false, vec![updated.clone()]), (true, vec![stopped, updated])] {
        let calls = run(stop, 0, Fault::Fails).calls;
        assert!(calls > 20, "{calls}");
        let mut unfloored = 0;
        for fault in Fault::ALL {
            for at in 1..=calls {
                let what = format!("{fault:?} at call {at} of {calls}, stop: {stop}");
                let outcome = run(stop, at, fault);
                // A minute that is lost may find the deployment at its end: then by the other way, and once all the same.
                assert!(
                    deployments.contains(&outcome.deployments),
                    "{what}: {:?} {:#?}",
                    outcome.deployments,
                    outcome.watches
                );
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
