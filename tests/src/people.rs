//! What a person, a schedule, Terraform or AWS changes meanwhile, and what Headroom then does (SEMANTICS 1-5,
//! 12, 13, 16, D).

use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_core::seen::PolicySeen;
use headroom_core::signal::{AlarmState, Mute};
use headroom_pipeline::{Handled, on_alarm};

use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::scene::{granted, minutes, night, told};

#[tokio::test]
async fn semantics_a_ok_does_not_release_a_lease_and_the_load_does() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.3)).await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    let ok = cpu_alarm(AlarmState::Ok, at(FIRES + 120), 63.3);
    on_alarm(&world, &fleet, &ok, "ok").await.unwrap();
    minutes(&world, &fleet, 60, Some(63.3)).await;
    assert_eq!(world.aws(&web()).min, 3, "63 % on 3 tasks is 95 % on 2");
    minutes(&world, &fleet, 15, Some(30.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
    assert_eq!(told(&world, Kind::Closed), 1);
}

#[tokio::test]
async fn semantics_4_a_missing_metric_keeps_the_lease_until_its_hard_end_which_pages() {
    let (fleet, world) = granted().await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 230, None).await;
    assert_eq!(world.aws(&web()).min, 3, "silence is never health");
    minutes(&world, &fleet, 15, None).await;
    assert_eq!(world.aws(&web()).min, 2, "the hard end ends it all the same");
    assert_eq!(told(&world, Kind::HardEnd), 1);
}

#[tokio::test]
async fn semantics_4_insufficient_data_keeps_the_lease() {
    let (fleet, world) = granted().await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::InsufficientData);
    minutes(&world, &fleet, 60, Some(10.0)).await;
    assert_eq!(world.aws(&web()).min, 3);
}

#[tokio::test]
async fn semantics_4_while_the_alarm_burns_the_lease_grows_with_the_need_within_add_max() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 12, Some(95.0)).await;
    let min = world.aws(&web()).min;
    assert!(min > 3, "95 % on 3 tasks needs 5: min is {min}");
    assert!(min <= 10, "never past max");
}

#[tokio::test]
async fn semantics_2_what_a_person_sets_during_a_lease_is_respected_after_two_looks_and_never_fought() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 30, Some(75.0)).await;
    assert_eq!(world.aws(&web()).min, 1, "the person wins");
    assert_eq!(told(&world, Kind::Drift), 1, "told once");
    minutes(&world, &fleet, 30, Some(10.0)).await;
    assert_eq!(world.aws(&web()).min, 1, "and keeps it when the lease has ended");
}

#[tokio::test]
async fn semantics_2_a_max_that_a_person_raised_stays_and_is_not_cut_by_the_ceiling() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.max = 40);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 40, Some(10.0)).await;
    assert_eq!((world.aws(&web()).min, world.aws(&web()).max), (2, 40));
}

#[tokio::test]
async fn semantics_2_the_targets_own_scheduled_action_does_not_override_a_lease() {
    let (fleet, world) = granted().await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    world.service(&web(), |s| {
        s.scheduled = vec![(Some(1), Some(10))];
        s.min = 1;
    });
    minutes(&world, &fleet, 4, Some(63.3)).await;
    assert_eq!(world.aws(&web()).min, 3, "the lease stands beside the schedule");
    minutes(&world, &fleet, 20, Some(10.0)).await;
    assert_eq!(world.aws(&web()).min, 1, "and the schedule's min is the baseline");
}

#[tokio::test]
async fn semantics_d_an_apply_that_puts_the_baseline_back_is_answered_once_and_then_respected() {
    let (fleet, world) = granted().await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    assert_eq!(world.aws(&web()).min, 3, "once more");
    assert_eq!(told(&world, Kind::PutBack), 1);
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 10, Some(63.3)).await;
    assert_eq!(world.aws(&web()).min, 2, "never fought");
    assert_eq!(told(&world, Kind::Drift), 1);
}

