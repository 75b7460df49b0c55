//! The lines of a service.

use headroom_core::id::ServiceId;

use super::file::Files;
use super::policy::{AlarmFile, Named, Watch};
use super::words::{duration, lengths, number, range, seconds, whole, with_unit, wrong};
use super::{around, load, policy};
use crate::load::{Load, Shape};
use crate::random::Lengths;
use crate::scaling::{PutScheduled, StepPolicy, Target};
use crate::service::{Dependency, Extra, Queue};
use crate::tasks::Life;

const WORDS: &str = "ecs, target_group, task, tasks, starts, healthy, drain, background, memory, elsewhere, timeout, \
                     bounds, suspend, track, step, schedule, alarm, noise, queue, dependency, manual, load, weekend, \
                     ramp, burst";

/// A target-tracking policy as written; its alarms need the resource id.
#[derive(Debug, Clone)]
pub struct TrackingFile {
    /// What it tracks.
    pub metric: Named,
    /// Its target.
    pub target: f64,
    /// Its cooldowns.
    pub cooldown: crate::scaling::Cooldown,
    /// Without `no-scale-in`.
    pub scale_in: bool,
}

/// The first and the last number of a service's copies.
pub(super) type Copies = (u32, u32);

/// A service as written.
#[derive(Debug, Clone)]
pub struct ServiceFile {
    /// Its name in the scenario.
    pub name: String,
    /// The first and last number of its copies.
    pub copies: Option<Copies>,
    /// Its name in AWS.
    pub id: ServiceId,
    /// Target group.
    pub target_group: String,
    /// The target group beside it.
    pub(super) alternate: Option<String>,
    /// vCPU and MiB of a task.
    pub task: (f64, f64),
    /// Tasks at the start.
    pub tasks: u32,
    /// How its tasks live.
    pub life: Life,
    /// vCPU without requests.
    pub background: f64,
    /// MiB without requests, and for each in flight.
    pub memory: (f64, f64),
    /// Seconds of a request that are not CPU.
    pub elsewhere: f64,
    /// Seconds.
    pub timeout: f64,
    /// The queue that it works off.
    pub queue: Option<Queue>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// Desired counts set by hand, by the second after the first midnight.
    pub manual: Vec<(i64, u32)>,
    /// Bounds, suspension.
    pub target: Target,
    /// Step-scaling policies, with what their alarms watch.
    pub steps: Vec<(StepPolicy, Watch)>,
    /// Scheduled actions.
    pub scheduled: Vec<PutScheduled>,
    /// Target-tracking policies.
    pub tracking: Vec<TrackingFile>,
    /// Alarms.
    pub alarms: Vec<AlarmFile>,
    /// Its load.
    pub load: Option<Load>,
    /// Standard deviation of its load, as a share.
    pub noise: f64,
}

impl ServiceFile {
    /// With every default: two tasks of 1 vCPU and 2 GiB that start in 40 to 60 s and are healthy 20 s later (two
    /// health checks of 10 s), drain for 30 s, and time out after the load balancer's 60 s.
    pub(super) fn new(name: &str) -> Self {
        let text = str::to_owned;
        let id = ServiceId {
            account: text("111111111111"),
            region: text("eu-west-1"),
            cluster: text("cluster"),
            service: text(name),
        };
        Self {
            name: text(name),
            copies: None,
            id,
            target_group: text(name),
            alternate: None,
            task: (1.0, 2_048.0),
            tasks: 2,
            life: Life { start: Lengths::Uniform { least: 40, most: 60 }, healthy_after: 20, drain: 30 },
            background: 0.0,
            memory: (512.0, 0.0),
            elsewhere: 0.0,
            timeout: 60.0,
            queue: None,
            dependencies: Vec::new(),
            manual: Vec::new(),
            target: Target::within(2, 10),
            steps: Vec::new(),
            scheduled: Vec::new(),
            tracking: Vec::new(),
            alarms: Vec::new(),
            load: None,
            noise: 0.0,
        }
    }

    /// Its copies, each with its number behind every name; itself when there are none.
    pub(super) fn copies(self) -> Vec<Self> {
        let Some((first, last)) = self.copies else { return vec![self] };
        let copy = |n: u32| {
            let mut copy = Self { copies: None, ..self.clone() };
            copy.alarms.iter_mut().for_each(|alarm| alarm.name.push_str(&n.to_string()));
            let names = [&mut copy.name, &mut copy.id.service, &mut copy.target_group];
            for name in names.into_iter().chain(copy.alternate.as_mut()) {
                name.push_str(&n.to_string());
            }
            copy
        };
        (first..=last).map(copy).collect()
    }

