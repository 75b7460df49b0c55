//! `headroom rollback`: take a service's newest deployment back, or ask whether it was.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use headroom_aws::person::Deployments;
use headroom_core::fleet::Service;
use headroom_core::id::ServiceId;
use headroom_core::rollback::{
    BackQuestion, BackSeen, Call, DeploymentSeen, DeploymentStatus, DeploymentsQuestion, DeploymentsSeen, Quarantined,
    Refused, Way, choose, may_update,
};
use headroom_pipeline::{Disrupted, quarantined};
use jiff::Timestamp;
use serde_json::json;

use super::Outcome;
use crate::ask::confirmed;
use crate::caller::CallerOptions;
use crate::files;
use crate::history::TableOptions;

const NEEDS: &str = "\
It needs these permissions:
  ecs:DescribeServices
  ecs:ListServiceDeployments
  ecs:DescribeServiceDeployments
  ecs:DescribeServiceRevisions
  ecs:DescribeTaskDefinition
  ecr:DescribeImages
  dynamodb:BatchGetItem          on Headroom's table, for what is in quarantine
and to go back, one of these, by the way that it says:
  ecs:StopServiceDeployment
  ecs:ContinueServiceDeployment
  ecs:UpdateService";
/// Deployments whose task definitions are compared: one that was taken back is among the newest.
const LOOKED_AT: usize = 6;
/// The exit code that a pipeline asks for: what was deployed last does not run.
const NOT_WHAT_WAS_DEPLOYED: u8 = 3;

/// Take a service's newest deployment back to the last successful one, with your own credentials.
///
/// It says what it will do and asks before it does it. A deployment on its way is stopped, so that ECS itself restores
/// the old revision; one that ended is taken back by UpdateService, if that brings the old revision back: its task
/// definition is ACTIVE, nothing else changed, and every tag still stands for the image that ran.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = format!("\
Examples:
  headroom rollback prod-eu web --dry-run        what it would do
  headroom rollback prod-eu web                  asks, then does it
  headroom rollback prod-eu web --yes
  headroom rollback prod-eu web --ignore-quarantine   without Headroom's table, or to a revision that was rolled back
  headroom rollback status prod-eu web           exits 3 when what was deployed last does not run

{NEEDS}

Exit codes: 0 done, or what would be done; 1 not done, for the reason that is printed; 2 AWS or a file cannot be read;
of status: 3 what was deployed last does not run."))]
pub(crate) struct Rollback {
    #[command(subcommand)]
    sub: Option<Sub>,
    #[command(flatten)]
    take: Take,
}

#[derive(Debug, Subcommand)]
enum Sub {
    Status(Status),
}

/// Say whether what was deployed last runs.
#[derive(Debug, Args)]
struct Status {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Take {
    /// Environment, as the fleet file names it
    #[arg(value_name = "ENVIRONMENT", requires = "taken")]
    from: Option<String>,
    /// Service, as the fleet file names it
    #[arg(value_name = "SERVICE", id = "taken")]
    taken: Option<String>,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    table: TableOptions,
    /// Go back even to a revision that was rolled back itself, or when nobody can read which were
    #[arg(long)]
    ignore_quarantine: bool,
    /// Where to go back to
    #[arg(long, value_enum, default_value_t = To::LastSuccessful)]
    to: To,
    /// Say what it would do, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    LastSuccessful,
}

#[derive(Debug, Args)]
struct Place {
    /// Environment, as the fleet file names it
    environment: String,
    /// Service, as the fleet file names it
    service: String,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    caller: CallerOptions,
}

impl Rollback {
    /// Takes back, or says.
    pub(crate) fn run(&self) -> Outcome {
        let done = match &self.sub {
            Some(Sub::Status(status)) => status.said(),
            None => self.take.taken(),
        };
        done.unwrap_or_else(|outcome| outcome)
    }
}

/// What was seen of one service.
struct Seen {
    label: String,
    id: ServiceId,
    aws: Deployments,
    seen: DeploymentsSeen,
}

impl Place {
    fn look(&self) -> Result<Seen, Outcome> {
        let service = self.found()?;
        let id = ServiceId::of(&service);
        let aws = Deployments::connect(&self.caller.caller(), &id).map_err(|f| Outcome::failed(format!("{f}\n")))?;
        let question = DeploymentsQuestion {
            service: id.clone(),
            target_group: service.target_group.clone(),
            balancer: None,
            from: None,
            alarms: Vec::new(),
            needs: Vec::new(),
        };
        let seen = aws.seen(&question).map_err(|f| Outcome::failed(format!("{f}\n")))?;
        if seen.deployments.is_empty() {
            return Err(Outcome::no(format!("{}: ECS knows no deployment of {}\n", service.label(), id.resource_id())));
        }
        Ok(Seen { label: service.label(), id, aws, seen })
    }

