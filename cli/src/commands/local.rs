//! `headroom local`: the simulated AWS behind AWS's own HTTP protocols.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use headroom_local::app::App;
use headroom_local::clock::{Clock, SPEED_MAX};
use headroom_local::delivery::{Outbox, Target, Worker};
use headroom_local::faults::{self, Faults, Plan};
use headroom_local::server::{Running, client_now};
use headroom_local::source::Source;
use headroom_local::state::Saved;
use jiff::Timestamp;
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Outcome;
use crate::files;

/// Serve a simulated AWS on this machine: ECS, Application Auto Scaling, CloudWatch, load balancing, quotas.
///
/// Services with load whose tasks start, serve, scale and fail, as Application Auto Scaling and ECS would have it.
/// Point AWS_ENDPOINT_URL_ECS and its like at the URL that is printed; signatures are not checked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom local --fleet headroom.yaml                    the services of a fleet file, no load until it is set
  headroom local tests/scenarios/lfe_7918.txt --speed 60  a scenario, a minute in a second
  headroom local night.txt --headroom                     Headroom itself runs inside, as in `headroom simulate`
  headroom local night.txt --faults faults.txt --seed 7   with faults, the same ones each time
  headroom local --fleet headroom.yaml --deliver http://127.0.0.1:4599/2015-03-31/functions/F/invocations

  curl -d '{\"service\": \"prod-eu/web\", \"requests\": 1800, \"work_ms\": 60}' http://127.0.0.1:4600/_headroom/load
  aws --endpoint-url http://127.0.0.1:4600 ecs describe-services --cluster prod-eu-cluster --services prod-eu-web

A fault plan, one rule a line:
  ecs.DescribeServices throttle 10%                       an operation, service.*, or *
  * delay 200ms..2s 10% after 60s until 10m
  RegisterScalableTarget apply-then-time-out 1% at most 3
  cloudwatch.* error-500 5%
  * reset 2%
  event duplicate 5%
  event delay 1s..30s 20%

Operations, control API and what it does not do: docs/simulator.md.

Exit codes: 0 ended by SIGINT or SIGTERM, 1 a file is not right (every problem is printed), 2 a file or the port
cannot be used.")]
pub(crate) struct Local {
    /// A scenario file
    scenario: Option<PathBuf>,
    /// A fleet file: its services when there is no scenario, and what Headroom runs with
    #[arg(long)]
    fleet: Option<PathBuf>,
    /// Run Headroom itself inside of the world
    #[arg(long)]
    headroom: bool,
    /// Seconds of the world in a second; 0: it stands until POST /_headroom/advance
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// What a client's clock says at the beginning, instead of now; with --speed 0 the same calls then give the same
    /// answers, byte for byte
    #[arg(long, value_name = "TIME")]
    begin: Option<Timestamp>,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// Of everything random; the scenario's own by default
    #[arg(long)]
    seed: Option<u64>,
    /// A fault plan
    #[arg(long, value_name = "PLAN")]
    faults: Option<PathBuf>,
    /// POST every event here; may be repeated
    #[arg(long, value_name = "URL")]
    deliver: Vec<String>,
    /// Give every event to a shell command's standard input; may be repeated
    #[arg(long, value_name = "COMMAND")]
    deliver_command: Vec<String>,
    /// Go on from this file if it is there, and save to it at the end
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Print the ready line as JSON
    #[arg(long)]
    json: bool,
}

impl Local {
    /// Serves until it is told to end.
    pub(crate) fn run(&self) -> Outcome {
        self.served().unwrap_or_else(|outcome| outcome)
    }

