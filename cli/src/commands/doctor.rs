//! `headroom doctor`: is what Headroom stands on in order?

use std::path::{Path, PathBuf};

use clap::Args;
use headroom_aws::doctor::look;
use headroom_aws::person::{CHANGING, REMEMBERING};
use headroom_core::capacity::{Remark, State};
use headroom_core::doctor::{
    Access, Expected, Finding, Patient, Sight, TargetChange, Verdict, examine, render, target_changes,
};
use headroom_core::fleet::{Environment, Fleet, Service};
use headroom_core::id::ServiceId;
use headroom_core::seen::Reading;
use headroom_core::status::question;
use headroom_pipeline::{Ask as _, Found};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::Outcome;
use crate::history::{TableOptions, now};
use crate::{files, installed, place};

/// How far back a baseline that was put back counts.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Entries of a week; what was put back stands among the newest.
const ENTRIES_MAX: usize = 2_000;

/// Check what Headroom stands on: credentials, clock, table, rules, quotas, alarms, policies, bounds.
///
/// Reads, and changes nothing: permissions that change something are listed as not tried. What cannot be read is `unknown`
/// with the reason, never `ok`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom doctor
  headroom doctor prod-eu --profile prod-eu
  headroom doctor prod-eu --deployed fleet.json       the fleet in the account against the local file
  terraform show -json plan > plan.json; headroom doctor prod-eu --plan plan.json
  headroom doctor --json | jq 'select(.verdict == \"bad\")'

It needs these permissions, and says which of them are missing; on the table and its index `entries`:
  dynamodb:BatchGetItem
  dynamodb:Query
and in the account of the services:
  ecs:DescribeServices
  ecs:DescribeTaskDefinition
  application-autoscaling:DescribeScalableTargets
  application-autoscaling:DescribeScalingPolicies
  cloudwatch:DescribeAlarms
  cloudwatch:GetMetricData
  events:ListRules
  elasticloadbalancing:DescribeTargetGroupAttributes

Exit codes: 0 nothing bad was found, 1 something is bad, or with --strict a warning or unknown; 2 no environment could be
looked at, or a file cannot be read.")]
pub(crate) struct Doctor {
    /// Environment, as the fleet file names it; left out: all of them
    environment: Option<String>,
    /// The fleet that the functions load, from their layer
    #[arg(long, value_name = "FILE")]
    deployed: Option<PathBuf>,
    /// A Terraform plan, as `terraform show -json` prints it
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Exit with 1 for a warning or for what is unknown, too
    #[arg(long)]
    strict: bool,
    /// Print JSON, one finding a line
    #[arg(long)]
    json: bool,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    table: TableOptions,
}

impl Doctor {
    /// Looks.
    pub(crate) fn run(&self) -> Outcome {
        self.examined().unwrap_or_else(|outcome| outcome)
    }

    fn examined(&self) -> Result<Outcome, Outcome> {
        let fleet = place::fleet(&self.fleet)?;
        let services = place::services(&fleet, self.environment.as_deref(), None)?;
        let deployed = self.deployed.as_deref().map_or_else(|| Ok(not_given()), loaded)?;
        let terraform = self.plan.as_deref().map_or_else(|| Ok(not_given()), planned)?;
        let expected = expected()?;
        let (mut out, mut err) = (String::new(), String::new());
        let (mut looked, mut worst) = (0, Verdict::Good);
        let wanted = |e: &&Environment| self.environment.as_ref().is_none_or(|name| *name == e.name);
        for environment in fleet.environments.iter().filter(wanted) {
            let here: Vec<&Service> = services.iter().copied().filter(|s| s.environment == environment.name).collect();
            let sight = match self.sight(environment, &here) {
                Ok(sight) => sight,
                Err(why) => {
                    err.push_str(&format!("{}: {}", environment.name, why.err));
                    continue;
                }
            };
            let (sight, now) = (&sight, now());
            let (fleet, deployed, terraform, expected) = (&fleet, &deployed, &terraform, &expected);
            let findings = examine(&Patient { fleet, environment, expected, sight, deployed, terraform, now });
            worst = findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Good).max(worst);
            looked += 1;
            out.push_str(&if self.json { lines(environment, &findings) } else { render(environment, &findings, now) });
        }
        let strict = self.strict && worst > Verdict::Good;
        let code = match (looked, worst) {
            (0, _) => 2,
            (_, Verdict::Bad) => 1,
            (_, Verdict::Good | Verdict::Unknown | Verdict::Warning) => u8::from(strict || !err.is_empty()),
        };
        Ok(Outcome { out, err, code })
    }

    /// AWS, then the table and the quota; what fails alone is unknown alone.
    fn sight(&self, environment: &Environment, services: &[&Service]) -> Result<Sight, Outcome> {
        let failed = |f| Outcome::failed(format!("{f}\n"));
        let mut sight = look(&self.table.caller.caller(), &environment.region, services).map_err(failed)?;
        let hand = self.table.hand(Some(&environment.region))?;
        let ids: Vec<ServiceId> = services.iter().map(|s| ServiceId::of(s)).collect();
        let states = hand.states(&ids).map_err(|f| f.to_string());
        for (n, service) in sight.services.iter_mut().enumerate() {
            service.state = match &states {
                Ok(states) => states.get(n).map_or(Reading::Absent, |s: &State| Reading::Known(s.service.clone())),
                Err(why) => Reading::Unreadable(why.clone()),
            };
        }
        sight.access.push(("dynamodb:BatchGetItem".to_owned(), access(&states)));
        let entries = self.table.connect_in(Some(&environment.region)).and_then(|j| j.list(LATELY, None, ENTRIES_MAX));
        let entries = entries.map_err(|outcome| outcome.err.trim_end().to_owned());
        sight.access.push(("dynamodb:Query".to_owned(), access(&entries)));
        sight.entries = entries.as_ref().map_or_else(|why| Reading::Unreadable(why.clone()), |_| Reading::Known(()));
        sight.put_back = entries.map_or_else(Reading::Unreadable, |found| put_back(&found));
        if let Some(service) = services.first() {
            let question = [headroom_core::seen::Question { quota: true, ..question(service) }];
            let seen = hand.run(async |hands| hands.ask(&question).await).map_err(|f| f.to_string());
            sight.access.push(("cloudwatch:GetMetricData".to_owned(), access(&measured(&seen))));
            sight.quota = match seen.map(|seen| seen.into_iter().next()) {
                Ok(Some(seen)) => seen.quota,
                Ok(None) => Reading::Unreadable("no answer".to_owned()),
                Err(why) => Reading::Unreadable(why),
            };
        }
        Ok(sight)
    }
}

