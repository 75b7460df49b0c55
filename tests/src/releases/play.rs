//! A world with one or more services, Headroom in it, and what people see afterwards.

use headroom_core::entry::Entry;
use headroom_core::fleet::{self, Action, Fleet, Mode};
use headroom_core::id::ServiceId;
use headroom_core::notice::{Kind, Notice};
use headroom_core::rollback::{End, Watch};
use headroom_simulator::deploy::{Config, Release, digest_of};
use headroom_simulator::ecs::Update;
use headroom_simulator::run::Live;
use headroom_simulator::scenario;
use headroom_simulator::world::World;

/// A service of so many requests a minute, at rest with four tasks; each cluster has a balancer of its own.
pub(super) fn service_in(cluster: &str, name: &str, requests: u32) -> String {
    format!(
        "service {name}
  ecs 222222222222 eu-west-1 {cluster}/prod-eu-{name}
  target_group prod-eu-{name}
  task 2 vcpu 4 GiB
  tasks 4
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
  load table
    00:00 {requests}/min 10ms
"
    )
}

pub(crate) struct Play {
    pub(crate) live: Live,
    pub(crate) fleet: Fleet,
    told: Vec<Notice>,
}

impl Play {
    /// `web` alone behind its balancer, an hour old, and the langfuse fleet file in mode act.
    pub(crate) fn new(requests: u32) -> Self {
        Self::with(&[("web", requests)], |_| {})
    }

    /// `web` as these lines have it; Headroom is called by the test.
    pub(crate) fn without_headroom_of(text: &str) -> Self {
        let mut play = Self::read(text, |_| {}, false);
        play.minutes(35);
        play
    }

    pub(crate) fn with(services: &[(&str, u32)], change: impl FnOnce(&mut Fleet)) -> Self {
        let mut play = Self::made(services, change, true);
        play.minutes(60);
        play
    }

    /// `web` as these lines have it, after so many minutes.
    pub(crate) fn of(text: &str, minutes: i64, change: impl FnOnce(&mut Fleet)) -> Self {
        let mut play = Self::read(text, change, true);
        play.minutes(minutes);
        play
    }

    fn made(services: &[(&str, u32)], change: impl FnOnce(&mut Fleet), headroom: bool) -> Self {
        let text: String =
            services.iter().map(|(name, requests)| service_in("prod-eu-cluster", name, *requests)).collect();
        Self::read(&text, change, headroom)
    }

    fn read(text: &str, change: impl FnOnce(&mut Fleet), headroom: bool) -> Self {
        let text = format!("scenario releases\nstart 2026-11-23T00:00:00Z\ndays 1\n{text}");
        let world = scenario::read(&text, &|path| Err(path.to_owned())).unwrap().build().unwrap().world;
        let mut fleet = fleet();
        change(&mut fleet);
        world.add_alarms_of(&fleet).unwrap();
        Self { live: Live::new(world, headroom.then(|| fleet.clone())), fleet, told: Vec::new() }
    }

    pub(crate) fn world(&self) -> &World {
        &self.live.world
    }

    pub(crate) fn minutes(&mut self, minutes: i64) {
        self.seconds(minutes * 60);
    }

    pub(crate) fn seconds(&mut self, seconds: i64) {
        let to = self.live.world.seconds() + seconds;
        self.live.advance(to, &mut |_, _| {}).unwrap();
        self.hear();
    }

    /// Takes the notices published since.
    pub(crate) fn hear(&mut self) {
        self.told.extend(self.live.world.take_notices().into_iter().map(|(_, notice)| notice));
    }

    /// Deploys an image to `web` under a tag of its own.
    pub(crate) fn deploy(&mut self, name: &str, errors_percent: f64) {
        self.deploy_release(name, Release { errors_percent, ..Release::sound(&digest_of(name)) });
    }

    pub(crate) fn deploy_release(&mut self, name: &str, release: Release) {
        self.deploy_to("web", name, release);
    }

    pub(crate) fn deploy_to(&mut self, service: &str, name: &str, release: Release) {
        let world = self.world();
        let tag = format!("prod-eu-{service}:{name}");
        world.push_image(&tag, release);
        let task_definition = world.register_task_definition(&format!("prod-eu-{service}"), &tag).unwrap();
        let index = world.index_of(&id(service)).unwrap();
        let update = Update { task_definition: Some(task_definition), ..Update::default() };
        world.update_service(index, update).unwrap();
    }

    /// The release that runs begins to fail, without a deployment.
    pub(crate) fn spoil(&mut self, errors_percent: f64) {
        self.world().change(0, |service, _, _| {
            service.deploys.revisions.iter_mut().for_each(|r| r.release.errors_percent = errors_percent);
        });
    }

    pub(crate) fn configure(&mut self, config: Config) {
        let update = Update { config: Some(config), ..Update::default() };
        self.world().update_service(0, update).unwrap();
    }

    /// Status of every deployment of `web`, oldest first.
    pub(crate) fn deployments(&self) -> Vec<&'static str> {
        self.world().read(|all| all[0].deploys.history.iter().map(|d| d.status.name()).collect())
    }

    /// The image that new tasks of `web` have.
    pub(crate) fn runs(&self) -> String {
        self.world().read(|all| all[0].deploys.revisions[all[0].deploys.primary].task_definition.clone())
    }

    /// Min of the scalable target of `web`, and its desired count.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.world().read(|all| (all[0].target.min, all[0].tasks.desired))
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.world().entries().unwrap()
    }

    pub(crate) fn watches(&self) -> Vec<Watch> {
        let mut found: Vec<Watch> = self.entries().into_iter().filter_map(|e| e.watch).map(|w| *w).collect();
        found.sort_by_key(|w| w.created_at);
        found
    }

    /// How the newest watch ended.
    pub(crate) fn end(&self) -> Option<End> {
        self.watches().pop().and_then(|w| w.end)
    }

    pub(crate) fn told(&self, kind: Kind) -> Vec<&Notice> {
        self.told.iter().filter(|n| n.kind == kind).collect()
    }

    pub(crate) fn titles(&self) -> Vec<&str> {
        self.told.iter().map(|n| n.title.as_str()).collect()
    }
}

pub(crate) fn id(service: &str) -> ServiceId {
    ServiceId {
        account: "222222222222".into(),
        region: "eu-west-1".into(),
        cluster: "prod-eu-cluster".into(),
        service: format!("prod-eu-{service}"),
    }
}

/// The langfuse fleet in mode act, with nothing but its rollback.
fn fleet() -> Fleet {
    let text = include_str!("../../../examples/langfuse/headroom.yaml");
    let mut fleet = fleet::parse(text, "examples/langfuse/headroom.yaml").unwrap();
    fleet.services.retain(|s| s.environment == "prod-eu");
    for service in &mut fleet.services {
        let own: Vec<_> = service.remedies.iter().filter(|r| r.action == Action::Rollback).cloned().collect();
        service.remedies = own.into();
    }
    fleet
}

/// Every rollback remedy in another mode.
pub(crate) fn in_mode(fleet: &mut Fleet, mode: Mode) {
    for service in &mut fleet.services {
        let remedies: Vec<_> = service.remedies.iter().cloned().map(|r| fleet::Remedy { mode, ..r }).collect();
        service.remedies = remedies.into();
    }
}