    fn served(&self) -> Result<Outcome, Outcome> {
        // Before the port is open: a signal must not fall between.
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|e| failed("signals", e))?;
        let app = self.app()?;
        let running = Running::start(self.port, app).map_err(|e| failed(&format!("port {}", self.port), e))?;
        self.ready(&format!("http://{}", running.address));
        let (stop, handle) = (running.stopper(), signals.handle());
        let told = std::thread::Builder::new().spawn(move || {
            if signals.forever().next().is_some() {
                stop.send_replace(true);
            }
        });
        told.map_err(|e| failed("a thread", e))?;
        let ended = running.wait();
        handle.close();
        ended.map_err(|e| Outcome::failed(format!("{e}\n")))?;
        Ok(Outcome::done(String::new()))
    }

    fn ready(&self, url: &str) {
        let line = if self.json { json!({ "url": url }).to_string() } else { format!("headroom local: {url}") };
        // Whoever started it waits for this line; nobody may be there.
        let mut out = std::io::stdout().lock();
        let _printed = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    fn app(&self) -> Result<App, Outcome> {
        if !(0.0..=SPEED_MAX).contains(&self.speed) {
            return Err(Outcome::no(format!("--speed {}, expected 0 to {SPEED_MAX}, for example 60\n", self.speed)));
        }
        if self.begin.is_some() && self.speed > 0.0 {
            return Err(Outcome::no("--begin needs --speed 0: a clock that runs begins now\n".to_owned()));
        }
        let saved = self.saved()?;
        let source = match &saved {
            Some(saved) => saved.source.clone(),
            None => self.source()?,
        };
        let plan = self.plan()?;
        let engine = source.engine().map_err(refused)?;
        let begun = self.begun();
        let clock = Clock::starting(engine.start(), begun, self.speed);
        let seed = source.seed.unwrap_or_default();
        let outbox = Outbox::new(self.targets()?, plan.events, seed);
        let mut app = App::new(engine, source, clock, Faults::new(plan, seed), outbox);
        if let Some(saved) = saved {
            saved.restore(&mut app, begun).map_err(|e| Outcome::no(format!("{e}\n")))?;
        }
        Ok(self.state.iter().fold(app, |app, path| app.saved_to(path.clone())))
    }

    fn begun(&self) -> f64 {
        self.begin.map_or_else(client_now, |at| at.as_second() as f64)
    }

    fn saved(&self) -> Result<Option<Saved>, Outcome> {
        let Some(path) = self.state.as_deref().filter(|path| path.exists()) else { return Ok(None) };
        let text = files::text(path)?;
        let saved = Saved::read(&text).map_err(|e| Outcome::no(format!("{}: {e}\n", path.display())))?;
        if (self.scenario.is_some() || self.fleet.is_some()) && self.source()?.texts() != saved.source.texts() {
            let words = "was saved from another scenario or fleet file; delete it, or leave those arguments out";
            return Err(Outcome::no(format!("{} {words}\n", path.display())));
        }
        Ok(Some(saved))
    }

    fn source(&self) -> Result<Source, Outcome> {
        let fleet = self.fleet.as_deref().map(files::text).transpose()?;
        let source = match (&self.scenario, &fleet) {
            (Some(path), fleet) => {
                let text = files::text(path)?;
                let folder = path.parent().unwrap_or(Path::new(""));
                let read = |name: &str| {
                    std::fs::read_to_string(folder.join(name)).map_err(|e| format!("cannot read {name}: {e}"))
                };
                let source = Source::of_scenario(&text, &read).map_err(|list| named(path, &list))?;
                fleet.iter().fold(source, |source, fleet| source.with_fleet(fleet))
            }
            (None, Some(fleet)) => Source::of_fleet(fleet, self.begun() as i64).map_err(refused)?,
            (None, None) => {
                let words = "a scenario or --fleet, for example `headroom local --fleet headroom.yaml`";
                return Err(Outcome::no(format!("expected {words}\n")));
            }
        };
        Ok(Source { seed: self.seed, headroom: self.headroom, ..source })
    }

    fn plan(&self) -> Result<Plan, Outcome> {
        let Some(path) = &self.faults else { return Ok(Plan::default()) };
        faults::read(&files::text(path)?).map_err(|list| named(path, &list))
    }

    fn targets(&self) -> Result<Vec<(Target, Worker)>, Outcome> {
        let urls = self.deliver.iter().map(|url| Target::url(url));
        let commands = self.deliver_command.iter().map(|command| Ok(Target::Command(command.clone())));
        let started = urls.chain(commands).map(|target| {
            let target = target.map_err(|e| Outcome::no(format!("--deliver {e}\n")))?;
            let worker = Worker::start(target.clone()).map_err(|e| failed("a thread", e))?;
            Ok((target, worker))
        });
        started.collect()
    }
}

