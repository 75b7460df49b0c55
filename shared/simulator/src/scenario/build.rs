//! From a scenario to a world at rest at its start.

use headroom_core::fleet::{Fleet, Metric};

use super::expect::Expectation;
use super::file::Scenario;
use super::policy::{AlarmFile, Named};
use super::service::ServiceFile;
use crate::cloudwatch::{Alarm, Statistic};
use crate::load::{Load, Shape, Table};
use crate::random::Random;
use crate::report::Observer;
use crate::scaling::{PolicyAlarm, PutTracking, Refused, StepPolicy, Tracked};
use crate::service::{Extra, Service, Spec};
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
                add(&world, index, alarm)?;
            }
        }
        if let Some(fleet) = &self.fleet {
            world.add_alarms_of(fleet)?;
            // Headroom hears of them as it does in AWS; without it nobody would.
            world.add_policy_alarms()?;
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
    let tasks = Tasks::at_rest(file.tasks, file.life, spec.vcpu, Random::new(seed, stream), limits);
    let load = file.load.clone().map(|mut load| {
        if let Shape::Generator(generator) = &mut load.shape {
            generator.start = start;
        }
        Load { noise: file.noise, ..load }
    });
    // A scenario without a load was refused when it was read; an empty table is no load at all.
    let nothing = Load { shape: Shape::Table(Table { rows: Vec::new(), linear: false }), noise: 0.0 };
    let load = load.unwrap_or(nothing);
    let mut service = Service::new(spec, load, tasks, target, account, Random::new(seed, stream + 1));
    service.queue.clone_from(&file.queue);
    service.deploys.alternate.clone_from(&file.alternate);
    service.dependencies.clone_from(&file.dependencies);
    service.manual.clone_from(&file.manual);
    let running = |watch: &Named| *watch == Named::Extra(Extra::RunningTasks);
    service.insights = file.alarms.iter().any(|a| running(&a.watch.metric))
        || file.steps.iter().any(|(_, watch)| running(&watch.metric))
        || file.tracking.iter().any(|t| running(&t.metric));
    policies(&mut service, file).map_err(|e| format!("service `{}`: {e}", file.name))?;
    Ok(service)
}

fn policies(service: &mut Service, file: &ServiceFile) -> Result<(), Refused> {
    let tracked = |service: &Service, metric: &Named| match metric {
        Named::Service(metric) => Tracked::Service(*metric),
        Named::Extra(extra) => Tracked::Custom(service.key(extra), Statistic::Average),
    };
    for t in &file.tracking {
        // Named as FLEETS names them: `{env}-{service}-cpu-tracking-policy`.
        let name = format!("{}-{}-tracking-policy", file.id.service, t.metric.short());
        let tracked = tracked(service, &t.metric);
        let (target, cooldown, scale_in) = (t.target, t.cooldown, t.scale_in);
        let call = PutTracking { name, tracked, target, cooldown, scale_in };
        service.target.put_tracking(&file.id.resource_id(), call)?;
    }
    for (policy, watch) in &file.steps {
        let name = format!("{}-{}-alarm", file.id.service, policy.name);
        let tracked = tracked(service, &watch.metric);
        let alarm = PolicyAlarm::new(name, &tracked, watch.compare, watch.threshold, (watch.m, watch.n));
        service.target.put_step(StepPolicy { alarm: Some(alarm), ..policy.clone() })?;
    }
    Ok(())
}

fn add(world: &World, index: usize, file: AlarmFile) -> Result<(), String> {
    let AlarmFile { name, watch, period, missing } = file;
    let (metric, key) = match watch.metric {
        Named::Service(metric) => (metric, None),
        // The key says what is watched; the metric does not matter then.
        Named::Extra(extra) => (Metric::Cpu, world.key_of(index, &extra)),
    };
    let alarm = Alarm::all_of(name, metric, watch.compare, watch.threshold, watch.n);
    world.add_alarm_on(index, Alarm { m: watch.m, missing, ..alarm }, key, period)
}
