//! Scenarios in the simulated world: FLEETS' Langfuse day from load and task size only, and the four load scenarios.

use std::path::{Path, PathBuf};

use headroom_simulator::report::{self, Report};
use headroom_simulator::{run, scenario};

use crate::golden;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn run_text(text: &str) -> Report {
    let files = |path: &str| std::fs::read_to_string(folder().join(path)).map_err(|e| e.to_string());
    let scenario = scenario::read(text, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
    run::run_keeping(scenario, true).unwrap()
}

fn run_file(name: &str) -> Report {
    run_text(&std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap())
}

/// Runs a scenario, compares what it prints, and wants every expectation to hold.
fn holds(name: &str) -> Report {
    let report = run_file(name);
    let text = report::text(&report);
    golden::compare(&format!("scenarios/golden/{name}.txt"), &text);
    assert!(!report.checks.is_empty() && report.holds(), "{text}");
    report
}

fn tasks_by_hour(report: &Report) -> Vec<u32> {
    report.services[0].hours.iter().map(|h| h.tasks).collect()
}

#[test]
fn the_langfuse_day_before_has_two_tasks_and_120_minutes_over_85_percent() {
    let report = holds("langfuse_before");
    assert_eq!(tasks_by_hour(&report), [2; 24]);
    assert_eq!(report.services[0].minutes_over_85_cpu, 120);
    assert!((report.services[0].task_hours - 48.0).abs() < 1e-9);
}

#[test]
fn the_langfuse_day_after_scales_on_cpu_and_costs_less_than_ten_percent_more() {
    let report = holds("langfuse_after");
    assert_eq!(tasks_by_hour(&report)[..5], [2, 2, 3, 3, 2]);
    assert!(report.services[0].minutes_over_85_cpu <= 6);
    assert!(report.services[0].task_hours <= 53.0);
}

#[test]
fn another_target_changes_the_hours_as_the_formula_says() {
    assert_eq!(tasks_by_hour(&holds("langfuse_after_60"))[..5], [2, 2, 4, 4, 2]);
}

#[test]
fn headroom_in_the_world_raises_once_and_returns_once() {
    let report = holds("langfuse_headroom");
    let counts = report.headroom.unwrap();
    assert_eq!((counts.raises, counts.returns, counts.changes), (1, 1, 2));
}

#[test]
fn a_day_with_three_incidents_ends_at_base_with_one_message_each_that_is_edited_once() {
    let report = holds("langfuse_three_incidents");
    let told: Vec<&str> =
        report.timeline.lines.iter().filter(|line| line.kind == "notice").map(|line| line.text.as_str()).collect();
    for service in ["prod-eu/web:", "prod-eu/web-ingestion:", "prod-eu/web-iso:"] {
        let own: Vec<&&str> = told.iter().filter(|title| title.starts_with(service)).collect();
        assert_eq!(own.len(), 2, "{own:?}");
        assert!(own[0].contains("minimum 2 -> 3") && own[1].contains("back to min 2"), "{own:?}");
    }
}

#[test]
fn the_four_load_scenarios_hold() {
    for name in ["load_high_cpu", "load_high_requests", "load_both", "load_slow_ramp"] {
        holds(name);
    }
}

#[test]
fn the_openwan_day_scales_by_requests_and_queue_in_office_hours_and_survives_its_drills() {
    let report = holds("openwan");
    let (api, worker) = (&report.services[0], &report.services[1]);
    // 30 % of eight tasks, where 10 % over would have been one.
    let out = "api 8 -> 10 by requests-out";
    assert!(report.timeline.lines.iter().any(|line| line.text == out), "{}", report::text(&report));
    assert!(api.hours.iter().all(|h| (2..=10).contains(&h.tasks)) && worker.alarms == 0);
}

#[test]
fn each_alarm_of_the_openwebui_day_fires_once_and_redis_adds_no_task() {
    let report = holds("openwebui");
    assert_eq!((report.services[0].alarms, report.services[0].flapping), (4, 0));
    let redis = report.timeline.lines.iter().find(|line| line.text == "redis-cpu ALARM").unwrap().at;
    let scaled = report.timeline.lines.iter().filter(|line| line.kind == "scaling" && line.text.contains(" -> "));
    assert_eq!(scaled.filter(|line| (redis..redis + 1_800).contains(&line.at)).count(), 0);
}

/// Two workers with four jobs of a minute each: eight a minute, whatever comes.
const BACKLOG: &str = "\
scenario backlog
start 2026-11-28T00:00:00Z
service worker
  task 1 vcpu 2 GiB
  bounds 2..4
  queue jobs 4 at a time 60s each
  load daily 2/min..18/min peak 12:00 work 10000ms
    weekend x0.5
expect:
  worker.queue at 06:00 == 0
";

#[test]
fn a_backlog_is_carried_from_minute_to_minute_until_it_is_worked_off() {
    let files = |path: &str| Err(path.to_owned());
    let run = |text: &str| run::run_keeping(scenario::read(text, &files).unwrap(), true).unwrap();
    // A Saturday: half of it comes, at most nine a minute, one more than the workers take.
    let weekend = run(BACKLOG);
    assert!(weekend.holds(), "{}", report::text(&weekend));
    let most = |report: &Report| {
        report.services[0].rows.iter().filter_map(|r| r.queued).map(|(depth, _)| depth).fold(0.0, f64::max)
    };
    let queued: Vec<f64> = weekend.services[0].rows.iter().filter_map(|r| r.queued).map(|(depth, _)| depth).collect();
    assert_eq!(queued.len(), 1_440);
    let first = queued.iter().position(|depth| *depth > 0.0).unwrap();
    assert!(queued[first + 60] > queued[first] + 5.0, "it grows while more comes than is taken");
    assert!(most(&weekend) > 50.0 && queued[1_439] < 1.0, "most {}", most(&weekend));
    // A Monday: all of it.
    let text = BACKLOG.replace("2026-11-28", "2026-11-30");
    assert!(most(&run(&text)) > 20.0 * most(&weekend));
    // Eight tasks' worth of CPU seconds a minute, on two tasks of one vCPU: 67 %.
    let busy = weekend.services[0].rows[720].cpu.unwrap();
    assert!((busy - 8.0 * 10.0 / 120.0 * 100.0).abs() < 0.1, "{busy}");
}

#[test]
fn the_same_seed_gives_the_same_run_byte_for_byte_and_another_seed_another() {
    let text = std::fs::read_to_string(folder().join("langfuse_headroom.txt")).unwrap();
    let bytes = |text: &str| {
        let report = run_text(text);
        [report::text(&report), report::minutes(&report), report::json(&report).unwrap()].concat()
    };
    assert_eq!(bytes(&text), bytes(&text));
    // Another seed draws other start times: the minute of the scale-out is another one.
    assert_ne!(bytes(&text), bytes(&text.replace("seed 7", "seed 8")));
}

#[test]
fn every_scenario_has_a_golden_and_every_golden_a_scenario() {
    let names = |folder: PathBuf| -> std::collections::BTreeSet<_> {
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
        files.filter(|f| f.is_file()).map(|f| f.file_name().unwrap().to_owned()).collect()
    };
    assert_eq!(names(folder()), names(folder().join("golden")));
}

#[test]
fn an_endless_run_is_refused() {
    let text = std::fs::read_to_string(folder().join("langfuse_before.txt")).unwrap();
    let files = |path: &str| Err(path.to_owned());
    let scenario = scenario::read(&text.replace("days 1", "days 32"), &files).unwrap();
    assert!(run::run(scenario).is_err_and(|e| e.to_string().contains("1 to 31")));
}

#[test]
fn the_scenario_in_the_documentation_is_read_and_holds() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/simulator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let example = page.split("```").find(|block| block.trim_start().starts_with("scenario ")).unwrap();
    let report = run_text(example);
    assert!(report.checks.len() == 2 && report.holds(), "{}", report::text(&report));
}

