//! Which environment a cluster is, guessed from names, and what its fleet may be called.

use super::names::{beginnings, endings, occurrences};
use crate::fleet::name;

/// What an environment is called when no name says it.
pub(super) const UNKNOWN: &str = "main";
/// A fleet's name when the cluster's says nothing but its environment.
pub(super) const NAMELESS: &str = "my-fleet";
/// Words that environments are called by.
const USUAL: [&str; 18] = [
    "prod",
    "production",
    "prd",
    "live",
    "staging",
    "stage",
    "stg",
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "int",
    "integration",
    "preprod",
    "sandbox",
    "demo",
];
/// Words of a cluster's name that say nothing about it.
const EMPTY: [&str; 7] = ["cluster", "ecs", "fargate", "services", "service", "default", "fleet"];

/// The environment of a cluster and its services; `None` when nothing says it.
pub(super) fn guess(cluster: &str, services: &[&str]) -> Option<String> {
    let most = |fits: &dyn Fn(&str) -> bool| services.iter().filter(|s| fits(s)).count() * 2 > services.len();
    let before = |words: &str| most(&|s| s.len() > words.len() + 1 && begins(s, words));
    let after = |words: &str| most(&|s| s.len() > words.len() + 1 && ends(s, words));
    let front = beginnings(cluster).into_iter().find(|words| name::valid(words) && before(words));
    let back = endings(cluster).into_iter().find(|words| name::valid(words) && after(words));
    let shared: Vec<&str> = [front, back].into_iter().flatten().collect();
    let usual = || USUAL.into_iter().find(|word| occurrences(cluster, word).next().is_some());
    let of_services = || {
        let samples = services.iter().take(SAMPLES);
        let mut words = samples.flat_map(|s| {
            beginnings(s).into_iter().map(|w| (w, true)).chain(endings(s).into_iter().map(|w| (w, false)))
        });
        words
            .find(|(w, first)| name::valid(w) && is_usual(w) && if *first { before(w) } else { after(w) })
            .map(|(w, _)| w)
    };
    let known = shared.iter().copied().find(|words| is_usual(words));
    known.or_else(usual).or(shared.first().copied()).or_else(of_services).map(str::to_owned)
}

/// Names of services that are asked for candidates.
const SAMPLES: usize = 50;

/// One of its words is a usual name of an environment.
fn is_usual(words: &str) -> bool {
    USUAL.iter().any(|usual| occurrences(words, usual).next().is_some())
}

fn begins(name: &str, words: &str) -> bool {
    occurrences(name, words).any(|at| at.start == 0)
}

fn ends(name: &str, words: &str) -> bool {
    occurrences(name, words).any(|at| at.end == name.len())
}

/// What is left of a cluster's name without its environment and without words that say nothing.
pub(super) fn fleet(cluster: &str, environment: &str) -> Option<String> {
    let rest = match occurrences(cluster, environment).next() {
        Some(at) => format!("{}-{}", &cluster[..at.start], &cluster[at.end..]),
        None => cluster.to_owned(),
    };
    let words = rest.split(['-', '_']).filter(|w| !w.is_empty() && !EMPTY.contains(&w.to_ascii_lowercase().as_str()));
    let fleet = words.collect::<Vec<_>>().join("-");
    name::valid(&fleet).then_some(fleet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_what_the_names_have_in_common() {
        for (cluster, services, environment) in [
            ("prod-eu-cluster", &["prod-eu-web", "prod-eu-web-ingestion", "prod-eu-web-iso"][..], Some("prod-eu")),
            ("prod-eu-cluster", &["prod-eu-web"], Some("prod-eu")),
            ("prod-eu", &["prod-eu-web", "prod-eu-api", "agent"], Some("prod-eu")),
            ("acme-prod", &["web-prod", "api-prod"], Some("prod")),
            ("acme-prod", &["acme-prod-web", "acme-prod-api"], Some("acme-prod")),
            ("acme-prod", &["acme-web", "acme-api"], Some("prod")),
            ("acme-cluster", &["acme-web", "acme-api"], Some("acme")),
            ("main", &["staging-web", "staging-api"], Some("staging")),
            ("main", &["web-qa", "api-qa"], Some("qa")),
            ("openwan", &["api", "worker"], None),
            ("webUIcluster2", &["webui3", "webui3-scaled"], None),
            ("production-line", &["press", "drill"], Some("production")),
            ("on", &["on-a", "on-b"], None),
            ("c", &[], None),
        ] {
            assert_eq!(guess(cluster, services).as_deref(), environment, "{cluster} {services:?}");
        }
    }

    #[test]
    fn the_fleet_is_what_is_left_of_the_clusters_name() {
        for (cluster, environment, expected) in [
            ("acme-prod", "prod", Some("acme")),
            ("prod-eu-cluster", "prod-eu", None),
            ("prod_acme_shop", "prod", Some("acme-shop")),
            ("webUIcluster2", "main", Some("webUIcluster2")),
            ("default", "main", None),
        ] {
            assert_eq!(fleet(cluster, environment).as_deref(), expected, "{cluster}");
        }
    }
}
