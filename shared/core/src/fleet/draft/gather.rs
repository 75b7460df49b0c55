//! Names, bounds, targets and remedies of a draft, before the first line is written.

use std::collections::BTreeMap;

use super::environment;
use super::found::{Found, FoundService};
use super::keys::Keys;
use super::names::Affixes;
use super::policies::Scaling;
use super::remedies::{Candidate, Remedies, template};
use super::service::{Capacity, Listed, capacity};
use super::write::Options;
use crate::fleet::template::{Kind, Values};

/// Everything that the file will say.
#[derive(Debug)]
pub(super) struct Gathered<'f> {
    pub(super) found: &'f Found,
    pub(super) environment: String,
    /// Where the environment's name is from.
    pub(super) environment_note: &'static str,
    pub(super) fleet: String,
    pub(super) fleet_note: &'static str,
    pub(super) affixes: Affixes,
    pub(super) services: Vec<Listed<'f>>,
    pub(super) left_out: Vec<(String, String)>,
    pub(super) remedies: Remedies<'f>,
}

impl<'f> Gathered<'f> {
    pub(super) fn of(found: &'f Found, options: Options<'_>) -> Self {
        let mut sorted: Vec<_> = found.services.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        sorted.dedup_by(|a, b| a.name == b.name);
        let (mut kept, mut left_out) = (Vec::new(), Vec::new());
        for service in sorted {
            match capacity(service) {
                Ok(capacity) => kept.push((service, capacity)),
                Err(why) => left_out.push((service.name.clone(), why)),
            }
        }
        let names: Vec<&str> = kept.iter().map(|(s, _)| s.name.as_str()).collect();
        let guessed = environment::guess(&found.cluster, &names);
        let (environment, environment_note) = match (options.environment, guessed) {
            (Some(given), _) => (given.to_owned(), ""),
            (None, Some(guessed)) => (guessed, "named after what the names have in common; or `--environment NAME`"),
            (None, None) => {
                (environment::UNKNOWN.to_owned(), "no name says which it is: rename it, or `--environment NAME`")
            }
        };
        let guessed = environment::fleet(&found.cluster, &environment);
        let (fleet, fleet_note) = match (options.fleet, guessed) {
            (Some(given), _) => (given.to_owned(), ""),
            (None, Some(guessed)) => (guessed, "from the cluster's name; or `--fleet NAME`"),
            (None, None) => (environment::NAMELESS.to_owned(), "a name of your choice: rename it, or `--fleet NAME`"),
        };
        let affixes = Affixes::of_most(&names, &environment, &found.cluster);
        let mut gathered = Self {
            found,
            environment,
            environment_note,
            fleet,
            fleet_note,
            affixes,
            services: Vec::new(),
            left_out,
            remedies: Remedies::default(),
        };
        gathered.list(&kept);
        gathered
    }

    /// Names the services, then what depends on their names.
    fn list(&mut self, kept: &[(&'f FoundService, Capacity)]) {
        let mut keys = Keys::default();
        let exact: Vec<Option<String>> =
            kept.iter().map(|(s, _)| self.affixes.key(&s.name).and_then(|key| keys.exact(key))).collect();
        for ((found, capacity), exact) in kept.iter().zip(exact) {
            let explicit = exact.is_none();
            let key = exact.unwrap_or_else(|| keys.near(&found.name, "service"));
            let values = Values { environment: &self.environment, name: &key, service: &found.name };
            let group = found.target_groups.first();
            let target_group = group.and_then(|group| template(&group.name, values, Kind::TargetGroup));
            self.services.push(Listed {
                found,
                service: explicit.then(|| found.name.clone()),
                capacity: *capacity,
                target_group,
                scaling: Scaling::of(&found.policies),
                alarms: 0,
                remedies: Vec::new(),
                key,
            });
        }
        let scales = |service: &Listed<'_>| matches!(service.capacity, Capacity::Between(min, max) if min < max);
        let candidate = |s: &'f str, key, scales| (s, Candidate { key, scales });
        let candidates: BTreeMap<&str, Candidate<'_>> =
            self.services.iter().map(|s| candidate(&s.found.name, s.key.as_str(), scales(s))).collect();
        let remedies = Remedies::of(self.found, &self.environment, &candidates);
        for service in &mut self.services {
            service.alarms = remedies.alarms.get(service.found.name.as_str()).copied().unwrap_or_default();
            service.remedies = remedies.names_of(&service.found.name);
        }
        self.remedies = remedies;
    }
}
