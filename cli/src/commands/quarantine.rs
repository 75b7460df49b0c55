//! `headroom quarantine`: which revisions were rolled back, and which of them may be returned to again.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use headroom_aws::person::{Hand, Hands};
use headroom_core::fleet::Service;
use headroom_core::id::ServiceId;
use headroom_core::rollback::Quarantined;
use headroom_pipeline::{PortError, Released, quarantined, release_quarantined};
use serde_json::json;

use super::Outcome;
use crate::files;
use crate::history::TableOptions;
use crate::table;
use crate::with::{Place, With};

/// List what was rolled back, or let a revision out of quarantine.
///
/// A revision that was rolled back is never returned to by Headroom. Deploying it again is announced, never blocked, with
/// or without a release.
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    #[command(subcommand)]
    sub: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    List(List),
    Release(Release),
}

/// List the revisions in quarantine, oldest first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom quarantine list prod-eu
  headroom quarantine list prod-eu web
  headroom quarantine list prod-eu --json | jq -r .task_definition

It needs these permissions, on the table:
  dynamodb:BatchGetItem

Exit codes: 0 listed, 2 it could not be read (the reason is printed).")]
struct List {
    /// Environment, as the fleet file names it
    environment: String,
    /// Service, as the fleet file names it; all of the environment without it
    service: Option<String>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    table: TableOptions,
}

/// Let a revision out of quarantine: a rollback may return to it again.
///
/// It says what it will do and asks first. The release is journaled with your name.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom quarantine release prod-eu web web:142 --dry-run     what it would do
  headroom quarantine release prod-eu web web:142               asks, then does it
  headroom quarantine release prod-eu web D-5H2WC --yes         by the decision that rolled it back

It needs these permissions, on the table:
  dynamodb:BatchGetItem
  dynamodb:PutItem

Exit codes: 0 released, or what would be; 1 not released, for the reason that is printed; 2 AWS or a file cannot be read, or
nobody could be asked.")]
struct Release {
    #[command(flatten)]
    place: Place,
    /// Its task definition, such as web:142 or its ARN; or the decision that rolled it back
    #[arg(value_name = "REVISION")]
    named: String,
    #[command(flatten)]
    with: With,
}

impl Quarantine {
    /// Lists, or releases.
    pub(crate) fn run(&self) -> Outcome {
        let done = match &self.sub {
            Sub::List(list) => list.listed(),
            Sub::Release(release) => release.released(),
        };
        done.unwrap_or_else(|outcome| outcome)
    }
}

/// A service's label with what is in quarantine of it.
type Listed = (String, Vec<Quarantined>);

impl List {
    fn listed(&self) -> Result<Outcome, Outcome> {
        let services = found(&self.fleet, &self.environment, self.service.as_deref())?;
        // Services of one environment are in one region.
        let hand = self.table.hand(services.first().map(|service| service.region.as_str()))?;
        let listed = run(&hand, async |hands| {
            let mut listed: Vec<Listed> = Vec::new();
            for service in &services {
                listed.push((service.label(), quarantined(hands, &ServiceId::of(service)).await?));
            }
            Ok(listed)
        })?;
        Ok(Outcome::done(if self.json { lines(&listed) } else { text(&self.environment, &listed) }))
    }
}