fn failed(what: &str, error: std::io::Error) -> Outcome {
    Outcome::failed(format!("cannot use {what}: {error}\n"))
}

fn refused(problems: Vec<String>) -> Outcome {
    Outcome::no(problems.into_iter().map(|p| p + "\n").collect())
}

fn named(path: &Path, problems: &[String]) -> Outcome {
    Outcome::no(problems.iter().map(|p| format!("{}: {p}\n", path.display())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = "start 2026-11-23T00:00:00Z\nservice web\n load table\n 00:00 60/min 1ms\n";

    fn local() -> Local {
        Local {
            scenario: None,
            fleet: None,
            headroom: false,
            speed: 0.0,
            port: 0,
            seed: None,
            begin: None,
            faults: None,
            deliver: Vec::new(),
            deliver_command: Vec::new(),
            state: None,
            json: false,
        }
    }

    fn written(name: &str, text: &str) -> PathBuf {
        let file = std::env::temp_dir().join(format!("headroom-local-{}-{name}", std::process::id()));
        std::fs::write(&file, text).expect("written");
        file
    }

    fn refused(local: &Local) -> (u8, String) {
        local.app().map(|_| ()).map_err(|o| (o.code, o.err)).expect_err("is refused")
    }

    #[test]
    fn what_is_not_right_is_said_before_a_port_is_opened() {
        let scenario = Some(written("scenario.txt", SCENARIO));
        let bad = Some(written("bad.txt", "start x\n"));
        let faults = Some(written("faults.txt", "ecs.Nope throttle 10%\nDescribeServices explode 10%\n"));
        let cases = [
            (local(), 1, "--fleet headroom.yaml"),
            (Local { scenario: bad, ..local() }, 1, "line 1"),
            (Local { scenario: scenario.clone(), speed: -1.0, ..local() }, 1, "for example 60"),
            (
                Local { scenario: scenario.clone(), begin: Some(Timestamp::UNIX_EPOCH), speed: 1.0, ..local() },
                1,
                "--begin needs --speed 0",
            ),
            (Local { scenario: scenario.clone(), headroom: true, ..local() }, 1, "--headroom needs a fleet file"),
            (Local { scenario: scenario.clone(), faults, ..local() }, 1, "line 2"),
            (
                Local { scenario: scenario.clone(), deliver: vec!["https://x/".into()], ..local() },
                1,
                "for example http://",
            ),
            (Local { fleet: Some("no/such/file".into()), ..local() }, 2, "cannot read"),
        ];
        for (local, code, words) in cases {
            let (found, err) = refused(&local);
            assert!(found == code && err.contains(words), "{found} {err}");
        }
    }

    #[test]
    fn a_state_is_gone_on_from_and_never_taken_for_another_world() {
        let scenario = written("first.txt", SCENARIO);
        let state = std::env::temp_dir().join(format!("headroom-local-{}-saved.json", std::process::id()));
        let first = Local { scenario: Some(scenario.clone()), ..local() };
        let running = Running::start(0, first.app().expect("an app").saved_to(state.clone())).expect("a server");
        running.stop().expect("saved");
        let again = Local { scenario: Some(scenario), state: Some(state.clone()), ..local() };
        assert!(again.app().is_ok(), "the same scenario");
        assert!(Local { state: Some(state.clone()), ..local() }.app().is_ok(), "no scenario named");
        let other = written("other.txt", &SCENARIO.replace("60/min", "90/min"));
        let (code, err) = refused(&Local { scenario: Some(other), state: Some(state.clone()), ..local() });
        assert!(code == 1 && err.contains("another scenario"), "{err}");
        std::fs::write(&state, "{}").expect("written");
        assert!(refused(&Local { state: Some(state), ..local() }).1.contains("no saved state"));
    }
}
