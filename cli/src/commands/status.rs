//! `headroom status`: the fleet at a glance.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use headroom_core::capacity::State;
use headroom_core::control::Control;
use headroom_core::entry::Entry;
use headroom_core::fleet::{Environment as Declared, Fleet, Service};
use headroom_core::id::{ServiceId, lease_id};
use headroom_core::seen::{Question, Seen};
use headroom_core::status::{Environment, Page, Row, WIDTH, question, render, tasks, why};
use headroom_pipeline::{Ask as _, Journal as _, Keys};
use jiff::SignedDuration;
use serde_json::json;

use super::Outcome;
use crate::history::{TableOptions, now};
use crate::place;
use crate::prices::PriceOptions;

/// What is counted, and where what waits is found.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Entries of a day; a storm's are more than anybody counts here, and the page says so.
const ENTRIES_MAX: usize = 2_000;
/// Between two looks of `--watch`: a metric is a minute old at best.
const WATCHED: Duration = Duration::from_secs(15);

/// Show what runs, within which bounds, why they are what they are, and last what waits for you.
///
/// Calls are bounded: one DescribeServices for ten services, one read of the table for a hundred.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom status
  headroom status prod-eu
  headroom status prod-eu web --json
  headroom status prod-eu web --tasks      each of its tasks, and what ECS says of them
  headroom status prod-eu --watch          again each 15 s, until Ctrl-C

Narrower than 119 columns (COLUMNS), a page has no CEILING; narrower than 100 no CPU either.

It needs these permissions, on the table and its index `entries`:
  dynamodb:BatchGetItem
  dynamodb:Query
and in the account of the services:
  ecs:DescribeServices
  application-autoscaling:DescribeScalableTargets
  cloudwatch:GetMetricData
and with --tasks:
  ecs:ListTasks
  ecs:DescribeTasks
  ecs:GetTaskProtection

Exit codes: 0 shown, 1 an environment could not be read, 2 none could, or a file cannot be read.")]
pub(crate) struct Status {
    /// Environment, as the fleet file names it; left out: all of them
    environment: Option<String>,
    /// Service, as the fleet file names it; left out: all of them
    service: Option<String>,
    /// Show it again and again
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// List the tasks of the service, too
    #[arg(long, requires = "service", conflicts_with = "json")]
    tasks: bool,
    /// Print JSON, one service a line
    #[arg(long)]
    json: bool,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    prices: PriceOptions,
    #[command(flatten)]
    table: TableOptions,
}

/// What was read of one environment.
struct Read<'a> {
    declared: &'a Declared,
    services: Vec<&'a Service>,
    found: Result<Found, String>,
}

#[derive(Default)]
struct Found {
    states: Vec<State>,
    seen: Vec<Seen>,
    control: Control,
}

impl Status {
    /// Shows it.
    pub(crate) fn run(&self) -> Outcome {
        loop {
            let outcome = self.shown().unwrap_or_else(|outcome| outcome);
            if !self.watch || outcome.code == 2 {
                return outcome;
            }
            // A clear screen, then the page; a reader that has gone away ends the watch.
            let mut screen = std::io::stdout();
            let written = write!(screen, "\u{1b}[2J\u{1b}[H{}{}", outcome.out, outcome.err);
            if written.and_then(|()| screen.flush()).is_err() {
                return Outcome::done(String::new());
            }
            std::thread::sleep(WATCHED);
        }
    }

    fn shown(&self) -> Result<Outcome, Outcome> {
        let mut fleet = place::fleet(&self.fleet)?;
        self.prices.apply(&mut fleet)?;
        let services = place::services(&fleet, self.environment.as_deref(), self.service.as_deref())?;
        let read: Vec<Read<'_>> = fleet
            .environments
            .iter()
            .map(|declared| {
                let here = services.iter().copied().filter(|s| s.environment == declared.name).collect();
                (declared, here)
            })
            .filter(|(_, here): &(_, Vec<&Service>)| !here.is_empty())
            .map(|(declared, services)| Read { declared, found: self.read(declared, &services), services })
            .collect();
        let failed: Vec<String> =
            read.iter().filter_map(|r| Some(format!("{}: {}\n", r.declared.name, r.found.as_ref().err()?))).collect();
        if failed.len() == read.len() {
            return Err(Outcome::failed(failed.concat()));
        }
        let out = if self.json { lines(&read) } else { self.page(&fleet, &read)? };
        let code = u8::from(!failed.is_empty());
        Ok(Outcome { out, err: if self.json { failed.concat() } else { String::new() }, code })
    }