impl Release {
    fn released(&self) -> Result<Outcome, Outcome> {
        let by = self.with.change.name()?;
        let services = found(&self.with.fleet, &self.place.environment, Some(&self.place.service))?;
        let Some(service) = services.first() else { return Err(Outcome::no("no such service\n".to_owned())) };
        let hand = self.with.table.hand(Some(&service.region))?;
        let id = ServiceId::of(service);
        let all = run(&hand, async |hands| quarantined(hands, &id).await)?;
        let meant: Vec<Quarantined> = all.iter().filter(|q| q.is(&self.named)).cloned().collect();
        if meant.is_empty() {
            return Err(Outcome::no(unknown(service, &self.named, &all)));
        }
        self.with.change.confirmed(&plan(service, &meant))?;
        let done = run(&hand, async |hands| release_quarantined(hands, service, &self.named, &by).await)?;
        match done {
            Released::Done(decision, out) => {
                Ok(Outcome::done(format!("{}: {} released by {by}, {decision}\n", service.label(), names(&out))))
            }
            Released::NotThere => Err(Outcome::no(format!("{}: somebody was faster\n", service.label()))),
            Released::Contended => {
                Err(Outcome::no("not released: others write the same just now; try again in a minute\n".to_owned()))
            }
        }
    }
}