/// When the baseline was put back over a lease. What was not read may hold one.
fn put_back(found: &Found) -> Reading<Vec<(String, Timestamp)>> {
    let put_back = |r: &Remark| matches!(r, Remark::PutBack { .. });
    let all = found.entries.iter().filter(|e| e.remarks.iter().any(put_back));
    let all: Vec<(String, Timestamp)> = all.map(|e| (e.label.clone(), e.at)).collect();
    if found.older && all.is_empty() {
        return Reading::Unreadable(format!("only the newest {ENTRIES_MAX} entries of a week were read"));
    }
    Reading::Known(all)
}

fn not_given<T>() -> Reading<T> {
    Reading::Unreadable("none was given".to_owned())
}

/// Whether the metrics could be read: a metric without data is an answer.
fn measured(seen: &Result<Vec<headroom_core::seen::Seen>, String>) -> Result<(), String> {
    match seen.as_ref().map(|seen| seen.first().map(|s| &s.load)) {
        Ok(Some(Reading::Unreadable(why))) => Err(why.clone()),
        Ok(_) => Ok(()),
        Err(why) => Err(why.clone()),
    }
}

fn access<T>(result: &Result<T, String>) -> Access {
    match result {
        Ok(_) => Access::Allowed,
        Err(why) if why.contains("AccessDenied") || why.contains("is not allowed") => Access::Denied(why.clone()),
        Err(why) => Access::Failed(why.clone()),
    }
}

fn loaded(path: &Path) -> Result<Reading<Fleet>, Outcome> {
    let fleet = Fleet::from_json(&files::text(path)?);
    fleet.map(Reading::Known).map_err(|why| Outcome::failed(format!("{}: {why}\n", path.display())))
}

fn planned(path: &Path) -> Result<Reading<Vec<TargetChange>>, Outcome> {
    let changes = target_changes(&files::text(path)?);
    changes.map(Reading::Known).map_err(|why| Outcome::failed(format!("{}: {why}\n", path.display())))
}

/// Names of the manifest, and the actions that are never tried.
fn expected() -> Result<Expected, Outcome> {
    let manifest = installed::manifest()?;
    let names = |list: &Json| -> Vec<String> {
        let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect()
    };
    let functions = manifest.get("functions").and_then(Json::as_object);
    let rules = functions.into_iter().flat_map(|all| all.values()).filter_map(|f| f.get("rules")).flat_map(names);
    let reading = ["dynamodb:BatchGetItem", "dynamodb:Query"];
    let changing = CHANGING.iter().chain(REMEMBERING.iter().filter(|action| !reading.contains(action)));
    Ok(Expected {
        rules: rules.collect(),
        alarms: manifest.get("alarms").map(names).unwrap_or_default(),
        changing: changing.map(|action| (*action).to_owned()).collect(),
    })
}

fn lines(environment: &Environment, findings: &[Finding]) -> String {
    let line = |f: &Finding| {
        let (check, verdict, text) = (f.check, f.verdict, &f.text);
        format!("{}\n", json!({ "environment": environment.name, "check": check, "verdict": verdict, "text": text }))
    };
    findings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use headroom_aws::doctor::ACTIONS;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        doctor: Doctor,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in ACTIONS.iter().chain(&["dynamodb:BatchGetItem", "dynamodb:Query", "cloudwatch:GetMetricData"]) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn what_is_expected_is_what_is_generated() {
        let expected = expected().expect("the manifest");
        assert!(expected.rules.iter().any(|name| name == "headroom-alarm-state-change"), "{expected:?}");
        assert!(expected.alarms.iter().any(|name| name == "headroom-scheduled-prewarm-heartbeat"), "{expected:?}");
        assert!(
            expected.changing.iter().all(|action| !action.contains("Get") && !action.contains("Query")),
            "{expected:?}"
        );
    }

    #[test]
    fn a_journal_that_was_cut_off_is_no_word_that_nothing_was_put_back() {
        let of = |older| put_back(&Found { entries: Vec::new(), older });
        assert_eq!(of(false), Reading::Known(Vec::new()));
        assert!(matches!(of(true), Reading::Unreadable(why) if why.contains("2000 entries")), "{:?}", of(true));
    }

    #[test]
    fn a_file_that_is_none_is_told_before_anything_is_read() {
        let fleet = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");
        for option in ["--deployed", "--plan"] {
            let parsed = Command::try_parse_from(["x", "--fleet", fleet, option, fleet]).expect("arguments");
            let outcome = parsed.doctor.run();
            assert!(outcome.code == 2 && outcome.err.contains("headroom.yaml: "), "{outcome:?}");
        }
    }
}
