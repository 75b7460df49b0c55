//! `headroom compile`: the fleet file as the functions load it.

use std::path::PathBuf;

use clap::Args;
use headroom_core::fleet::Fleet;

use super::Outcome;
use crate::files;
use crate::prices::PriceOptions;

/// Compile a fleet file to the JSON that the functions load.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom compile headroom.yaml -o fleet.json                          the whole fleet
  headroom compile headroom.yaml --environment prod-eu -o fleet.json    one environment's slice
  headroom compile headroom.yaml --overrides short-leases.yaml          with other timings, to standard output

The same input gives the same bytes.

Exit codes: 0 compiled, 1 a file is not right (every problem is printed), 2 a file cannot be read or
written, or the environment does not exist.")]
pub(crate) struct Compile {
    /// The fleet file
    file: PathBuf,
    /// Only this environment's slice
    #[arg(long, value_name = "E")]
    environment: Option<String>,
    /// A file with other timings and limits: `remedies` (lease, release_delay, cooldown, native_first, hard_end)
    /// and `limits`
    #[arg(long, value_name = "F")]
    overrides: Option<PathBuf>,
    #[command(flatten)]
    prices: PriceOptions,
    /// Write to this file instead of standard output
    #[arg(short, value_name = "OUT")]
    out: Option<PathBuf>,
}

impl Compile {
    /// Compiles.
    pub(crate) fn run(&self) -> Outcome {
        self.compiled().unwrap_or_else(|outcome| outcome)
    }

    fn compiled(&self) -> Result<Outcome, Outcome> {
        let mut parsed = files::fleet(&self.file, self.overrides.as_deref())?
            .map_err(|problems| Outcome::no(files::problems(&problems)))?;
        self.prices.apply(&mut parsed.fleet)?;
        let fleet = match &self.environment {
            Some(name) => slice(parsed.fleet, name)?,
            None => parsed.fleet,
        };
        let text = fleet.to_json().map_err(|error| Outcome::failed(format!("{error}\n")))?;
        match &self.out {
            Some(path) => files::write(path, &text).map(|()| Outcome::done(String::new())),
            None => Ok(Outcome::done(text)),
        }
    }
}

fn slice(fleet: Fleet, environment: &str) -> Result<Fleet, Outcome> {
    let known: Vec<String> = fleet.environments.iter().map(|e| e.name.clone()).collect();
    fleet.slice(environment).ok_or_else(|| {
        Outcome::failed(format!("no environment `{environment}` in the fleet file; it has {}\n", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn compile(environment: Option<&str>, overrides: Option<&str>, out: Option<PathBuf>) -> Outcome {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let command = Compile {
            file: root.join("examples/langfuse/headroom.yaml"),
            environment: environment.map(str::to_owned),
            overrides: overrides.map(|o| root.join(o)),
            prices: PriceOptions::default(),
            out,
        };
        command.run()
    }

    #[test]
    fn the_compiled_fleet_carries_the_prices_that_were_given() {
        let prices = std::env::temp_dir().join(format!("headroom-compile-prices-{}.json", std::process::id()));
        let price = r#"{"fargate":{"x86_64":{"vcpu_hour":1.0,"gb_hour":0.5},"arm64":{"vcpu_hour":1.0,"gb_hour":0.5}}}"#;
        let text = format!(r#"{{"date":"d","source":"s","regions":{{"us-east-1":{price}}}}}"#);
        std::fs::write(&prices, text).expect("written");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/openwebui/headroom.yaml");
        let own = PriceOptions { prices: Some(prices) };
        let compile =
            |prices| Compile { file: file.clone(), environment: None, overrides: None, prices, out: None }.run();
        let hours = |outcome: &Outcome| {
            let fleet = Fleet::from_json(&outcome.out).expect("compiled");
            fleet.services.iter().filter_map(|s| s.task?.usd_hour).collect::<Vec<_>>()
        };
        assert_eq!(hours(&compile(own)), [2.0 + 4.0, 8.0 + 16.0]);
        assert_eq!(hours(&compile(PriceOptions::default())), [] as [f64; 0], "else the functions know this release's");
    }

    #[test]
    fn a_slice_has_its_environment_only_and_the_same_bytes_each_time() {
        let outcome = compile(Some("prod-eu"), None, None);
        assert_eq!(outcome, compile(Some("prod-eu"), None, None));
        let fleet = Fleet::from_json(&outcome.out).expect("compiled");
        assert_eq!(
            fleet.services.iter().map(|s| s.label()).collect::<Vec<_>>(),
            ["prod-eu/web", "prod-eu/web-ingestion", "prod-eu/web-iso"]
        );
    }

    #[test]
    fn an_unknown_environment_lists_the_known_ones() {
        let outcome = compile(Some("prod"), None, None);
        assert_eq!(outcome.code, 2);
        assert!(outcome.err.contains("staging, prod-eu, prod-us, prod-hipaa"), "{}", outcome.err);
    }

    #[test]
    fn overrides_shorten_the_leases_and_o_writes_the_file() {
        let file = std::env::temp_dir().join(format!("headroom-compile-{}.json", std::process::id()));
        let outcome = compile(None, Some("demo/overrides.yaml"), Some(file.clone()));
        assert_eq!((outcome.code, outcome.out.as_str()), (0, ""));
        let text = std::fs::read_to_string(&file).expect("written");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(Fleet::from_json(&text).expect("compiled").services[0].remedies[0].lease.0, 30);
    }
}
