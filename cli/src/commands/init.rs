//! `headroom init`: a first fleet file from what runs in an account.

use std::path::PathBuf;

use clap::Args;
use headroom_aws::inventory::{self, Place};
use headroom_core::fleet::draft::{Draft, Found, Options, draft};

use super::Outcome;
use crate::files;
use crate::progress::Reporter;

/// Write a fleet file from what runs in an ECS cluster.
///
/// Reads the cluster's services, their scalable targets and scaling policies, and the alarms that watch them. Changes
/// nothing in AWS. The file is in mode observe; its comments say what was found and what it cannot say.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom init --cluster prod-eu-cluster -o headroom.yaml
  headroom init --cluster prod-eu-cluster --profile prod --region eu-west-1 --fleet langfuse
  headroom init --cluster prod-eu-cluster --endpoint-url http://127.0.0.1:4600      from `headroom local`

It needs these permissions:
  ecs:ListServices
  ecs:DescribeServices
  application-autoscaling:DescribeScalableTargets
  application-autoscaling:DescribeScalingPolicies
  cloudwatch:DescribeAlarms

Credentials: the environment (AWS_ACCESS_KEY_ID ...), the AWS configuration files with their roles, a container's or
an instance's role. A profile with single sign-on or a credential process is read by the AWS CLI for it:
  eval \"$(aws configure export-credentials --profile P --format env)\"
TLS trusts Amazon's own roots; behind a proxy with another authority set AWS_CA_BUNDLE.

Exit codes: 0 written, 2 it could not be (the reason is printed).")]
pub(crate) struct Init {
    /// The ECS cluster
    #[arg(long, value_name = "NAME")]
    cluster: String,
    /// A profile of the AWS configuration files; it wins over credentials in the environment
    #[arg(long)]
    profile: Option<String>,
    /// The region; else AWS_REGION, else the profile's
    #[arg(long)]
    region: Option<String>,
    /// Another endpoint for all calls
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// What to call the environment, instead of what the names have in common
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// What to call the fleet, instead of what the cluster's name says
    #[arg(long, value_name = "NAME")]
    fleet: Option<String>,
    /// Write to this file instead of standard output; one that is there is kept
    #[arg(short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file
    #[arg(long, requires = "out")]
    force: bool,
}

impl Init {
    /// Reads the cluster and drafts its file.
    pub(crate) fn run(&self) -> Outcome {
        self.drafted().unwrap_or_else(|outcome| outcome)
    }

    fn drafted(&self) -> Result<Outcome, Outcome> {
        // Before the first call: nobody waits a minute to hear of it.
        if let Some(path) = self.out.as_deref().filter(|path| !self.force && path.exists()) {
            return Err(Outcome::failed(format!("{} is there already; --force replaces it\n", path.display())));
        }
        let place = self.place();
        let progress = Reporter::new();
        progress.say(&format!("reading cluster {} ...", place.cluster));
        let found = inventory::find(&place, &|progress_made| progress.told(progress_made))
            .map_err(|failure| Outcome::failed(format!("{failure}\n")))?;
        self.written(&found)
    }

    /// The file of what was found, where it was asked for.
    fn written(&self, found: &Found) -> Result<Outcome, Outcome> {
        let options = Options { environment: self.environment.as_deref(), fleet: self.fleet.as_deref() };
        let draft = draft(found, options).map_err(|refused| Outcome::failed(format!("{refused}\n")))?;
        let err = summary(found, &draft, self.out.as_deref().map(|path| path.display().to_string()).as_deref());
        match &self.out {
            Some(path) => {
                if self.force {
                    files::write(path, &draft.text)?;
                } else {
                    files::write_new(path, &draft.text)?;
                }
                Ok(Outcome { out: String::new(), err, code: 0 })
            }
            None => Ok(Outcome { out: draft.text, err, code: 0 }),
        }
    }

