//! One environment: an account and a region in which the services run.

use serde_json::Value as Json;

use crate::time::Seconds;

use super::compiled::{Environment, Mode};
use super::duration::Range;
use super::layer::{self, Layer};
use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::schema::{self, Key};
use super::{mode, name, not_yet, words};

const EXAMPLE: &str = "- { name: prod-eu, account: \"222222222222\", region: eu-west-1, mode: act }";
/// How long a change rests in one environment before the next gets it.
const SOAK: Range = Range { least: "0s", most: "30d", example: "24h" };

const WANT_ACCOUNT: Want<'_> = Want {
    expected: "twelve digits in quotes: unquoted, a leading zero is lost or read as octal",
    example: "account: \"012345678901\"",
};
const WANT_REGION: Want<'_> = Want { expected: "an AWS region", example: "region: eu-west-1" };
const WANT_TIMEZONE: Want<'_> = Want { expected: "an IANA time zone", example: "timezone: Europe/Berlin" };
/// Partitions, regions and accounts, as they stand in ARNs too.
pub(crate) const PARTITION: &str = "aws(?:-[a-z-]+)?";
pub(crate) const REGION: &str = "(?:[a-z]{2,}-){2,4}[0-9]";
pub(crate) const ACCOUNT: &str = "[0-9]{12}";
const REQUIRED: [&str; 3] = ["name", "account", "region"];
const OWN_KEYS: [Key; 7] = [
    Key("name", "Name of the environment, for example prod-eu.", name::schema),
    Key("account", "AWS account, twelve digits in quotes.", || schema::text(WANT_ACCOUNT, &format!("^{ACCOUNT}$"))),
    Key("region", "AWS region.", || schema::text(WANT_REGION, &format!("^{REGION}$"))),
    Key("mode", "What Headroom may do here, instead of the mode of the fleet.", mode::schema),
    Key("timezone", "Time zone of the schedules.", || {
        let word = "[A-Z][A-Za-z0-9_+-]*";
        schema::or(schema::text(WANT_TIMEZONE, &format!("^(?:UTC|(?=.{{1,64}}$){word}(?:/{word})+)$")), "UTC".into())
    }),
    Key("soak", "How long a change rests here before the next environment gets it.", || SOAK.schema_or(Seconds(0))),
    Key("redact", "Notices carry names, numbers and links only.", || schema::or(words::boolean_schema(), false.into())),
];

fn keys() -> Vec<Key> {
    OWN_KEYS.into_iter().chain(layer::KEYS).collect()
}

/// What [`Environments::read`] takes.
pub(crate) fn schema() -> Json {
    let environment = schema::shown(schema::mapping(&keys(), &REQUIRED), EXAMPLE);
    schema::list(&environment, 1)
}

/// An environment as the file has it.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentFile {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) timezone: Option<String>,
    pub(crate) redact: bool,
    pub(crate) soak: Seconds,
    pub(crate) layer: Layer,
}

impl EnvironmentFile {
    /// Its mode: its own, else the fleet's.
    pub(crate) fn mode(&self, fleet: Mode) -> Mode {
        self.layer.mode.unwrap_or(fleet)
    }

    fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &keys(), EXAMPLE)?;
        let soak = fields.read(f, "soak", |n, f| SOAK.read(n, f)).unwrap_or(Seconds(0));
        not_yet::note(&fields, "soak", f);
        let name = fields.require(f, "name", EXAMPLE, name::parse);
        let account = fields.require(f, "account", EXAMPLE, account);
        let region = fields.require(f, "region", EXAMPLE, region);
        let timezone = fields.read(f, "timezone", timezone);
        let redact = fields.read(f, "redact", |n, f| words::boolean(n, f, "redact: true")).unwrap_or(false);
        let layer = Layer::read(&fields, f);
        Some(Self { name: name?, account: account?, region: region?, timezone, redact, soak, layer })
    }
}

/// Environments in rollout order, and every name that stands in the list, readable otherwise or not.
#[derive(Debug, Default)]
pub(crate) struct Environments {
    pub(crate) list: Vec<EnvironmentFile>,
    pub(crate) names: Vec<String>,
}

