//! What a world is made from: a scenario's text with the files that it names, or a fleet file alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use headroom_core::fleet::{self, Fleet};
use headroom_simulator::scenario;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;

/// A fleet file that was given by itself has this name among the files.
const FLEET: &str = "--fleet";

/// Texts and numbers that a world follows from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The scenario.
    pub scenario: String,
    /// The files that it names, by the name that it gives them.
    pub files: BTreeMap<String, String>,
    /// Of everything random; the scenario's own when there is none.
    pub seed: Option<u64>,
    /// Whether Headroom runs inside of the world.
    pub headroom: bool,
}

impl Source {
    /// From a scenario; `read` reads the files that it names, once.
    ///
    /// # Errors
    /// Every problem of the scenario and its files.
    pub fn of_scenario(text: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, Vec<String>> {
        let files = std::cell::RefCell::new(BTreeMap::new());
        let keep = |name: &str| {
            let text = read(name)?;
            files.borrow_mut().insert(name.to_owned(), text.clone());
            Ok(text)
        };
        scenario::read(text, &keep).map_err(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(Self { scenario: text.to_owned(), files: files.into_inner(), ..Self::default() })
    }

    /// From a fleet file: its services with their bounds, their tasks (1 vCPU and 2 GiB where the file names no
    /// size), the policies of `scaling`, and no load. It begins at a whole minute.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn of_fleet(text: &str, start: i64) -> Result<Self, Vec<String>> {
        let fleet = read_fleet(text)?;
        let source = Self { scenario: scenario_of(&fleet, start), ..Self::default() };
        Ok(source.with_fleet(text))
    }

    /// With a fleet file in place of the scenario's own.
    #[must_use]
    pub fn with_fleet(mut self, text: &str) -> Self {
        self.files.insert(FLEET.to_owned(), text.to_owned());
        self
    }

    /// The scenario's title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.scenario.lines().find_map(|line| line.strip_prefix("scenario ")).unwrap_or("world").trim()
    }

    /// The seed of everything random: its own, else the scenario's.
    #[must_use]
    pub fn seed_used(&self) -> u64 {
        let mut lines = self.scenario.lines();
        let own = lines.find_map(|line| line.strip_prefix("seed ")?.split_whitespace().next()?.parse().ok());
        // As a scenario has it that names none.
        self.seed.or(own).unwrap_or(1)
    }

    /// What it was made from beside its start, which for a fleet file is whenever it was.
    #[must_use]
    pub fn texts(&self) -> (Vec<&str>, &BTreeMap<String, String>) {
        (self.scenario.lines().filter(|line| !line.starts_with("start ")).collect(), &self.files)
    }

