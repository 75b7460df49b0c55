//! The draft as a whole.

use super::found::Found;
use super::gather::Gathered;
use crate::fleet::environment::{is_account, is_region};
use crate::fleet::{Problem, Source, file, name};

/// Services that an error lists with their reasons.
const NAMED_MAX: usize = 20;

/// What is not guessed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// Name of the environment.
    pub environment: Option<&'o str>,
    /// Name of the fleet.
    pub fleet: Option<&'o str>,
}

/// A fleet file that reads without a problem, and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Draft {
    /// YAML.
    pub text: String,
    /// Name of the environment.
    pub environment: String,
    /// Services in the file.
    pub services: usize,
    /// Remedies in the file.
    pub remedies: usize,
    /// ECS services that the file does not have, with the reason for each.
    pub left_out: Vec<(String, String)>,
}

/// Why there is no draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A name that the file does not take.
    #[error("{what} `{name}`: letters, digits, `-` and `_`, first a letter or digit, at most 64, no YAML boolean")]
    Name {
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something of AWS's own that has another form than AWS gives it.
    #[error("{what} `{found}` found, {expected} expected")]
    Form {
        /// What has it.
        what: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Nothing to write.
    #[error("no service of cluster {cluster} that a fleet file can have{}", reasons(.left_out))]
    NoService {
        /// The cluster.
        cluster: String,
        /// Services with the reasons why not.
        left_out: Vec<(String, String)>,
    },
    /// The draft does not read: a mistake of this release.
    #[error("the draft itself is not right, which is a mistake of this release: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unreadable(Vec<Problem>),
}

fn reasons(left_out: &[(String, String)]) -> String {
    let reasons: Vec<String> = left_out.iter().take(NAMED_MAX).map(|(name, why)| format!("{name} ({why})")).collect();
    if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) }
}

/// Drafts the fleet file of one cluster: the same values give the same bytes, in whatever order they came.
///
/// # Errors
/// A name of `options` is none, the cluster has nothing for a fleet file, or AWS's own ids have another form.
pub fn draft(found: &Found, options: Options<'_>) -> Result<Draft, Refused> {
    for (what, chosen) in [("environment", options.environment), ("fleet", options.fleet)] {
        if let Some(chosen) = chosen.filter(|chosen| !name::valid(chosen)) {
            return Err(Refused::Name { what, name: chosen.to_owned() });
        }
    }
    let form = |what, found: &str, expected| Refused::Form { what, found: found.to_owned(), expected };
    if !is_account(&found.account) {
        return Err(form("account", &found.account, "twelve digits"));
    }
    if !is_region(&found.region) {
        return Err(form("region", &found.region, "an AWS region such as eu-west-1"));
    }
    let gathered = Gathered::of(found, options);
    if gathered.services.is_empty() {
        return Err(Refused::NoService { cluster: found.cluster.clone(), left_out: gathered.left_out });
    }
    let text = gathered.text();
    file::read(Source { name: "headroom.yaml", text: &text }, None).map_err(Refused::Unreadable)?;
    Ok(Draft {
        text,
        environment: gathered.environment,
        services: gathered.services.len(),
        remedies: gathered.remedies.names().len(),
        left_out: gathered.left_out,
    })
}