impl Environments {
    /// Reads the list.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let want = Want { expected: "a list: its order is the rollout order", example: EXAMPLE };
        let items = node.items(f, want)?;
        if items.is_empty() {
            f.problem(&node.place, "an empty list", "at least one environment", EXAMPLE);
        }
        let mut all = Self::default();
        for item in items {
            let environment = EnvironmentFile::read(item, f);
            let name = named(item);
            if name.as_ref().is_some_and(|name| all.names.contains(name)) {
                let found = format!("environment `{}` a second time", name.unwrap_or_default());
                f.problem(&item.place, found, "each environment once", EXAMPLE);
                continue;
            }
            all.names.extend(name);
            all.list.extend(environment);
        }
        Some(all)
    }
}

/// By its name: `prod`, `production-eu` and `live`, but neither `preprod` nor `non-prod`.
pub(crate) fn is_production(name: &str) -> bool {
    let words: Vec<String> = name.split(['-', '_']).map(str::to_ascii_lowercase).collect();
    let not = |w: &String| matches!(w.as_str(), "pre" | "non" | "no" | "not" | "test" | "dev" | "staging");
    let production = |w: &String| matches!(w.as_str(), "prod" | "prd" | "production" | "live");
    words.iter().any(production) && !words.iter().any(not)
}

impl Environment {
    /// Whether its name says that people are served here: `prod`, `production-eu`, `live`, but not `preprod`.
    #[must_use]
    pub fn is_production(&self) -> bool {
        is_production(&self.name)
    }
}

/// The name in an entry, also when something else in the entry is wrong.
fn named(node: &Node) -> Option<String> {
    let Value::Map(entries) = &node.value else { return None };
    match &entries.iter().find(|e| e.key == "name")?.node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Nothing | Value::Bool(_) | Value::Integer(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// Twelve digits in quotes.
fn account(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_ACCOUNT, |text| is_account(text).then(|| text.to_owned()))
}

/// `aws`, `aws-cn`, `aws-us-gov` and the like.
pub(crate) fn is_partition(text: &str) -> bool {
    let other = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    text == "aws" || text.strip_prefix("aws-").is_some_and(other)
}

/// Twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `eu-west-1`, `us-gov-west-1`: the shape only, as AWS adds regions more often than this is released.
fn region(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_REGION, |text| is_region(text).then(|| text.to_owned()))
}

/// The shape of a region's name.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    (2..=4).contains(&words.len())
        && words.iter().all(|w| w.len() >= 2 && w.bytes().all(|b| b.is_ascii_lowercase()))
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// `UTC` or `Area/City`: the shape only, as this crate carries no time zone database.
fn timezone(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_TIMEZONE, |text| is_timezone(text).then(|| text.to_owned()))
}

fn is_timezone(text: &str) -> bool {
    let word = |w: &str| {
        w.starts_with(|c: char| c.is_ascii_uppercase())
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    text == "UTC" || (text.contains('/') && text.len() <= 64 && text.split('/').all(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_known_by_a_word_of_its_name() {
        for yes in ["prod", "prod-eu", "PROD_US", "eu-production", "live"] {
            assert!(is_production(yes), "{yes}");
        }
        for no in ["staging", "preprod", "pre-prod", "non-prod", "product-demo", "dev", "prod-test"] {
            assert!(!is_production(no), "{no}");
        }
    }

    #[test]
    fn regions_have_a_shape() {
        for good in ["eu-west-1", "us-gov-west-1", "ap-southeast-7", "eu-isoe-west-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "eu-west", "eu-west-1a", "EU-WEST-1", "eu_west_1", "west-1", "eu-west-", "-1"] {
            assert!(!is_region(bad), "{bad}");
        }
    }

    #[test]
    fn time_zones_are_iana_names_not_abbreviations() {
        for good in ["UTC", "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+1"] {
            assert!(is_timezone(good), "{good}");
        }
        for bad in ["", "CET", "EST", "Europe/", "/Berlin", "europe/berlin", "+01:00", "Europe Berlin"] {
            assert!(!is_timezone(bad), "{bad}");
        }
    }
}