    /// Makes the world.
    ///
    /// # Errors
    /// What is not right, line by line.
    pub fn engine(&self) -> Result<Engine, Vec<String>> {
        let file = |name: &str| self.files.get(name).cloned().ok_or_else(|| format!("cannot read {name}"));
        let read = scenario::read(&self.scenario, &file);
        let mut scenario = read.map_err(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        if let Some(text) = self.files.get(FLEET) {
            scenario.fleet = Some(read_fleet(text)?);
        }
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        if self.headroom && scenario.fleet.is_none() {
            let words = "--headroom needs a fleet file: --fleet F, or `headroom F` in the scenario";
            return Err(vec![words.to_owned()]);
        }
        let listed = scenario.fleet.is_some();
        let built = scenario.build().map_err(|e| vec![e])?;
        if !listed {
            // A fleet's world has them already.
            built.world.add_policy_alarms().map_err(|e| vec![e])?;
        }
        Ok(Engine::new(built.world, built.fleet, self.headroom))
    }
}

fn read_fleet(text: &str) -> Result<Fleet, Vec<String>> {
    let read = fleet::read(fleet::Source { name: "fleet", text }, None);
    read.map(|parsed| parsed.fleet).map_err(|list| list.iter().map(ToString::to_string).collect())
}

/// The scenario of a fleet at rest.
fn scenario_of(fleet: &Fleet, start: i64) -> String {
    let at = jiff::Timestamp::from_second(start.div_euclid(60) * 60).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let mut out = format!("scenario {}\nstart {at}\n", fleet.fleet);
    for service in &fleet.services {
        let (vcpu, memory) = service.task.as_ref().map_or((1.0, 2.0), |t| (t.vcpu, t.memory_gib));
        let group = service.target_group.as_deref().unwrap_or(&service.service);
        let (capacity, scaling) = (service.capacity, &service.scaling);
        let _ = writeln!(
            out,
            "service {}\n  ecs {} {} {}/{}\n  target_group {group}\n  task {vcpu} vcpu {memory} GiB\n  tasks {}\n  bounds {}..{}",
            service.label(),
            service.account,
            service.region,
            service.cluster,
            service.service,
            capacity.min,
            capacity.min,
            capacity.max,
        );
        let cooldown = format!("out {}s in {}s", scaling.cooldown_scale_out.0, scaling.cooldown_scale_in.0);
        let tracked = [
            scaling.cpu.map(|t| format!("cpu {t}%")),
            scaling.memory.map(|t| format!("memory {t}%")),
            scaling.requests_per_target.map(|t| format!("requests {t}")),
        ];
        for tracked in tracked.into_iter().flatten() {
            let _ = writeln!(out, "  track {tracked} {cooldown}");
        }
        out.push_str("  load table\n    00:00 0/min 1ms\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLEET_TEXT: &str = "
version: 1
fleet: t
environments: [{ name: prod, account: '222222222222', region: eu-west-1, mode: act }]
defaults: { cluster: '{environment}-cluster', service: '{environment}-{name}' }
services:
  web: { capacity: { min: 2, max: 10, ceiling: 15 }, scaling: { cpu: 70% } }
  worker: { capacity: { min: 1, max: 3 }, scaling: { cpu: 60% }, task: { vcpu: 0.5, memory_gib: 1, architecture: x86_64 } }
remedies:
  cpu-high: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, size: ratio, lease: 30m }
";

    #[test]
    fn a_fleet_file_alone_is_a_world_at_rest_with_its_bounds_policies_and_alarms() {
        let source = Source::of_fleet(FLEET_TEXT, 1_795_392_059).unwrap();
        let mut engine = source.engine().unwrap();
        assert_eq!(engine.start(), 1_795_392_000, "a whole minute");
        assert!(!engine.has_headroom());
        (0..600).for_each(|_| drop(engine.second()));
        engine.world().read(|all| {
            assert_eq!(all.iter().map(|s| s.spec.name.as_str()).collect::<Vec<_>>(), ["prod/web", "prod/worker"]);
            assert_eq!((all[0].target.min, all[0].target.max, all[0].tasks.running()), (2, 10, 2));
            assert_eq!((all[0].spec.vcpu, all[1].spec.vcpu, all[1].spec.memory_mib), (1.0, 0.5, 1_024.0));
            assert_eq!(all[0].target.policies.tracking.len(), 1);
        });
        assert!(Source { headroom: true, ..source }.engine().unwrap().has_headroom());
    }

    #[test]
    fn headroom_needs_a_fleet_and_a_scenario_that_is_not_right_says_where() {
        let text = "start 2026-11-23T00:00:00Z\nservice web\n load table\n 00:00 60/min 1ms\n";
        let source = Source::of_scenario(text, &|name| Err(name.to_owned())).unwrap();
        let refused = Source { headroom: true, ..source }.engine().unwrap_err();
        assert!(refused[0].contains("--fleet"), "{refused:?}");
        let refused = Source::of_scenario("start x\n", &|name| Err(name.to_owned())).unwrap_err();
        assert!(refused[0].starts_with("line 1"), "{refused:?}");
    }
}
