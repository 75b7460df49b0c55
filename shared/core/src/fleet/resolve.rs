//! From what the file says to one entry per service and environment: precedence, templates, modes.

use std::collections::BTreeMap;

use super::advice::{self, About};
use super::capacity::Bounds;
use super::compiled::{
    Action, COMPILED_VERSION, Environment, Fleet, Limits, Mode, Remedy, Scaling, Service, Sizing, When,
};
use super::dependency::Dependency;
use super::environment::EnvironmentFile;
use super::file::FleetFile;
use super::layer::Layer;
use super::node::Place;
use super::problem::{Findings, Note, NoteKind};
use super::remedy::{RemedyFile, SizeFile};
use super::service::ServiceFile;
use super::template::{AlarmName, Template, Values};
use super::when::WhenFile;
use super::{cost, scaling, switch, ties};
use crate::signal::SICK_TASK;

/// ECS takes cluster and service names up to this length.
const ECS_NAME_MAX: usize = 255;
/// Elastic Load Balancing takes target group names up to this length.
const TARGET_GROUP_NAME_MAX: usize = 32;

/// The compiled form.
pub(crate) fn fleet(file: &FleetFile, services: Vec<Service>, source: &str) -> Fleet {
    let limits = file.limits.resolve();
    Fleet {
        version: COMPILED_VERSION,
        fleet: file.fleet.clone(),
        source: source.to_owned(),
        environments: file.environments.list.iter().map(|e| environment(e, file.mode)).collect(),
        services,
        schedules: file.schedules.iter().map(|s| s.schedule.clone()).collect(),
        freezes: file.freezes.clone(),
        dependencies: dependencies(file),
        alerts: file.alerts.clone(),
        limits: Limits {
            event_age_max: limits.event_age_max,
            changes_per_hour_service: limits.changes_service,
            changes_per_hour_environment: limits.changes_environment,
            rollbacks_per_day_service: limits.rollbacks_service,
            rollbacks_per_day_environment: limits.rollbacks_environment,
            added_cost_per_day_usd: limits.added_cost_usd,
        },
        channels: file.channels.clone(),
        routes: file.routes.clone(),
        switches: file.switches.iter().map(|at| at.value.clone()).collect(),
        costs: file.costs.iter().map(|at| at.value.clone()).collect(),
    }
}

/// Every dependency of every environment, in rollout order, then in the order of the file.
fn dependencies(file: &FleetFile) -> Vec<Dependency> {
    let of = |e: &EnvironmentFile| file.dependencies.iter().map(|d| d.resolve(&e.name)).collect::<Vec<_>>();
    file.environments.list.iter().flat_map(of).collect()
}

fn environment(file: &EnvironmentFile, fleet: Mode) -> Environment {
    Environment {
        name: file.name.clone(),
        account: file.account.clone(),
        region: file.region.clone(),
        mode: file.mode(fleet),
        timezone: file.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
        redact: file.redact,
        soak: file.soak,
    }
}

/// Every service of every environment, in rollout order, then in the order of the file.
pub(crate) fn services(file: &FleetFile, f: &mut Findings) -> Vec<Service> {
    let mut all: Vec<Service> = Vec::new();
    let mut resources: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for environment in &file.environments.list {
        for service in &file.services {
            let Some(resolved) = Resolving { file, environment, service }.service(f) else { continue };
            let resource = (resolved.account.clone(), resolved.region.clone(), resolved.resource_id());
            if let Some(other) = resources.insert(resource, resolved.label()) {
                let found = format!("{} and {other} are both {}", resolved.label(), resolved.resource_id());
                let expected = "another ECS service for each: a template with `{environment}` and `{name}`";
                f.problem(&service.place, found, expected, "service: \"{environment}-{name}\"");
            }
            all.push(resolved);
        }
    }
    switch::check(&file.switches, &all, &file.environments.list, f);
    cost::check(&file.costs, &all, f);
    advice::fleet(file, &all, f);
    all
}

/// One service of one environment on its way.
struct Resolving<'r> {
    file: &'r FleetFile,
    environment: &'r EnvironmentFile,
    service: &'r ServiceFile,
}