    /// One environment: its switches, then states and services, each with few calls.
    fn read(&self, declared: &Declared, services: &[&Service]) -> Result<Found, String> {
        let told = |outcome: Outcome| outcome.err.trim_end().to_owned();
        let hand = self.table.hand(Some(&declared.region)).map_err(told)?;
        let ids: Vec<ServiceId> = services.iter().map(|s| ServiceId::of(s)).collect();
        let states = hand.states(&ids).map_err(|f| f.to_string())?;
        let keys = Keys { environment: Some(declared.name.clone()), ..Keys::default() };
        let questions: Vec<_> = services.iter().map(|s| Question { tasks: self.tasks, ..question(s) }).collect();
        let read = hand.run(async |hands| Ok((hands.load(&keys).await?.control, hands.ask(&questions).await?)));
        let (control, seen) = read.map_err(|f| f.to_string())?;
        Ok(Found { states, seen, control })
    }

    fn page(&self, fleet: &Fleet, read: &[Read<'_>]) -> Result<String, Outcome> {
        let region = read.first().map(|r| r.declared.region.as_str());
        let found = self.table.connect_in(region)?.list(DAY, None, ENTRIES_MAX)?;
        let shown = |e: &Entry| read.iter().any(|r| r.services.iter().any(|s| s.label() == e.label));
        let entries: Vec<Entry> = found.entries.into_iter().filter(shown).collect();
        let environments = read.iter().map(environment).collect();
        let page = Page { fleet: &fleet.fleet, now: now(), environments, entries: &entries, more: found.older };
        let seen = read.iter().filter_map(|r| r.found.as_ref().ok()).flat_map(|found| &found.seen);
        let listed: String = seen.filter(|_| self.tasks).map(|seen| format!("\n{}", tasks(seen, page.now))).collect();
        Ok(render(&page, width()) + &listed)
    }
}

fn environment<'a>(read: &'a Read<'a>) -> Environment<'a> {
    let (rows, control, unread) = match &read.found {
        Ok(found) => (rows(read, found), found.control.clone(), None),
        Err(why) => (Vec::new(), Control::default(), Some(why.clone())),
    };
    Environment { name: &read.declared.name, mode: read.declared.mode, control, rows, unread }
}

fn rows<'a>(read: &'a Read<'a>, found: &'a Found) -> Vec<Row<'a>> {
    let all = read.services.iter().zip(&found.states).zip(&found.seen);
    all.map(|((service, state), seen)| Row { service, state: &state.service, seen }).collect()
}

/// As wide as the terminal says; what is piped is as wide as a page.
fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH)
}

fn lines(read: &[Read<'_>]) -> String {
    let mut out = String::new();
    for read in read {
        let Ok(found) = &read.found else { continue };
        for row in rows(read, found) {
            let id = ServiceId::of(row.service);
            let leases: Vec<_> =
                row.state.live().map(|l| json!({ "id": lease_id(&id, &l.source), "lease": l })).collect();
            let object = json!({
                "service": row.service.label(),
                "mode": row.service.mode,
                "desired": row.seen.service.known().map(|s| s.desired),
                "running": row.seen.service.known().map(|s| s.running),
                "min": row.seen.target.known().map(|t| t.min),
                "max": row.seen.target.known().map(|t| t.max),
                "ceiling": row.service.capacity.ceiling,
                "cpu_percent": row.seen.load.known().map(|l| l.value),
                "stopped": found.control.stopped,
                "leases": leases,
                "why": why(&row, &found.control, now()),
            });
            out.push_str(&format!("{object}\n"));
        }
    }
    out
}
