//! The rules of AWS_FACTS 2.5.

use headroom_core::seen::Suspended;

use super::*;
use crate::scaling::{Code, Register};

const HOUR: i64 = 3_600;

fn put(name: &str, schedule: &str, min: Option<u32>, max: Option<u32>) -> PutScheduled {
    let (name, schedule) = (name.to_owned(), Some(schedule.to_owned()));
    PutScheduled { name, schedule, action: Some((min, max)), ..PutScheduled::default() }
}

fn target(calls: Vec<PutScheduled>) -> Target {
    let mut target = Target::within(2, 10);
    calls.into_iter().for_each(|call| target.put_scheduled(call, 0).unwrap());
    target
}

fn day_and_night() -> Target {
    target(vec![
        put("day", "cron(0 8 ? * * *)", Some(3), Some(12)),
        put("night", "cron(0 22 ? * * *)", Some(2), None),
        put("wrong", "cron(0 23 ? * * *)", Some(20), None),
    ])
}

#[test]
fn a_scheduled_action_sets_bounds_and_forces_capacity_up_but_a_lower_min_scales_nothing_in() {
    let mut target = day_and_night();
    assert_eq!(target.on_schedule(8 * HOUR, 2), Some(3));
    assert_eq!((target.min, target.max), (3, 12));
    assert_eq!(target.on_schedule(22 * HOUR, 3), None, "policies scale in, the action does not");
    assert_eq!((target.min, target.max), (2, 12), "the omitted max stays");
    assert_eq!(target.on_schedule(23 * HOUR, 3), None);
    assert_eq!((target.min, target.max), (2, 12));
}

#[test]
fn suspended_scheduled_scaling_does_nothing_and_catches_nothing_up() {
    let mut target = day_and_night();
    target.suspended = Suspended { scheduled: true, ..Suspended::default() };
    assert_eq!(target.on_schedule(8 * HOUR, 2), None);
    target.suspended.scheduled = false;
    assert_eq!((target.on_schedule(8 * HOUR + 60, 2), target.min), (None, 2));
}

#[test]
fn a_recurring_action_with_a_start_time_is_performed_at_that_time_too_and_never_before_or_after_its_end() {
    let (start, end) = (Some(6 * HOUR + 20), Some(9 * HOUR));
    let mut target = target(vec![PutScheduled { start, end, ..put("a", "cron(0 * * * ? *)", Some(3), None) }]);
    let hours: Vec<i64> = (0..24 * 60)
        .map(|m| m * 60)
        .filter(|at| {
            target.min = 2;
            target.on_schedule(*at, 2).is_some()
        })
        .collect();
    assert_eq!(hours, [6 * HOUR, 7 * HOUR, 8 * HOUR, 9 * HOUR], "the first is the minute of 06:00:20");
}

#[test]
fn an_update_keeps_what_it_omits_but_deletes_start_time_and_end_time() {
    let (start, end) = (Some(60), Some(9 * HOUR));
    let first = put("a", "cron(0 8 ? * * *)", Some(3), Some(12));
    let mut target = target(vec![PutScheduled { start, end, zone: Some("Europe/Berlin".into()), ..first }]);
    target.put_scheduled(PutScheduled { name: "a".into(), ..PutScheduled::default() }, 500).unwrap();
    let [action] = target.scheduled.as_slice() else { panic!("one action") };
    assert_eq!((action.start, action.end), (None, None));
    assert_eq!((action.min, action.max, action.created), (Some(3), Some(12), 0));
    assert_eq!((action.schedule.text(), action.schedule.zone()), ("cron(0 8 ? * * *)", Some("Europe/Berlin")));
}

#[test]
fn put_scheduled_action_refuses_what_is_not_right_and_changes_nothing() {
    let mut target = day_and_night();
    let before = target.scheduled.clone();
    let named = |name: &str| PutScheduled { name: name.into(), ..PutScheduled::default() };
    let calls = [
        named("new"),
        PutScheduled { schedule: Some("rate(1 hour)".into()), ..named("new") },
        put("new", "rate(1 hour)", None, None),
        put("new", "rate(1 hour)", Some(3), Some(2)),
        put("day", "every(1 hour)", Some(3), None),
        put("", "rate(1 hour)", Some(3), None),
        PutScheduled { zone: Some("Mars".into()), ..put("new", "rate(1 hour)", Some(3), None) },
        PutScheduled { start: Some(5), end: Some(5), ..put("new", "rate(1 hour)", Some(3), None) },
    ];
    for call in calls {
        assert_eq!(target.put_scheduled(call.clone(), 0).map_err(|e| e.code), Err(Code::Validation), "{call:?}");
    }
    assert_eq!(target.scheduled, before);
}

#[test]
fn a_scalable_target_has_at_most_200_scheduled_actions() {
    let mut target = Target::within(2, 10);
    for n in 0..200 {
        target.put_scheduled(put(&n.to_string(), "rate(1 hour)", Some(2), None), 0).unwrap();
    }
    let more = target.put_scheduled(put("more", "rate(1 hour)", Some(2), None), 0);
    assert_eq!(more.map_err(|e| e.code), Err(Code::LimitExceeded));
    assert!(target.put_scheduled(put("7", "rate(2 hours)", Some(2), None), 0).is_ok(), "an update is no new one");
}

#[test]
fn deleting_a_scheduled_action_leaves_the_bounds_and_an_unknown_one_is_not_found() {
    let mut target = day_and_night();
    target.on_schedule(8 * HOUR, 2);
    target.delete_scheduled("day").unwrap();
    assert_eq!((target.min, target.scheduled.len()), (3, 2));
    assert_eq!(target.delete_scheduled("day").map_err(|e| e.code), Err(Code::ObjectNotFound));
}

#[test]
fn deregistering_deletes_policies_and_scheduled_actions_and_scales_nothing_any_more() {
    let mut target = day_and_night();
    target.deregister().unwrap();
    assert!(target.scheduled.is_empty() && !target.is_registered());
    assert_eq!(target.deregister().map_err(|e| e.code), Err(Code::ObjectNotFound));
    let call = put("a", "rate(1 hour)", Some(3), None);
    assert_eq!(target.put_scheduled(call, 0).map_err(|e| e.code), Err(Code::ObjectNotFound));
    let only_min = Register { min: Some(1), ..Register::default() };
    assert_eq!(target.register(only_min, 2, 0).map_err(|e| e.code), Err(Code::Validation), "new: both are required");
    target.register(Register { min: Some(1), max: Some(4), suspended: None }, 2, 0).unwrap();
    assert!(target.is_registered() && !target.suspended.scheduled);
}
