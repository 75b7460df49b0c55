//! Three channels, one case: the same transition by an event, a notification in every envelope, and an action.

use headroom_core::decide::match_alarm;
use headroom_core::entry::Status;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::signal::{AlarmEvent, AlarmState, Signal, receive};
use headroom_pipeline::{Handled, on_alarm};

use super::fixtures::{alarm, event, fleet};
use crate::scene::night;

/// Fixtures that tell of one transition, by line.
const TRANSITIONS: [&[&str]; 4] = [
    &[
        "alarm/metric",
        "alarm_action/metric",
        "alarm_notification/lambda_record",
        "alarm_notification/http",
        "alarm_notification/raw",
        "alarm_notification/in_a_queue",
        "alarm_notification/raw_in_a_queue",
        "alarm_notification/event_in_a_topic",
        "alarm_notification/event_in_a_queue",
        "alarm_notification/after_a_mute",
    ],
    &["alarm/composite_released", "alarm_action/composite_released", "alarm_notification/composite_released"],
    &["alarm/metric_math", "alarm_action/metric_math", "alarm_notification/metric_math"],
    &["alarm_contributor/service", "alarm_action/contributor", "alarm_notification/contributor"],
];

fn key(alarm: &AlarmEvent) -> CaseKey {
    let fleet = fleet();
    let found = match_alarm(&fleet, alarm).unwrap_or_else(|why| panic!("{}: {why}", alarm.name));
    CaseKey::of_alarm(alarm, &ServiceId::of(found.service), &found.remedy.name)
}

#[test]
fn semantics_16_one_transition_is_one_case_by_every_channel() {
    let mut cases = Vec::new();
    for names in TRANSITIONS {
        let first = key(&alarm(names[0]));
        for name in names {
            let alarm = alarm(name);
            assert_eq!(key(&alarm), first, "{name}");
            assert!(alarm.firing() && alarm.is_edge(), "{name}");
        }
        cases.push(first);
    }
    cases.sort();
    cases.dedup();
    assert_eq!(cases.len(), TRANSITIONS.len(), "other transitions are other cases");
}

#[test]
fn every_channel_says_the_same_of_what_is_watched() {
    for names in TRANSITIONS {
        let first = alarm(names[0]);
        for name in names {
            let other = alarm(name);
            assert_eq!((&other.metric, &other.members), (&first.metric, &first.members), "{name}");
            assert_eq!(
                other.composite.as_ref().map(|c| &c.triggering),
                first.composite.as_ref().map(|c| &c.triggering)
            );
            assert_eq!(other.contributor, first.contributor, "{name}");
        }
    }
}

#[test]
fn semantics_11_a_suppressed_alarm_waits_for_its_release_in_every_form() {
    let suppressed = alarm("alarm/composite_suppressed");
    assert!(!suppressed.firing() && !suppressed.is_edge());
    // Neither the action nor the notification is sent while it is suppressed: their ALARM to ALARM is the release.
    for name in TRANSITIONS[1] {
        let released = alarm(name);
        assert_eq!((released.state, released.previous), (AlarmState::Alarm, Some(AlarmState::Alarm)), "{name}");
        assert!(released.firing() && !released.was_firing(), "{name}");
    }
}

#[test]
fn missing_data_is_no_edge_in_any_form() {
    for name in ["alarm/not_selected/no_data", "alarm_notification/no_data"] {
        let alarm = alarm(name);
        assert!(!alarm.firing() && !alarm.is_edge(), "{name}");
    }
}

#[test]
fn without_a_time_of_its_own_the_message_is_the_case() {
    for name in ["alarm/without_a_time", "alarm_notification/without_a_time"] {
        let told = alarm(name);
        assert!(told.message.is_some(), "{name}");
        assert_eq!(key(&told), key(&alarm(name)), "a second delivery of the same message");
        assert_ne!(key(&told), key(&alarm("alarm/metric")));
        let other = AlarmEvent { message: Some("another".into()), ..told.clone() };
        assert_ne!(key(&told), key(&other), "{name}");
    }
}

#[test]
fn records_of_one_invocation_are_signals_of_their_own() {
    let received = receive(&event("alarm_notification/three_records"));
    let keys: Vec<CaseKey> = received
        .iter()
        .map(|r| match &r.signal {
            Ok(Signal::Alarm(alarm)) => key(alarm),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0], key(&alarm("alarm/metric")));
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}

#[tokio::test]
async fn the_second_channel_finds_what_the_first_one_did() {
    for second in TRANSITIONS[0] {
        let (fleet, world) = night();
        let first = on_alarm(&world, &fleet, &alarm("alarm/metric"), "event").await.unwrap();
        assert!(matches!(first, Handled::Recorded(_, Status::Acted)), "{first:?}");
        let again = on_alarm(&world, &fleet, &alarm(second), "other").await.unwrap();
        assert!(matches!(again, Handled::Duplicate(..)), "{second}: {again:?}");
        assert_eq!((world.mutations().len(), world.entries().len()), (1, 1), "{second}");
    }
}

#[tokio::test]
async fn any_channel_may_be_the_first_and_the_only_one() {
    for name in TRANSITIONS[0] {
        let (fleet, world) = night();
        let handled = on_alarm(&world, &fleet, &alarm(name), "only").await.unwrap();
        assert!(matches!(handled, Handled::Recorded(_, Status::Acted)), "{name}: {handled:?}");
    }
}