    /// A cluster may be named by its ARN, as the console has it.
    fn place(&self) -> Place {
        let (prefix, name) = self.cluster.rsplit_once('/').unwrap_or(("", &self.cluster));
        Place {
            cluster: if prefix.starts_with("arn:") { name.to_owned() } else { self.cluster.clone() },
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
        }
    }
}

/// What was written, in a line, and what to do with it.
fn summary(found: &Found, draft: &Draft, file: Option<&str>) -> String {
    let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let remedies = match draft.remedies {
        0 => "no remedy".to_owned(),
        1 => "1 remedy".to_owned(),
        n => format!("{n} remedies"),
    };
    let left_out = match draft.left_out.len() {
        0 => String::new(),
        n => format!(", {} left out", count(n, "service")),
    };
    format!(
        "{} of cluster {} ({} {}) as environment {}, {remedies}{left_out}; next: headroom check {}\n",
        count(draft.services, "service"),
        found.cluster,
        found.account,
        found.region,
        draft.environment,
        file.unwrap_or("FILE")
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use headroom_core::fleet::draft::{Controller, FoundService};

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        init: Init,
    }

    fn init(cluster: &str) -> Init {
        Init {
            cluster: cluster.to_owned(),
            profile: None,
            region: None,
            endpoint_url: None,
            environment: None,
            fleet: None,
            out: None,
            force: false,
        }
    }

    fn found() -> Found {
        let web = FoundService {
            name: "prod-web".to_owned(),
            status: "ACTIVE".to_owned(),
            daemon: false,
            controller: Controller::Ecs,
            desired: 2,
            target_groups: Vec::new(),
            target: None,
            policies: Vec::new(),
        };
        let agent = FoundService { name: "agent".to_owned(), daemon: true, ..web.clone() };
        Found {
            cluster: "prod".to_owned(),
            account: "222222222222".to_owned(),
            region: "eu-west-1".to_owned(),
            services: vec![web, agent],
            alarms: Vec::new(),
        }
    }

    #[test]
    fn every_permission_stands_in_the_help() {
        let help = Command::command().render_help().to_string();
        for action in inventory::ACTIONS {
            assert!(help.contains(&format!("\n  {action}\n")), "{action}: {help}");
        }
    }

    #[test]
    fn a_cluster_may_be_named_by_its_arn() {
        for (given, name) in
            [("prod", "prod"), ("arn:aws:ecs:eu-west-1:222222222222:cluster/prod", "prod"), ("a/b", "a/b")]
        {
            assert_eq!(init(given).place().cluster, name);
        }
    }

    #[test]
    fn the_file_goes_out_and_the_summary_beside_it() {
        let outcome = init("prod").written(&found()).expect("written");
        assert_eq!(outcome.code, 0);
        assert!(outcome.out.contains("\nmode: observe"), "{}", outcome.out);
        assert_eq!(
            outcome.err,
            "1 service of cluster prod (222222222222 eu-west-1) as environment prod, no remedy, 1 service left out; \
             next: headroom check FILE\n"
        );
    }

    #[test]
    fn a_file_that_is_there_is_kept_unless_forced() {
        let path = std::env::temp_dir().join(format!("headroom-init-{}.yaml", std::process::id()));
        std::fs::write(&path, "mine").expect("written");
        let kept = Init { out: Some(path.clone()), ..init("prod") };
        for outcome in [kept.run(), kept.written(&found()).expect_err("kept")] {
            assert!(outcome.code == 2 && outcome.err.contains("there already"), "{outcome:?}");
        }
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "mine");
        let forced = Init { force: true, ..kept };
        assert!(forced.written(&found()).expect("written").err.ends_with(&format!("check {}\n", path.display())));
        assert!(std::fs::read_to_string(&path).expect("there").contains("observe"));
        std::fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn a_name_that_is_none_ends_with_2() {
        let outcome = Init { fleet: Some("a b".to_owned()), ..init("prod") }.written(&found()).expect_err("refused");
        assert!(outcome.code == 2 && outcome.err.starts_with("fleet `a b`"), "{outcome:?}");
    }
}
