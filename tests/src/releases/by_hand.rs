//! What people do beside the watch: they take a proposal, or deploy something else.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use headroom_core::entry::Status;
use headroom_core::explain;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_core::rollback::{By, Came, End, Stage};
use headroom_pipeline::{
    Clock, Due, Journal, Keys, Loaded, PortError, Released, Write, Written, quarantined, release_quarantined,
};
use headroom_simulator::deploy::{Config, Strategy};
use headroom_simulator::ecs::Update;
use headroom_simulator::world::World;
use jiff::Timestamp;

use super::play::{Play, id, in_mode};

fn proposed(config: Option<Config>) -> Play {
    let mut play = Play::with(&[("web", 2_000)], |fleet| in_mode(fleet, Mode::Suggest));
    if let Some(config) = config {
        play.configure(config);
    }
    play.deploy("bad", 30.0);
    for _minute in 0..25 {
        play.minutes(1);
        if play.watches()[0].stage == Stage::Proposed {
            return play;
        }
    }
    panic!("never proposed: {:#?}", play.watches());
}

fn states(play: &Play) -> Vec<Came> {
    play.world().announced().into_iter().map(|event| event.state).collect()
}

#[test]
fn a_proposal_that_a_person_carries_out_is_followed_verified_and_quarantined() {
    let mut play = proposed(None);
    let good = Update { task_definition: Some("prod-eu-web:1".into()), ..Update::default() };
    play.world().update_service(0, good).unwrap();
    play.minutes(40);
    let watches = play.watches();
    assert_eq!(watches.len(), 1, "their deployment is the rollback, and not watched: {watches:#?}");
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert_eq!(watches[0].back.as_ref().map(|b| b.by), Some(By::Person));
    let entry = play.entries().into_iter().find(|e| e.watch.is_some()).unwrap();
    assert_eq!((entry.status, play.deployments().len()), (Status::Acted, 3));
    assert_eq!(states(&play), [Came::Begun, Came::Verified]);
    assert!(play.told(Kind::RollingBack)[0].title.contains("somebody is rolling back"), "{:?}", play.titles());
    let states = play.world().states().unwrap();
    let quarantined = &states.iter().find(|(service, _)| *service == id("web")).unwrap().1.quarantined;
    assert_eq!(quarantined.len(), 1);
    assert!(quarantined[0].reason.contains("% of"), "{quarantined:?}");
}

#[test]
fn a_proposal_whose_deployment_a_person_stops_is_followed_too() {
    let mut play = proposed(Some(Config { strategy: Strategy::BlueGreen { bake: 1_800 }, ..Config::default() }));
    let number = play.world().read(|all| all[0].deploys.history.back().unwrap().number);
    play.world().stop_deployment(0, number).unwrap();
    play.minutes(40);
    assert_eq!(play.deployments(), ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"]);
    assert!(matches!(play.end(), Some(End::Recovered { .. })), "{:?}", play.end());
    assert_eq!(states(&play), [Came::Begun, Came::Verified]);
}

#[test]
fn a_proposal_that_something_else_is_deployed_over_is_over() {
    let mut play = proposed(None);
    play.deploy("hotfix", 0.0);
    play.minutes(10);
    assert!(matches!(play.watches()[0].end, Some(End::Superseded { .. })), "{:?}", play.watches()[0].end);
    assert_eq!(play.runs(), "prod-eu-web:3");
    assert!(states(&play).is_empty());
}

#[test]
fn a_proposal_that_nobody_takes_stands_for_half_an_hour_and_no_longer() {
    let mut play = proposed(None);
    play.minutes(28);
    assert_eq!(play.watches()[0].stage, Stage::Proposed);
    play.minutes(4);
    assert_eq!(play.end(), Some(End::NotAccepted));
    assert_eq!((play.deployments().len(), states(&play).len()), (2, 0));
    assert_eq!(play.told(Kind::Suggested).len(), 1, "told once: {:?}", play.titles());
}

#[test]
fn a_release_from_quarantine_is_done_once_and_journaled_with_the_name_of_who_did_it() {
    let mut play = Play::new(2_000);
    play.deploy("bad", 8.0);
    play.minutes(30);
    let web = play.fleet.services.iter().find(|s| s.name == "web").unwrap().clone();
    let listed = ready(quarantined(play.world(), &id("web"))).unwrap();
    assert_eq!(listed.len(), 1);
    let name = listed[0].name().to_owned();
    let release = |by: &str| ready(release_quarantined(play.world(), &web, &name, by)).unwrap();
    let Released::Done(decision, out) = release("ana") else { panic!("not released") };
    assert_eq!(out, listed);
    assert_eq!(release("ben"), Released::NotThere);
    assert!(ready(quarantined(play.world(), &id("web"))).unwrap().is_empty());
    let entry = play.entries().into_iter().find(|e| e.decision == decision).unwrap();
    assert_eq!(entry.released.as_ref().map(|r| r.by.as_str()), Some("ana"));
    assert!(
        explain::long(&entry).contains("prod-eu-web:2 released from quarantine by ana"),
        "{}",
        explain::long(&entry)
    );
}

#[test]
fn a_release_that_somebody_writes_under_is_tried_again_and_never_half_done() {
    let mut play = Play::new(2_000);
    play.deploy("bad", 8.0);
    play.minutes(30);
    let web = play.fleet.services.iter().find(|s| s.name == "web").unwrap().clone();
    for (others, done) in [(5, false), (1, true)] {
        let ports = Interrupted { world: play.world(), left: Cell::new(others) };
        let released = ready(release_quarantined(&ports, &web, "prod-eu-web:2", "ana")).unwrap();
        assert_eq!(matches!(released, Released::Done(..)), done, "{released:?}");
        assert_eq!(ready(quarantined(play.world(), &id("web"))).unwrap().is_empty(), done);
        assert_eq!(play.entries().iter().any(|e| e.released.is_some()), done);
    }
}

/// The table, and somebody who bumps the state's generation before each of the next writes.
struct Interrupted<'w> {
    world: &'w World,
    left: Cell<u32>,
}

impl Clock for Interrupted<'_> {
    fn now(&self) -> Timestamp {
        self.world.now()
    }
}

impl Journal for Interrupted<'_> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.world.load(keys).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.world.due(now).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        if self.left.get() > 0 {
            self.left.set(self.left.get() - 1);
            let keys = Keys { service: Some(id("web")), ..Keys::default() };
            let state = self.world.load(&keys).await?.state;
            let other = Some((id("web"), state.service, state.generation));
            let other = Write { state: other, ..Write::default() };
            assert_eq!(self.world.write(&other).await?, Written::Done);
        }
        self.world.write(write).await
    }
}

/// Every call of this world is ready at once.
fn ready<T>(flow: impl Future<Output = T>) -> T {
    match pin!(flow).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("waits"),
    }
}