/// One of every statement that the day of the incident does not need.
const EVERYTHING: &str = "\
scenario everything
start 2026-11-23T00:00:00Z
days 2
seed 3
delay ecs 20s
delay elb 40s
quota 24 vcpu
launches 1/s

service api
  ecs 222222222222 eu-west-1 prod/api
  task 2 vcpu 4 GiB
  starts median 30s p95 60s
  background 0.1 vcpu
  elsewhere 20ms
  timeout 10s
  bounds 2..20
  track memory 80% no-scale-in
  step out requests > 1000 2 of 2 percent 0..100:+10 100..:+50 magnitude 1 cooldown 60s
  step in requests < 200 10 of 10 change ..0:-1 cooldown 300s
  schedule cron(0 8 ? * MON-FRI *) min 4
  schedule cron(0 22 * * ? *) min 2
  alarm api-slow response_time_p95 > 500ms 3 of 5 missing notBreaching
  noise 5%
  load daily 300/min..1500/min peak 14:00 work 40ms
    ramp d2/08:00..d2/12:00 x2
    burst d2/14:00..d2/14:30 x8

service jobs
  ecs 222222222222 eu-west-1 prod/jobs
  task 0.5 vcpu 1 GiB
  bounds 1..4
  tasks 1
  suspend in
  track cpu 60%
  load formula max(0, 200 * sin(2 * pi * h / 24)) work 50 + h / 10

service replay
  ecs 333333333333 eu-west-1 prod/replay
  load trace recorded.csv per 5m scale 2 work 30ms

expect:
  api.min at 07:59 == 2
  api.tasks at 08:10 >= 4
  api.min at 22:30 == 2
  # More is wanted than the quota of vCPU lets in: eleven tasks of 2, beside those of `jobs`.
  api.desired max in d2/14:00..d2/15:00 > 11
  api.tasks max in d2/14:00..d2/15:00 <= 11
  api.error_percent > 0
  jobs.requests_per_target at 18:00 == 0
  replay.requests_per_target at 00:00 == 20
  replay.requests_per_target at 00:05 == 40
";

#[test]
fn every_kind_of_load_policy_and_limit_runs_in_one_world() {
    let files = |path: &str| match path {
        "recorded.csv" => Ok("timestamp,value\n2014-04-10 00:04:00,100\n2014-04-10 00:09:00,200\n".to_owned()),
        other => Err(format!("{other}: not here")),
    };
    let scenario = scenario::read(EVERYTHING, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
    let report = run::run_keeping(scenario, true).unwrap();
    assert!(report.holds(), "{}{}", report::text(&report), report::minutes(&report));
}