#[tokio::test]
async fn semantics_5_parked_capacity_is_left_alone_by_grant_release_and_restore() {
    let (fleet, world) = night();
    world.service(&web(), |s| s.desired = 0);
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    on_alarm(&world, &fleet, &event, "first").await.unwrap();
    assert_eq!(world.mutations().len(), 0, "parked at 0");
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 3, Some(63.3)).await;
    let before = world.mutations().len();
    world.service(&web(), |s| s.desired = 20);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 30, Some(5.0)).await;
    assert_eq!(world.mutations().len(), before, "20 over max 10: any call would kill ten");
    assert_eq!(told(&world, Kind::Held), 1, "told once");
    world.service(&web(), |s| s.desired = 4);
    minutes(&world, &fleet, 3, Some(5.0)).await;
    assert_eq!(world.aws(&web()).min, 2, "restored once desired is inside again");
}

#[tokio::test]
async fn semantics_12_stop_allows_no_mutating_call_restores_included_and_resume_gives_back() {
    let (fleet, world) = granted().await;
    world.stop("prod-eu", true);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 30, Some(10.0)).await;
    assert_eq!(world.mutations().len(), 1);
    assert!((2..=3).contains(&told(&world, Kind::Stopped)), "every 15 minutes: {}", told(&world, Kind::Stopped));
    let again = cpu_alarm(AlarmState::Alarm, at(FIRES + 1_750), 95.0);
    on_alarm(&world, &fleet, &again, "again").await.unwrap();
    assert_eq!(world.mutations().len(), 1);
    world.stop("prod-eu", false);
    minutes(&world, &fleet, 15, Some(10.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
}

#[tokio::test]
async fn semantics_12_a_fleet_back_in_observe_begins_nothing_and_still_gives_back() {
    let (mut fleet, world) = granted().await;
    for remedy in &mut fleet.services[0].remedies {
        remedy.mode = Mode::Observe;
    }
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 20, Some(10.0)).await;
    assert_eq!(world.aws(&web()).min, 2, "given back");
    let before = world.mutations().len();
    world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES + 1_202), 95.0);
    let handled = on_alarm(&world, &fleet, &event, "observed").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Observed)), "{handled:?}");
    assert_eq!(world.mutations().len(), before);
}

#[tokio::test]
async fn semantics_13_a_muted_alarm_is_judged_when_the_mute_ends_by_its_present_state() {
    for (burns, min) in [(true, 3), (false, 2)] {
        let (fleet, world) = night();
        let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
        event.mute = Some(Mute { by: "arn:mute".into(), until: Some(at(FIRES + 1_800)) });
        let handled = on_alarm(&world, &fleet, &event, "first").await.unwrap();
        assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
        minutes(&world, &fleet, 29, Some(95.0)).await;
        assert_eq!(world.mutations().len(), 0, "not while it is muted");
        if !burns {
            world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
        }
        minutes(&world, &fleet, 3, Some(if burns { 95.0 } else { 40.0 })).await;
        assert_eq!(world.aws(&web()).min, min, "burns: {burns}");
        assert!(world.with_status(Status::Deferred).is_empty());
    }
}

#[tokio::test]
async fn semantics_13_an_event_from_yesterday_acts_on_the_present_state_only() {
    let (fleet, world) = night();
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    let old = cpu_alarm(AlarmState::Alarm, at(FIRES - 80_000), 95.0);
    let handled = on_alarm(&world, &fleet, &old, "first").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
    minutes(&world, &fleet, 3, Some(40.0)).await;
    assert_eq!(world.mutations().len(), 0);
    let refused = world.with_status(Status::Refused);
    assert!(refused.iter().any(|e| e.key.0.ends_with("/later")), "{refused:?}");
}