    /// A metric of a policy or an alarm that nothing here publishes.
    fn unknown_metric(&self) -> Option<String> {
        let alarms = self.alarms.iter().map(|a| &a.watch.metric);
        let policies = self.tracking.iter().map(|t| &t.metric).chain(self.steps.iter().map(|(_, w)| &w.metric));
        alarms.chain(policies).find_map(|metric| match metric {
            Named::Extra(Extra::QueueDepth | Extra::QueuePerWorker) if self.queue.is_none() => Some("queue".to_owned()),
            Named::Extra(Extra::DependencyCpu(name)) if self.dependencies.iter().all(|d| d.name != *name) => {
                Some(format!("dependency `{name}`"))
            }
            Named::Extra(_) | Named::Service(_) => None,
        })
    }

    /// What it cannot do without, or what contradicts itself.
    pub(super) fn missing(&self) -> Option<String> {
        let name = &self.name;
        match &self.load {
            None => return Some(format!("service `{name}` has no load, for example `load table`")),
            Some(Load { shape: Shape::Table(table), .. }) if table.rows.is_empty() => {
                return Some(format!("the load table of `{name}` has no row, for example `02:00 1700/min 134ms`"));
            }
            Some(_) => {}
        }
        if let Some(name) = self.unknown_metric() {
            return Some(format!("service `{}` has no {name}: a `queue` or `dependency` line makes it", self.name));
        }
        let Target { min, max, .. } = self.target;
        if min > max || !(min..=max).contains(&self.tasks) {
            return Some(format!("service `{name}`: tasks {} outside of bounds {min}..{max}", self.tasks));
        }
        let fits = self.background < self.task.0 && self.memory.0 <= self.task.1;
        (!fits).then(|| format!("service `{name}`: what it uses without requests is more than its task has"))
    }
}

/// Reads one line of a service.
pub(super) fn line(service: &mut ServiceFile, words: &[&str], line: &str, files: Files<'_>) -> Result<(), String> {
    match words {
        ["ecs", account, region, name] => {
            let (cluster, ecs) = name.split_once('/').ok_or_else(|| {
                wrong(name, "cluster/service", "ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web")
            })?;
            let text = |t: &str| t.to_owned();
            service.id =
                ServiceId { account: text(account), region: text(region), cluster: text(cluster), service: text(ecs) };
        }
        ["target_group", name] => service.target_group = (*name).to_owned(),
        ["target_group", name, "or", other] if name != other => {
            (service.target_group, service.alternate) = ((*name).to_owned(), Some((*other).to_owned()));
        }
        ["task", vcpu, "vcpu", memory, "GiB"] => service.task = (positive(vcpu)?, positive(memory)? * 1_024.0),
        ["tasks", count] => service.tasks = whole(count)?,
        ["starts", rest @ ..] => service.life.start = lengths(rest)?,
        ["healthy", after] => service.life.healthy_after = seconds(after)?,
        ["drain", length] => service.life.drain = seconds(length)?,
        ["background", vcpu, "vcpu"] => service.background = number(vcpu)?,
        ["memory", base, "MiB"] => service.memory = (number(base)?, 0.0),
        ["memory", base, "MiB", "+", each, "MiB/request"] => service.memory = (number(base)?, number(each)?),
        ["elsewhere", length] => service.elsewhere = duration(length)?,
        ["timeout", length] => service.timeout = duration(length)?,
        ["bounds", bounds] => (service.target.min, service.target.max) = range(bounds, whole)?,
        ["suspend", "in"] => service.target.suspended.scale_in = true,
        ["suspend", "out"] => service.target.suspended.scale_out = true,
        ["suspend", "scheduled"] => service.target.suspended.scheduled = true,
        ["track", rest @ ..] => service.tracking.push(policy::track(rest, line)?),
        ["step", rest @ ..] => service.steps.push(policy::step(rest, line)?),
        ["schedule", ..] => service.scheduled.push(policy::schedule(line, service.scheduled.len())?),
        ["alarm", rest @ ..] => service.alarms.push(policy::alarm(rest, line)?),
        ["noise", share] => service.noise = with_unit(share, "%", "noise 5%")? / 100.0,
        ["load", rest @ ..] => service.load = Some(load::load(rest, line, files)?),
        _ if around::line(service, words, line)? => {}
        _ if load::more(service.load.as_mut(), words)? => {}
        _ => return Err(wrong(line, &format!("one of {WORDS}"), "bounds 2..10")),
    }
    Ok(())
}

fn positive(text: &str) -> Result<f64, String> {
    number(text).ok().filter(|n| *n > 0.0).ok_or_else(|| wrong(text, "a number over 0", "2"))
}
