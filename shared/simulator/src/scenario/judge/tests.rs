//! Every form of an expectation holds, fails, and never holds about nothing.

use super::*;
use crate::report::Hour;

fn row(at: i64, cpu: Option<f64>) -> Row {
    let (tasks, healthy, desired, min, max) = (2, 2, 3, 2, 10);
    let (memory, requests_per_target, p50, p95, p99) = (None, None, None, Some(0.2), None);
    let (errors, requests, queued) = (0.0, 0.0, None);
    Row {
        queued,
        at,
        tasks,
        healthy,
        desired,
        min,
        max,
        cpu,
        memory,
        requests_per_target,
        p50,
        p95,
        p99,
        errors,
        requests,
    }
}

fn hour(p95: Option<f64>) -> Hour {
    let (cpu, cpu_max, requests_per_target) = (None, None, None);
    Hour { at: 0, tasks: 2, tasks_max: 2, cpu, cpu_max, requests_per_target, p95, p99: p95, errors: 0.0 }
}

fn web(task_hours: f64) -> ServiceReport {
    let hours = vec![hour(Some(0.2)), hour(Some(0.6)), hour(None)];
    ServiceReport { name: "web".into(), task_hours, hours, requests: 200.0, errors: 1.0, ..ServiceReport::default() }
}

/// After three minutes of 50 %, 90 % and none, and one alarm; 48 task-hours before, 50 now.
fn check(text: &str) -> Check {
    let report = Report { services: vec![web(50.0)], ..Report::default() };
    let before = Report { services: vec![web(48.0)], ..Report::default() };
    let mut judge = Judge::new(Expectation::read(text, 1).unwrap(), &report.services);
    for (minute, cpu) in [Some(50.0), Some(90.0), None].into_iter().enumerate() {
        judge.minute(&row(minute as i64 * 60, cpu), 0);
    }
    judge.alarm("cpu-high");
    judge.check(&Report { before: Some(Box::new(before)), ..report })
}

#[test]
fn every_form_holds_and_fails() {
    for (holds, fails) in [
        ("web.cpu at 00:01 == 90", "web.cpu at 00:01 == 91"),
        ("web.cpu mean in 00:00..00:10 == 70", "web.cpu mean in 00:00..00:10 < 70"),
        ("web.cpu min in 00:00..00:10 == 50", "web.cpu max in 00:00..00:10 == 50"),
        ("web.cpu max in 00:00..00:01 == 50", "web.cpu max in 00:00..00:02 == 50"),
        ("web.minutes_over_cpu(85) == 1", "web.minutes_over_cpu(95) == 1"),
        ("web.tasks by hour == 2 2", "web.tasks by hour == 2 3"),
        ("web.p95 by hour <= 200ms 0.6", "web.p95 by hour <= 200ms 500ms"),
        ("web.p99 by hour <= 600ms", "web.p99 by hour < 600ms"),
        ("web.error_percent == 0.5", "web.error_percent == 0"),
        ("task_hours == 50", "task_hours < 50"),
        ("web.task_hours <= +10%", "web.task_hours <= +4%"),
        ("alarm(cpu-high) == 1", "alarm(cpu-low) == 1"),
    ] {
        assert!(check(holds).holds, "{:?}", check(holds));
        assert!(!check(fails).holds, "{:?}", check(fails));
    }
}

#[test]
fn what_was_not_found_never_holds() {
    for text in [
        "headroom.raises == 0",
        "web.cpu at 00:02 <= 100",
        "web.cpu at 05:00 <= 100",
        "web.cpu max in 01:00..02:00 <= 100",
        "web.memory max in 00:00..01:00 <= 100",
        "web.tasks by hour == 2 2 2 2",
        "web.p95 by hour <= 1 1 1",
    ] {
        assert!(!check(text).holds, "{text}: {:?}", check(text));
    }
    let mut silent = Judge::new(Expectation::read("web.minutes_over_cpu(85) == 0", 1).unwrap(), &[web(1.0)]);
    silent.minute(&row(0, None), 0);
    assert!(!silent.check(&Report::default()).holds, "CPU that nobody published is not low");
    assert_eq!(check("headroom.raises == 0").found, "nothing");
}

#[test]
fn the_error_share_of_all_services_is_of_all_their_requests() {
    let idle = ServiceReport { requests: 0.0, errors: 0.0, ..web(1.0) };
    let report = Report { services: vec![web(1.0), web(1.0), idle], ..Report::default() };
    let judge = Judge::new(Expectation::read("error_percent == 0.5", 1).unwrap(), &report.services);
    assert!(judge.check(&report).holds, "{:?}", judge.check(&report));
}

#[test]
fn a_comparison_with_the_run_before_shows_both_figures() {
    assert_eq!(check("web.task_hours <= +10%").found, "+4.2% (48 -> 50)");
    let nothing = check("web.flapping <= +10%");
    assert_eq!((nothing.holds, nothing.found.as_str()), (false, "0 after 0: no percentage of nothing"));
}
