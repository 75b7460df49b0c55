//! Task-hours and counts, by hand.

use headroom_core::capacity::{Ended, Remark};
use headroom_core::decide::{Decision, Plan};
use headroom_core::entry::{Entry, RECONCILE};
use headroom_core::fleet::Mode;
use headroom_core::id::CaseKey;
use headroom_core::release::Judged;
use headroom_core::report::{Report, report};
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::on_alarm;

use super::golden::nights;
use crate::fleets::{FIRES, at, cpu_alarm};
use crate::night::played;
use crate::scene::night;

/// An hour is in seconds; a baseline of 2, so that a floor of 3 adds one task.
const HOUR: i64 = 3_600;

/// What one alarm grants in act mode, at a time.
async fn grant() -> Entry {
    let (fleet, world) = night();
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "first").await.unwrap();
    world.entries().remove(0)
}

/// The same grant at a time, by another source, with a floor.
fn granted(entry: &Entry, source: &str, second: i64, floor: u32) -> Entry {
    let mut entry = Entry { at: at(second), key: CaseKey(format!("{source}{second}")), ..entry.clone() };
    let Some(Decision::Act(Plan::Lease(grant))) = entry.judgement.as_mut().map(|j| &mut j.decision) else { panic!() };
    grant.lease.source = source.to_owned();
    grant.lease.floor = Some(floor);
    grant.lease.until = at(second + HOUR);
    entry
}

/// The reconciler's entry about a lease.
fn judged(entry: &Entry, source: &str, second: i64, judged: Judged) -> Entry {
    let remarks = vec![Remark::Judged { source: source.to_owned(), judged }];
    let key = CaseKey(format!("r{source}{second}"));
    let mut of = Entry::new(key, entry.service.clone(), entry.label.clone(), RECONCILE.into(), Mode::Act, at(second));
    of.remarks = remarks;
    of
}

fn ended() -> Judged {
    Judged::Ended { why: Ended::LoadGone, need: None, age: Seconds(0) }
}

fn stepped(from: u32, to: u32) -> Judged {
    Judged::Renewed { from, to, need: None, until: at(9 * HOUR) }
}

fn day(entries: &[Entry]) -> Report {
    report(entries, false, at(0), at(24 * HOUR))
}

#[tokio::test]
async fn a_lease_counts_from_its_grant_over_each_step_to_its_end() {
    let entry = grant().await;
    // Base 2: three tasks for an hour, two for another, then one until the end of the report.
    let mut entries = vec![granted(&entry, "a", HOUR, 5), judged(&entry, "a", 2 * HOUR, stepped(5, 4))];
    entries.push(judged(&entry, "a", 3 * HOUR, stepped(4, 3)));
    assert!((day(&entries).total.task_hours - (3.0 + 2.0 + 21.0)).abs() < 1e-9, "{:?}", day(&entries).total);
    entries.push(judged(&entry, "a", 4 * HOUR, ended()));
    let report = day(&entries);
    assert!((report.total.task_hours - 6.0).abs() < 1e-9, "{:?}", report.total);
    let price = entry.rule.as_ref().unwrap().usd_task_hour.unwrap();
    assert!((report.total.usd - 6.0 * price).abs() < 1e-9 && price > 0.0);
    assert_eq!(report.total.would_task_hours, 0.0);
    // Any order in: entries of a page of the index come as they come.
    entries.reverse();
    assert_eq!(day(&entries), report);
}

#[tokio::test]
async fn leases_that_overlap_are_not_added_up() {
    let entry = grant().await;
    let entries = [
        granted(&entry, "a", HOUR, 4),
        granted(&entry, "b", 2 * HOUR, 3),
        judged(&entry, "a", 3 * HOUR, ended()),
        judged(&entry, "b", 4 * HOUR, ended()),
    ];
    let report = day(&entries);
    assert!((report.total.task_hours - 5.0).abs() < 1e-9, "2 + 2 + 1: {:?}", report.total);
}

#[tokio::test]
async fn a_repeat_renews_and_never_stacks() {
    let entry = grant().await;
    let entries =
        [granted(&entry, "a", HOUR, 4), granted(&entry, "a", 2 * HOUR, 3), judged(&entry, "a", 3 * HOUR, ended())];
    assert!((day(&entries).total.task_hours - 4.0).abs() < 1e-9, "{:?}", day(&entries).total);
}

#[tokio::test]
async fn what_would_have_been_done_is_held_for_one_lease() {
    let entry = grant().await;
    let observed = |second| Entry { mode: Mode::Observe, ..granted(&entry, "a", second, 4) };
    let entries = [observed(HOUR), observed(HOUR + HOUR / 2), observed(23 * HOUR + HOUR / 2)];
    let report = day(&entries);
    // 01:00 to 02:30 once, and half an hour until the report ends.
    assert!((report.total.would_task_hours - 4.0).abs() < 1e-9, "{:?}", report.total);
    assert_eq!((report.total.task_hours, report.total.did.acted, report.total.did.would_act), (0.0, 0, 3));
}

#[tokio::test]
async fn a_size_that_nobody_told_has_no_price_and_says_so() {
    let entry = grant().await;
    let mut entry = granted(&entry, "a", HOUR, 3);
    entry.rule.as_mut().unwrap().usd_task_hour = None;
    let report = day(&[entry]);
    assert_eq!((report.total.usd, report.lines[0].usd), (0.0, None));
    assert_eq!(report.total.without_price, ["prod-eu/web"]);
}

#[tokio::test]
async fn the_night_adds_one_task_from_its_raise_to_its_return() {
    let (world, _) = played().await;
    let entries = world.entries();
    let of = |outcome| {
        let mut all = entries.iter().filter(|e| headroom_core::history::Line::of(e).outcome == outcome);
        all.next().unwrap().at
    };
    let (raised, back) = (of(headroom_core::history::Outcome::Act), of(headroom_core::history::Outcome::Release));
    let report = report(&entries, false, at(0), at(back.as_second() + HOUR));
    let hours = back.duration_since(raised).as_secs_f64() / 3_600.0;
    assert!((report.total.task_hours - hours).abs() < 1e-9 && hours > 1.0, "{hours} {:?}", report.total);
    assert_eq!((report.total.did.acted, report.total.did.helped, report.total.pages), (1, 1, 0));
}

#[tokio::test]
async fn times_outside_are_not_counted() {
    let entries = nights().await;
    let none = report(&entries, true, at(0), at(1));
    assert!(none.lines.is_empty() && none.entries == 0 && none.older, "{none:?}");
}
