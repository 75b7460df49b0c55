//! From a scenario to a world at rest at its start.

use headroom_core::fleet::{Fleet, Metric};

use super::expect::Expectation;
use super::file::Scenario;
use super::service::ServiceFile;
use crate::load::Load;
use crate::random::Random;
use crate::report::Observer;
use crate::scaling::{Tracked, Tracking};
use crate::service::{Service, Spec};
use crate::tasks::{Account, Tasks};
use crate::world::World;

/// Streams of randomness of one service: starts and noise.
const STREAMS: u64 = 2;

/// A world, and who watches it.
#[derive(Debug)]
pub struct Built {
    /// The world.
    pub world: World,
    /// Headroom's fleet.
    pub fleet: Option<Fleet>,
    /// The observer, that expects nothing yet.
    pub observer: Observer,
    /// What is expected.
    pub expectations: Vec<Expectation>,
}

impl Scenario {
    /// Builds the world.
    ///
    /// # Errors
    /// Services, alarms and fleet do not fit together.
    pub fn build(self) -> Result<Built, String> {
        let alarms = self.alarms().into_iter().collect();
        let names: Vec<String> = self.services.iter().map(|s| s.name.clone()).collect();
        let (mut places, mut accounts) = (Vec::new(), Vec::new());
        let mut services = Vec::new();
        for (index, file) in self.services.iter().enumerate() {
            let place = (file.id.account.clone(), file.id.region.clone());
            let account = places.iter().position(|p| *p == place).unwrap_or_else(|| {
                places.push(place);
                accounts.push(self.account.clone());
                accounts.len() - 1
            });
            if let Some(limits) = accounts.get_mut(account) {
                services.push(service(file, index as u64 * STREAMS, (self.seed, self.start), account, limits)?);
            }
        }
        let world = World::new(self.start, self.delays, accounts, services);
        for (index, file) in self.services.into_iter().enumerate() {
            for alarm in file.alarms {
                world.add_alarm(index, alarm)?;
            }
        }
        if let Some(fleet) = &self.fleet {
            world.add_alarms_of(fleet)?;
        }
        let observer = Observer::new(self.title, self.start, self.days, self.seed, names, self.fleet.is_some());
        let observer = observer.counting(alarms);
        Ok(Built { world, fleet: self.fleet, observer, expectations: self.expectations })
    }
}

fn service(
    file: &ServiceFile,
    stream: u64,
    (seed, start): (u64, i64),
    account: usize,
    limits: &mut Account,
) -> Result<Service, String> {
    let spec = Spec {
        name: file.name.clone(),
        id: file.id.clone(),
        target_group: file.target_group.clone(),
        vcpu: file.task.0,
        memory_mib: file.task.1,
        background_vcpu: file.background,
        memory_base_mib: file.memory.0,
        memory_per_request_mib: file.memory.1,
        elsewhere: file.elsewhere,
        timeout: file.timeout,
    };
    let mut target = file.target.clone();
    for call in &file.scheduled {
        target.put_scheduled(call.clone(), start).map_err(|e| format!("service `{}`: {e}", file.name))?;
    }
    target.policies.tracking = file
        .tracking
        .iter()
        .map(|t| {
            // Named as FLEETS names them: `{env}-{service}-cpu-tracking-policy`.
            let short = if t.metric == Metric::RequestsPerTarget { "requests" } else { t.metric.name() };
            let name = format!("{}-{short}-tracking-policy", file.id.service);
            Tracking::new(&file.id.resource_id(), name, Tracked::Service(t.metric), t.target, t.scale_in)
                .with_cooldown(t.cooldown)
        })
        .collect();
    let tasks = Tasks::at_rest(file.tasks, file.life, spec.vcpu, Random::new(seed, stream), limits);
    let load = file.load.clone().map(|load| Load { noise: file.noise, ..load });
    // A scenario without a load was refused when it was read; an empty table is no load at all.
    let load = load.unwrap_or(Load {
        shape: crate::load::Shape::Table(crate::load::Table { rows: Vec::new(), linear: false }),
        noise: 0.0,
    });
    Ok(Service::new(spec, load, tasks, target, account, Random::new(seed, stream + 1)))
}