    fn found(&self) -> Result<Service, Outcome> {
        let parsed = files::fleet(&self.fleet, None)?.map_err(|problems| Outcome::no(files::problems(&problems)))?;
        let named = |s: &&Service| s.environment == self.environment && s.name == self.service;
        parsed.fleet.services.iter().find(named).cloned().ok_or_else(|| {
            let known: Vec<String> = parsed.fleet.services.iter().map(Service::label).collect();
            let asked = format!("{}/{}", self.environment, self.service);
            Outcome::failed(format!("no service {asked} in {}: {}\n", self.fleet.display(), known.join(", ")))
        })
    }
}

impl Seen {
    fn newest(&self) -> Result<&DeploymentSeen, Outcome> {
        let newest = self.seen.deployments.iter().max_by_key(|d| d.created_at);
        newest.ok_or_else(|| Outcome::no("no deployment\n".to_owned()))
    }

    /// The revisions of the newest deployments, and one more.
    fn known(&self, also: Option<String>) -> Result<BackSeen, Outcome> {
        let newest = self.seen.deployments.iter().take(LOOKED_AT).map(|d| d.target.clone());
        let mut asked: Vec<String> = newest.chain(also).collect();
        asked.sort();
        asked.dedup();
        self.revisions(asked)
    }

    fn revisions(&self, arns: Vec<String>) -> Result<BackSeen, Outcome> {
        let question = BackQuestion {
            service: self.id.clone(),
            revisions: arns,
            balancer: None,
            from: Timestamp::UNIX_EPOCH,
            beside: Vec::new(),
            needed: Vec::new(),
        };
        self.aws.back(&question).map_err(|f| Outcome::failed(format!("{f}\n")))
    }
}

impl Status {
    fn said(&self) -> Result<Outcome, Outcome> {
        let seen = self.place.look()?;
        let newest = seen.newest()?;
        let to = newest.detail.as_ref().and_then(|d| d.rollback_to.clone());
        let back = seen.known(to.clone())?;
        let name = |arn: &str| task_definition(&back, arn);
        let replaced = replaced(&seen.seen.deployments, newest, &name);
        let (runs, status) = (to.as_deref().unwrap_or(&newest.target), newest.status);
        let taken_back = to.is_some() || going_back(status) || replaced.is_some();
        let deployed = replaced.unwrap_or(newest);
        let code = if taken_back { NOT_WHAT_WAS_DEPLOYED } else { 0 };
        let out = if self.json {
            let object = json!({
                "service": seen.label,
                "deployment": deployed.arn,
                "created_at": deployed.created_at.to_string(),
                "status": status.name(),
                "deployed": name(&deployed.target),
                "runs": name(runs),
                "taken_back": taken_back,
            });
            format!("{object}\n")
        } else if taken_back {
            format!(
                "{}: {} was deployed at {:.0} and is taken back ({}); {} runs\n",
                seen.label,
                name(&deployed.target),
                deployed.created_at,
                status.name(),
                name(runs)
            )
        } else {
            let (deployed, at) = (name(&newest.target), newest.created_at);
            format!("{}: {deployed}, deployed at {at:.0}, runs ({})\n", seen.label, status.name())
        };
        Ok(Outcome { out, err: String::new(), code })
    }
}

/// The deployment that the newest one took back: it brought a task definition that ran before that one. So does
/// UpdateService by Headroom or by a person, and ECS has no other word for it.
fn replaced<'a>(
    all: &'a [DeploymentSeen],
    newest: &DeploymentSeen,
    name: &dyn Fn(&str) -> String,
) -> Option<&'a DeploymentSeen> {
    let mut before: Vec<&DeploymentSeen> = all.iter().filter(|d| d.created_at < newest.created_at).collect();
    before.sort_by_key(|d| std::cmp::Reverse(d.created_at));
    let (previous, earlier) = before.split_first()?;
    let runs = name(&newest.target);
    let returned = earlier.iter().take(LOOKED_AT).any(|d| name(&d.target) == runs);
    (name(&previous.target) != runs && returned).then_some(*previous)
}

/// Whether ECS goes back, or went back.
fn going_back(status: DeploymentStatus) -> bool {
    matches!(
        status,
        DeploymentStatus::RollbackRequested
            | DeploymentStatus::RollbackInProgress
            | DeploymentStatus::RollbackSuccessful
            | DeploymentStatus::RollbackFailed
    )
}

impl Take {
    fn place(&self) -> Result<Place, Outcome> {
        let (Some(environment), Some(service)) = (self.from.clone(), self.taken.clone()) else {
            return Err(Outcome::failed("which service? headroom rollback ENVIRONMENT SERVICE\n".to_owned()));
        };
        Ok(Place { environment, service, fleet: self.fleet.clone(), caller: self.table.caller.clone() })
    }