fn run<T>(hand: &Hand, flow: impl AsyncFnOnce(&Hands<'_>) -> Result<T, PortError>) -> Result<T, Outcome> {
    hand.run(flow).map_err(|failure| Outcome::failed(format!("{failure}\n")))
}

/// The services of an environment, or one of them.
fn found(fleet: &std::path::Path, environment: &str, service: Option<&str>) -> Result<Vec<Service>, Outcome> {
    let parsed = files::fleet(fleet, None)?.map_err(|problems| Outcome::no(files::problems(&problems)))?;
    let all = &parsed.fleet.services;
    let named = |s: &&Service| s.environment == environment && service.is_none_or(|name| s.name == name);
    let found: Vec<Service> = all.iter().filter(named).cloned().collect();
    if found.is_empty() {
        let known: Vec<String> = all.iter().map(Service::label).collect();
        let asked = service.map_or_else(|| environment.to_owned(), |service| format!("{environment}/{service}"));
        return Err(Outcome::failed(format!("no service {asked} in {}: {}\n", fleet.display(), known.join(", "))));
    }
    Ok(found)
}

fn names(revisions: &[Quarantined]) -> String {
    revisions.iter().map(Quarantined::name).collect::<Vec<_>>().join(", ")
}

/// What condemned it; what an earlier release wrote has the decision only.
fn why(q: &Quarantined) -> String {
    if q.reason.is_empty() { format!("headroom explain {}", q.decision) } else { q.reason.clone() }
}

fn text(environment: &str, listed: &[Listed]) -> String {
    let row = |(label, list): &Listed| -> Vec<Vec<String>> {
        let cells = |q: &Quarantined| {
            vec![label.clone(), q.name().to_owned(), format!("{:.0}", q.at), q.decision.to_string(), why(q)]
        };
        list.iter().map(cells).collect()
    };
    let rows: Vec<Vec<String>> = listed.iter().flat_map(row).collect();
    if rows.is_empty() {
        return format!("{environment}: nothing is in quarantine\n");
    }
    table::render(&["SERVICE", "REVISION", "SINCE", "DECISION", "WHY"], &rows, &[])
}

fn lines(listed: &[Listed]) -> String {
    let line = |label: &str, q: &Quarantined| {
        json!({
            "service": label,
            "task_definition": q.task_definition,
            "revision": q.revision,
            "deployment": q.deployment,
            "decision": q.decision,
            "since": q.at.to_string(),
            "reason": q.reason,
        })
    };
    listed.iter().flat_map(|(label, list)| list.iter().map(move |q| format!("{}\n", line(label, q)))).collect()
}

fn plan(service: &Service, meant: &[Quarantined]) -> String {
    let mut out = format!("{}: out of quarantine:\n", service.label());
    for q in meant {
        out.push_str(&format!("  {}, rolled back at {:.0} by {}: {}\n", q.name(), q.at, q.decision, why(q)));
    }
    out + "  a rollback may return to it again; nothing is deployed by this\n"
}

fn unknown(service: &Service, named: &str, all: &[Quarantined]) -> String {
    let there = if all.is_empty() { "nothing is".to_owned() } else { format!("there are {}", names(all)) };
    format!("{}: {named} is not in quarantine; {there}\n", service.label())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use headroom_aws::person::REMEMBERING;
    use headroom_core::id::DecisionId;
    use jiff::Timestamp;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        quarantine: Quarantine,
    }

    const FLEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");

    fn bad(n: u32, reason: &str) -> Quarantined {
        Quarantined {
            deployment: format!("arn:d{n}"),
            revision: format!("arn:r{n}"),
            task_definition: format!("arn:aws:ecs:eu-west-1:222222222222:task-definition/prod-eu-web:{n}"),
            decision: DecisionId(format!("D-0000{n}")),
            at: Timestamp::from_second(1_795_392_000 + i64::from(n)).unwrap(),
            reason: reason.to_owned(),
        }
    }

    fn scene() -> Vec<Listed> {
        let reason = "8.02 % of 12000 requests failed, 0.10 % of 60000 before";
        vec![("prod-eu/web".to_owned(), vec![bad(2, reason), bad(7, "")]), ("prod-eu/worker".to_owned(), Vec::new())]
    }

    #[test]
    fn each_revision_is_a_line_with_its_reason_and_an_old_one_says_where_to_look() {
        assert_eq!(
            text("prod-eu", &scene()),
            "\
SERVICE      REVISION       SINCE                 DECISION  WHY
prod-eu/web  prod-eu-web:2  2026-11-23T00:00:02Z  D-00002   8.02 % of 12000 requests failed, 0.10 % of 60000 before
prod-eu/web  prod-eu-web:7  2026-11-23T00:00:07Z  D-00007   headroom explain D-00007
"
        );
        assert_eq!(text("prod-eu", &[("prod-eu/web".to_owned(), Vec::new())]), "prod-eu: nothing is in quarantine\n");
        let json = lines(&scene());
        assert_eq!(json.lines().count(), 2);
        let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!((&first["service"], &first["decision"]), (&json!("prod-eu/web"), &json!("D-00002")), "{first}");
    }

    #[test]
    fn the_plan_names_what_is_released_and_what_is_not_there_lists_what_is() {
        let web = &found(FLEET.as_ref(), "prod-eu", Some("web")).unwrap()[0];
        assert_eq!(
            plan(web, &[bad(2, "too many errors")]),
            "\
prod-eu/web: out of quarantine:
  prod-eu-web:2, rolled back at 2026-11-23T00:00:02Z by D-00002: too many errors
  a rollback may return to it again; nothing is deployed by this
"
        );
        assert_eq!(
            unknown(web, "web:9", &[bad(2, "")]),
            "prod-eu/web: web:9 is not in quarantine; there are prod-eu-web:2\n"
        );
    }

    #[test]
    fn an_unknown_service_is_told_with_those_that_are_known() {
        let refused = found(FLEET.as_ref(), "prod-eu", Some("wbe")).unwrap_err();
        assert!(refused.code == 2 && refused.err.contains("prod-eu/web,"), "{refused:?}");
    }

    #[test]
    fn every_permission_stands_in_the_help_and_is_one_that_the_table_needs() {
        let mut command = Command::command();
        for (name, needed) in
            [("list", vec!["dynamodb:BatchGetItem"]), ("release", vec!["dynamodb:BatchGetItem", "dynamodb:PutItem"])]
        {
            let help = command.find_subcommand_mut(name).unwrap().render_help().to_string();
            for action in needed {
                assert!(REMEMBERING.contains(&action) && help.contains(&format!("\n  {action}\n")), "{action}: {help}");
            }
        }
    }

    #[test]
    fn listing_and_releasing_are_two_commands() {
        assert!(Command::try_parse_from(["x", "list", "prod-eu", "--json"]).is_ok());
        assert!(Command::try_parse_from(["x", "release", "prod-eu", "web", "web:142", "--yes"]).is_ok());
        assert!(Command::try_parse_from(["x", "release", "prod-eu", "web"]).is_err(), "never all of them at once");
    }
}
