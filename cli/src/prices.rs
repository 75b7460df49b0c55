//! `--prices`: a price file in place of this release's list prices.

use std::path::PathBuf;

use clap::Args;
use headroom_core::entry::Entry;
use headroom_core::fleet::Fleet;
use headroom_core::price::{Prices, task_hour};

use crate::commands::Outcome;
use crate::files;

/// Where prices come from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PriceOptions {
    /// A price file, of the form of shared/core/prices.json, in place of this release's list prices
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
}

impl PriceOptions {
    /// Prices the services of a fleet, when a file was given.
    pub(crate) fn apply(&self, fleet: &mut Fleet) -> Result<(), Outcome> {
        let Some(path) = &self.prices else { return Ok(()) };
        let wrong = |told: String| Outcome::no(format!("{}: {told}\n", path.display()));
        Prices::parse(&files::text(path)?).map_err(wrong)?.apply(fleet).map_err(wrong)
    }

    /// Prices recorded entries as the fleet's services are, when a file was given.
    pub(crate) fn reprice(&self, fleet: &Fleet, entries: &mut [Entry]) {
        if self.prices.is_none() {
            return;
        }
        for entry in entries {
            let service = fleet.services.iter().find(|service| service.label() == entry.label);
            if let (Some(rule), Some(task)) = (&mut entry.rule, service.and_then(|service| service.task)) {
                (rule.usd_task_hour, rule.own_prices) = (Some(task_hour(&task)), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PriceOptions {
        let path = std::env::temp_dir().join(format!("headroom-prices-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("written");
        PriceOptions { prices: Some(path) }
    }

    #[test]
    fn a_file_that_is_not_right_is_named_with_place_and_example() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/openwebui/headroom.yaml");
        let mut fleet = crate::place::fleet(std::path::Path::new(path)).expect("a fleet");
        for (name, text, place) in [
            ("shape", "{ \"date\": 7 }", "line 1 column 11"),
            ("empty", r#"{"date":"d","source":"s","regions":{}}"#, "regions.us-east-1.fargate.x86_64: missing"),
            (
                "minus",
                r#"{"date":"d","source":"s","regions":{"us-east-1":{"fargate":{"x86_64":{"vcpu_hour":-1,"gb_hour":0}}}}}"#,
                "regions.us-east-1: a price below 0",
            ),
        ] {
            let told = file(name, text).apply(&mut fleet).expect_err(name);
            assert!(told.code == 1 && told.err.contains(name) && told.err.contains(place), "{told:?}");
            assert!(told.err.contains("example   {"), "{told:?}");
        }
        assert!(PriceOptions::default().apply(&mut fleet).is_ok());
        assert_eq!(PriceOptions { prices: Some("/none.json".into()) }.apply(&mut fleet).expect_err("none").code, 2);
    }
}