    fn taken(&self) -> Result<Outcome, Outcome> {
        let To::LastSuccessful = self.to;
        let place = self.place()?;
        let seen = place.look()?;
        let newest = seen.newest()?;
        let refused = |why: String| Outcome::no(format!("{}: not taken back: {why}\n", seen.label));
        if going_back(newest.status) {
            return Err(refused(format!("ECS goes back already, {}", newest.status.name())));
        }
        let known = seen.known(None)?;
        if let Some(replaced) = replaced(&seen.seen.deployments, newest, &|arn| task_definition(&known, arn)) {
            let name = task_definition(&known, &replaced.target);
            return Err(refused(format!("{name} is taken back already, by a newer deployment")));
        }
        let quarantined = self.quarantined(&seen)?;
        let free = |why: Refused| {
            let names = format!(". `headroom quarantine list {}` names them", place.environment);
            refused(why.to_string() + if why == Refused::AllQuarantined { &names } else { "" })
        };
        let choice = choose(newest, &seen.seen, &quarantined).map_err(free)?;
        let back = seen.revisions(vec![choice.good.target.clone(), newest.target.clone()])?;
        if choice.way == Way::Update {
            may_update(&back, &choice.good.target, &newest.target).map_err(|why| refused(why.to_string()))?;
        }
        let call = call(&seen, newest, &choice.way, &back, &choice.good.target);
        let plan = format!(
            "{}: {} -> {}, the last successful deployment, of {:.0}\n  {call}\n  database migrations, secret values and \
             settings outside the revision are not taken back\n",
            seen.label,
            task_definition(&back, &newest.target),
            task_definition(&back, &choice.good.target),
            choice.good.created_at
        );
        if self.dry_run {
            return Ok(Outcome::done(plan));
        }
        confirmed(&plan, self.yes)?;
        match seen.aws.take_back(&seen.id, &call).map_err(|f| Outcome::failed(format!("{f}\n")))? {
            Disrupted::Done => {
                let (environment, service) = (&place.environment, &place.service);
                let next = format!("asked for; follow it: headroom rollback status {environment} {service}\n");
                Ok(Outcome::done(plan + &next))
            }
            Disrupted::Conflict { expected, found } => {
                Err(refused(format!("expected {expected}, found {found}: somebody was faster")))
            }
        }
    }
}

impl Take {
    /// What Headroom rolled back of the service: it is not returned to, unless somebody says so.
    fn quarantined(&self, seen: &Seen) -> Result<Vec<Quarantined>, Outcome> {
        if self.ignore_quarantine {
            return Ok(Vec::new());
        }
        let hand = self.table.hand(Some(&seen.id.region))?;
        hand.run(async |hands| quarantined(hands, &seen.id).await).map_err(|failure| {
            let why = "nobody can say which revisions were rolled back before";
            Outcome::failed(format!("{failure}\n{}: {why}; --ignore-quarantine goes back all the same\n", seen.label))
        })
    }
}

fn call(seen: &Seen, newest: &DeploymentSeen, way: &Way, back: &BackSeen, good: &str) -> Call {
    let deployment = newest.arn.clone();
    match way {
        Way::Stop => Call::Stop { deployment },
        Way::Continue { hook } => Call::Continue { deployment, hook: hook.clone() },
        Way::Update => {
            let primary = seen.seen.service.known().and_then(|s| s.primary.as_ref());
            Call::Update {
                primary: primary.map(|p| p.id.clone()).unwrap_or_default(),
                replaces: task_definition_arn(back, &newest.target),
                task_definition: task_definition_arn(back, good),
            }
        }
    }
}

fn task_definition_arn(back: &BackSeen, revision: &str) -> String {
    back.revisions.iter().find(|r| r.arn == revision).map(|r| r.task_definition.clone()).unwrap_or_default()
}

/// `family:revision`; the revision's own id when ECS does not show it.
fn task_definition(back: &BackSeen, revision: &str) -> String {
    let arn = task_definition_arn(back, revision);
    let arn = if arn.is_empty() { revision } else { &arn };
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use headroom_aws::person::{LOOKING, TAKING_BACK};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        rollback: Rollback,
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in LOOKING.iter().chain(&TAKING_BACK) {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn taking_back_and_asking_are_two_commands() {
        assert!(Command::try_parse_from(["x", "prod-eu", "web", "--dry-run"]).is_ok());
        assert!(Command::try_parse_from(["x", "status", "prod-eu", "web", "--json"]).is_ok());
        assert!(Command::try_parse_from(["x", "prod-eu", "web", "--to", "first"]).is_err());
    }

    #[test]
    fn an_unknown_service_is_told_with_those_that_are_known() {
        let place = Place {
            environment: "prod-eu".into(),
            service: "wbe".into(),
            fleet: concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml").into(),
            caller: CallerOptions::default(),
        };
        let outcome = place.found().expect_err("no such service");
        assert!(outcome.code == 2 && outcome.err.contains("prod-eu/web,"), "{outcome:?}");
    }
}