impl Resolving<'_> {
    fn service(&self, f: &mut Findings) -> Option<Service> {
        let mut layer = self.file.defaults.clone();
        layer.apply(&self.environment.layer);
        layer.apply(&self.service.layer);
        if let Some(inside) = self.service.layer_in(&self.environment.name) {
            layer.apply(inside);
        }
        let label = format!("{}/{}", self.environment.name, self.service.name);
        let bounds = layer.capacity.resolve(&label, &self.service.place, f);
        let names = self.names(&layer, &label, f);
        let mode = layer.mode.unwrap_or(self.file.mode);
        let (bounds, (cluster, service, target_group)) = (bounds?, names?);
        let scaling = if bounds.fixed { layer.scaling.resolve_untracked() } else { layer.scaling.resolve() };
        let remedies = self.remedies(&layer, &bounds, &scaling, mode, f);
        let service = Service {
            environment: self.environment.name.clone(),
            name: self.service.name.clone(),
            account: self.environment.account.clone(),
            region: self.environment.region.clone(),
            cluster,
            service,
            target_group,
            mode,
            task: layer.task.resolve(),
            capacity: bounds.capacity,
            scaling,
            depends_on: layer.depends_on.iter().flatten().map(|name| name.value.clone()).collect(),
            remedies: remedies.into(),
        };
        ties::refuse(&service, &self.file.remedies.list, f);
        advice::service(About { service: &service, file: self.service, layer: &layer }, f);
        Some(service)
    }

    /// Names of cluster, service and target group in AWS.
    fn names(&self, layer: &Layer, label: &str, f: &mut Findings) -> Option<(String, String, Option<String>)> {
        let mut values = Values { environment: &self.environment.name, name: &self.service.name, service: "" };
        let service = layer.service.as_ref().map_or_else(|| Template::name().fill(values), |t| t.value.fill(values));
        let Some(cluster) = &layer.cluster else {
            let expected = "the ECS cluster, here or in `defaults`";
            if f.problems.iter().all(|p| !p.path.ends_with("cluster")) {
                let example = "defaults: { cluster: \"{environment}-cluster\" }";
                f.problem(&self.service.place, format!("no `cluster` for {label}"), expected, example);
            }
            return None;
        };
        let cluster_name = cluster.value.fill(values);
        values.service = &service;
        let target_group = layer.target_group.as_ref().map(|t| (t.value.fill(values), &t.place));
        let place = layer.service.as_ref().map_or(&self.service.place, |t| &t.place);
        let short = [
            short_enough(&cluster_name, ECS_NAME_MAX, &cluster.place, f),
            short_enough(&service, ECS_NAME_MAX, place, f),
            target_group.as_ref().is_none_or(|(name, at)| short_enough(name, TARGET_GROUP_NAME_MAX, at, f)),
        ];
        let target_group = target_group.map(|(name, _)| name);
        short.into_iter().all(|ok| ok).then_some((cluster_name, service, target_group))
    }

    /// The remedies that stay, in the order in which the file defines them.
    fn remedies(&self, layer: &Layer, bounds: &Bounds, scaling: &Scaling, mode: Mode, f: &mut Findings) -> Vec<Remedy> {
        let stays =
            |r: &&RemedyFile| layer.remedies.as_ref().is_none_or(|names| names.iter().any(|n| n.value == r.name));
        let mut all = Vec::new();
        for remedy in self.file.remedies.list.iter().filter(stays) {
            if bounds.fixed && needs_scalable_target(remedy.action) {
                let text = format!(
                    "{}: `{}` left out, as a service with `capacity.fixed` has no scalable target to raise",
                    self.service.name, remedy.name
                );
                f.note_once(NoteKind::LeftOut, &self.service.place, text);
                continue;
            }
            all.extend(self.remedy(remedy, scaling, mode, f));
        }
        all
    }

    fn remedy(&self, file: &RemedyFile, scaling: &Scaling, mode: Mode, f: &mut Findings) -> Option<Remedy> {
        let sizing = match file.size {
            Some(SizeFile::Add(tasks)) => Some(Sizing::Add { tasks }),
            Some(SizeFile::Ratio(metric)) => {
                let Some(target) = scaling::target(scaling, metric) else {
                    self.no_target(file, metric.name(), scaling::target_example(metric), f);
                    return None;
                };
                Some(Sizing::Ratio { target })
            }
            None => None,
        };
        let times = file.timing.resolve();
        Some(Remedy {
            name: file.name.clone(),
            line: file.place.line,
            when: match &file.when {
                WhenFile::Metric { metric, above, lasting } => {
                    When::Metric { metric: *metric, above: *above, lasting: *lasting }
                }
                WhenFile::Alarm(template) => When::Alarm { alarm: AlarmName(template.clone()) },
                WhenFile::Contributor(template) => When::Contributor { alarm: AlarmName(template.clone()) },
                WhenFile::Event(event) => When::Event { event: (*event).to_owned() },
            },
            action: file.action,
            mode: file.mode.map_or(mode, |own| own.min(mode)),
            sizing,
            add_max: file.add_max,
            wake: file.wake,
            gives_back_desired: file.gives_back_desired,
            native_first: times.native_first,
            lease: times.lease,
            release_delay: times.release_delay,
            cooldown: times.cooldown,
            hard_end: times.hard_end,
            rollback: file.rollback,
        })
    }

    /// A target that could not be read was reported where it stands.
    fn no_target(&self, remedy: &RemedyFile, metric: &str, example: &str, f: &mut Findings) {
        if f.problems.iter().any(|p| p.path.ends_with(&format!("scaling.{metric}"))) {
            return;
        }
        let name = &self.service.name;
        let found = format!("no `scaling.{metric}` for {}/{name}", self.environment.name);
        let expected = format!("a target for `size: ratio` of remedy `{}`, here or in `defaults`", remedy.name);
        f.problem(&self.service.place, found, &expected, &format!("{name}: {{ {example} }}"));
    }
}

/// What this release cannot do yet is said before somebody relies on it.
pub(crate) fn notes(file: &FleetFile, f: &mut Findings) -> Vec<Note> {
    for remedy in &file.remedies.list {
        let unwoken = matches!(remedy.when, WhenFile::Event(event) if event != SICK_TASK);
        if unwoken && remedy.action != Action::RaiseMax {
            let text = format!("`do: {}` is recorded, nothing is done", remedy.action.name());
            f.note(NoteKind::NotYet, &remedy.place, text);
        }
    }
    let mut notes = std::mem::take(&mut f.notes);
    notes.sort_by_key(|n| n.line);
    notes
}

/// Whether an action moves the bounds of a scalable target.
fn needs_scalable_target(action: Action) -> bool {
    match action {
        Action::ScaleOut | Action::SuspendScaleIn | Action::RaiseMax => true,
        Action::ForceNewDeployment | Action::StopTask | Action::Rollback | Action::NotifyOnly => false,
    }
}

fn short_enough(name: &str, most: usize, place: &Place, f: &mut Findings) -> bool {
    if name.len() <= most {
        return true;
    }
    let found = format!("`{name}`, {} characters", name.len());
    f.problem(place, found, &format!("a name of at most {most} characters"), "\"{name}\"");
    false
}