#[tokio::test]
async fn semantics_13_switched_off_actions_defer_although_the_event_bears_no_mark_of_it() {
    let (fleet, world) = night();
    world.actions("prod-eu-web-cpu-high", false);
    let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    on_alarm(&world, &fleet, &event, "first").await.unwrap();
    minutes(&world, &fleet, 6, Some(95.0)).await;
    assert_eq!(world.mutations().len(), 0);
    world.actions("prod-eu-web-cpu-high", true);
    minutes(&world, &fleet, 6, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3);
}

#[tokio::test]
async fn semantics_b_a_policy_on_the_same_metric_gets_its_turn_first() {
    for (helps, changes) in [(true, 0), (false, 1)] {
        let (fleet, world) = night();
        world.service(&web(), |s| {
            s.policies.push(PolicySeen {
                name: "cpu-tracking".into(),
                tracks: Some("ECSServiceAverageCPUUtilization".into()),
                target: Some(70.0),
                scales_in: true,
                label: None,
                predictive: false,
            });
        });
        let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
        let handled = on_alarm(&world, &fleet, &event, "first").await.unwrap();
        assert!(matches!(handled, Handled::Recorded(_, Status::Deferred)), "{handled:?}");
        if helps {
            world.service(&web(), |s| s.desired = 3);
            world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
        }
        minutes(&world, &fleet, 7, Some(if helps { 63.3 } else { 95.0 })).await;
        assert_eq!(world.mutations().len(), changes, "the policy helps: {helps}");
    }
}

#[tokio::test]
async fn a_service_that_left_the_fleet_file_gets_its_baseline_back_from_the_state_alone() {
    let (mut fleet, world) = granted().await;
    fleet.services.clear();
    minutes(&world, &fleet, 3, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 2);
    assert!(world.state(&web()).service.kept.is_none());
}

#[tokio::test]
async fn a_service_created_anew_under_its_name_inherits_no_lease() {
    let (fleet, world) = granted().await;
    world.service(&web(), |s| {
        s.created_at = at(FIRES);
        (s.min, s.max, s.desired) = (1, 4, 1);
    });
    minutes(&world, &fleet, 5, Some(95.0)).await;
    assert_eq!((world.aws(&web()).min, world.aws(&web()).max), (1, 4), "left as found");
    assert_eq!(world.state(&web()).service.live().count(), 0);
}

#[tokio::test]
async fn semantics_16_an_older_event_that_arrives_late_is_superseded() {
    let (fleet, world) = granted().await;
    world.advance(400);
    world.metric(&web(), "CPUUtilization", 95.0, Some(3));
    let newer = cpu_alarm(AlarmState::Ok, at(FIRES + 200), 60.0);
    on_alarm(&world, &fleet, &newer, "newer").await.unwrap();
    let older = cpu_alarm(AlarmState::Alarm, at(FIRES + 150), 95.0);
    let handled = on_alarm(&world, &fleet, &older, "older").await.unwrap();
    assert!(matches!(handled, Handled::Recorded(_, Status::Refused)), "{handled:?}");
    assert_eq!(world.mutations().len(), 1);
}

#[tokio::test]
async fn semantics_24_three_actions_that_did_not_help_open_the_breaker_and_page_once() {
    let (mut fleet, world) = night();
    fleet.limits.changes_per_hour_service = 100;
    let mut fired = FIRES;
    for n in 0..5 {
        let event = cpu_alarm(AlarmState::Alarm, at(fired), 95.0);
        world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
        on_alarm(&world, &fleet, &event, &format!("n{n}")).await.unwrap();
        world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
        minutes(&world, &fleet, 11, Some(99.0)).await;
        fired += 11 * 60;
        world.service(&web(), |s| (s.desired, s.running) = (s.min, s.min));
    }
    let state = world.state(&web()).service;
    assert!(state.did_not_help.get("cpu-high").is_some_and(|m| m.times >= 3), "{:?}", state.did_not_help);
    assert_eq!(told(&world, Kind::BreakerOpen), 1);
}
