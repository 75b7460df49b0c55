//! Ways to do harm that were found by attacking the flow, each named for the rule that prevents it.

use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Metric, Mode, Sizing, When};
use headroom_core::notice::{Kind, Severity};
use headroom_core::seen::PolicySeen;
use headroom_core::signal::{AlarmState, Mute, alarm::WatchedMetric};
use headroom_core::time::Seconds;
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, langfuse_web, web};
use crate::scene::{at_once, granted, minutes, night, told};
use crate::world::{Fault, World};

const CPU: &str = "prod-eu-web-cpu-high";

#[tokio::test]
async fn in_observe_mode_a_living_lease_does_not_grow() {
    let (mut fleet, world) = granted().await;
    for r in &mut fleet.services[0].remedies {
        r.mode = Mode::Observe;
    }
    minutes(&world, &fleet, 15, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}

#[tokio::test]
async fn with_the_alarms_actions_switched_off_a_lease_does_not_grow() {
    let (fleet, world) = granted().await;
    world.actions(CPU, false);
    minutes(&world, &fleet, 15, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}

#[tokio::test]
async fn growth_counts_against_the_hours_limit() {
    let (mut fleet, world) = night();
    fleet.limits.changes_per_hour_service = 1;
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    minutes(&world, &fleet, 25, Some(95.0)).await;
    assert!(world.mutations().len() <= 1, "{:?}", world.mutations());
}

#[tokio::test]
async fn silence_between_two_low_looks_is_not_low_load() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 5, Some(30.0)).await; // first low look
    assert!(world.state(&web()).service.live().all(|l| l.low_since.is_some()));
    minutes(&world, &fleet, 8, None).await; // silence: keep
    assert_eq!(world.aws(&web()).min, 3);
    minutes(&world, &fleet, 60, None).await;
    assert_eq!(world.aws(&web()).min, 3);
    // one single low datapoint
    for _ in 0..6 {
        minutes(&world, &fleet, 1, Some(30.0)).await;
        if world.aws(&web()).min == 2 {
            panic!("released by one low datapoint after an hour of silence");
        }
        world.service(&web(), |s| s.metrics.clear());
        // wait until it was looked at
        if world.state(&web()).service.live().all(|l| l.low_since.is_none()) {
            return;
        }
    }
}

#[tokio::test]
async fn spikes_between_two_looks_keep_the_lease() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    let mut released = None;
    // low in one minute of five, 84 % (under the alarm, needs 4 tasks) in the other four
    for m in 0..60 {
        let cpu = if (m + 1) % 5 == 0 { 30.0 } else { 84.0 };
        minutes(&world, &fleet, 1, Some(cpu)).await;
        if world.aws(&web()).min == 2 {
            released = Some(m);
            break;
        }
    }
    assert_eq!(released, None);
}

#[tokio::test]
async fn a_mute_of_a_day_and_more_is_judged_when_it_ends() {
    let (fleet, world) = night();
    let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    event.mute = Some(Mute { by: "arn:mute".into(), until: Some(at(FIRES + 90_000)) });
    on_alarm(&world, &fleet, &event, "first").await.unwrap();
    world.set_now(at(FIRES + 90_001));
    minutes(&world, &fleet, 5, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3);
}

#[tokio::test]
async fn a_scheduled_action_that_names_only_max_does_not_shield_a_lease_from_a_persons_min() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    world.service(&web(), |s| s.scheduled = vec![(None, Some(10))]);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let mut fought = 0;
    for _ in 0..10 {
        world.service(&web(), |s| s.min = 1);
        minutes(&world, &fleet, 3, Some(63.3)).await;
        if world.aws(&web()).min != 1 {
            fought += 1;
        }
    }
    assert_eq!(fought, 0);
}

#[tokio::test]
async fn a_baseline_that_is_put_back_each_minute_is_answered_once() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let before = world.mutations().len();
    for _ in 0..10 {
        world.service(&web(), |s| s.min = 2);
        minutes(&world, &fleet, 1, Some(63.3)).await;
    }
    assert!(world.mutations().len() - before <= 1, "{}", world.mutations().len() - before);
}

#[tokio::test]
async fn a_second_put_back_pages() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 2, Some(63.3)).await;
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 3, Some(63.3)).await;
    world.service(&web(), |s| s.min = 2);
    minutes(&world, &fleet, 3, Some(63.3)).await;
    assert!(world.messages().iter().any(|m| m.severity == Severity::Page), "{:?}", world.messages());
}

#[tokio::test]
async fn an_alarm_whose_lease_a_person_overrode_is_refused_instead_of_reported_as_done() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| {
        s.min = 1;
    });
    minutes(&world, &fleet, 5, Some(75.0)).await;
    let before = world.mutations().len();
    world.metric(&web(), "CPUUtilization", 99.0, Some(3));
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES + 400), 99.0);
    world.advance(120);
    let h = on_alarm(&world, &fleet, &ev, "again").await.unwrap();
    assert!(!(matches!(h, Handled::Recorded(_, Status::Acted)) && world.mutations().len() == before));
}

#[tokio::test]
async fn a_second_grant_says_the_baseline_to_which_min_returns() {
    let (fleet, world) = granted().await;
    world.advance(301);
    world.service(&web(), |s| s.running = 3);
    world.metric(&web(), "CPUUtilization", 99.0, Some(3));
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES + 300), 99.0);
    on_alarm(&world, &fleet, &ev, "again").await.unwrap();
    let m = world.messages().pop().unwrap();
    assert!(!m.text().contains("min returns to 3"), "{}", m.text());
}

#[tokio::test]
async fn a_service_parked_after_a_crash_is_not_started() {
    let (fleet, world) = night();
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    world.fail_at(4, Fault::Dies); // load, ask, write, apply
    tokio::select! { biased; _ = on_alarm(&world, &fleet, &ev, "dies") => panic!(), () = world.died() => {} }
    assert!(world.heal());
    assert_eq!(world.mutations().len(), 0);
    world.service(&web(), |s| {
        s.desired = 0;
        s.running = 0;
    }); // parked by a person
    world.advance(61);
    sweep(&world, &fleet, "s").await.unwrap();
    assert_eq!(world.aws(&web()).desired, 0, "{:?}", world.mutations());
}

#[tokio::test]
async fn a_grant_over_held_capacity_is_told_once_and_looked_at_again() {
    let (fleet, world) = night();
    world.service(&web(), |s| s.desired = 20);
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    on_alarm(&world, &fleet, &ev, "f").await.unwrap();
    minutes(&world, &fleet, 3, Some(95.0)).await;
    let t = told(&world, Kind::Held);
    world.service(&web(), |s| s.desired = 2);
    minutes(&world, &fleet, 20, Some(95.0)).await;
    assert!(t == 1 && world.aws(&web()).min > 2, "told {t}, min {}", world.aws(&web()).min);
}

#[tokio::test]
async fn two_changes_of_one_pass_are_two_notices() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| {
        s.min = 1;
        s.max = 20;
    });
    minutes(&world, &fleet, 4, Some(75.0)).await;
    let keys: Vec<_> =
        world.messages().iter().filter(|m| m.kind == Kind::Drift).map(|m| (m.dedup_key(), m.title.clone())).collect();
    assert!(keys.len() < 2 || keys[0].0 != keys[1].0);
}

#[tokio::test]
async fn leases_of_a_service_that_is_gone_or_another_close_their_threads() {
    for gone in [false, true] {
        let (fleet, world) = granted().await;
        if gone {
            let _gone = world.remove(&web());
        } else {
            world.service(&web(), |s| {
                s.created_at = at(FIRES);
            });
        }
        for m in 0..15 {
            world.advance(60);
            sweep(&world, &fleet, &format!("{m}")).await.unwrap();
        }
        assert_eq!(world.state(&web()).service.live().count(), 0);
        assert_eq!(told(&world, Kind::Closed), 1, "gone: {gone}");
    }
}

#[tokio::test]
async fn one_wrong_answer_of_a_read_does_not_lose_the_baseline() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let aws = world.aws(&web());
    let _gone = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "x").await.unwrap();
    world.put(&web(), aws); // DescribeServices knows it again
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 60, Some(5.0)).await;
    assert_eq!(
        world.aws(&web()).min,
        2,
        "kept {:?}, messages {}",
        world.state(&web()).service.kept,
        world.messages().len()
    );
}

#[tokio::test]
async fn an_open_breaker_gives_one_try_again() {
    let (mut fleet, world) = night();
    fleet.limits.changes_per_hour_service = 100;
    let mut fired = FIRES;
    for n in 0..5 {
        let event = cpu_alarm(AlarmState::Alarm, at(fired), 95.0);
        world.alarm(CPU, AlarmState::Alarm);
        on_alarm(&world, &fleet, &event, &format!("n{n}")).await.unwrap();
        world.alarm(CPU, AlarmState::Ok);
        minutes(&world, &fleet, 11, Some(99.0)).await;
        fired += 11 * 60;
        world.service(&web(), |s| (s.desired, s.running) = (s.min, s.min));
    }
    minutes(&world, &fleet, 60, Some(5.0)).await;
    assert!(world.state(&web()).service.kept.is_none());
    world.set_now(at(FIRES + 90 * 86_400));
    world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm(CPU, AlarmState::Alarm);
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES + 90 * 86_400), 95.0);
    let h = on_alarm(&world, &fleet, &ev, "later").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Acted)), "{h:?}");
}

fn by_alarm() -> Fleet {
    let mut fleet = langfuse_web();
    let r = &mut fleet.services[0].remedies[0];
    r.when = When::Alarm { alarm: CPU.into() };
    r.sizing = Some(Sizing::Add { tasks: 1 });
    fleet
}

#[tokio::test]
async fn a_remedy_on_a_named_alarm_is_released_by_the_alarm() {
    let (fleet, world) = (by_alarm(), night().1);
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Acted)), "{h:?}");
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 235, Some(5.0)).await;
    let min = world.aws(&web()).min;
    minutes(&world, &fleet, 10, Some(5.0)).await;
    assert_eq!(min, 2, "after 3 h 55 of OK; pages: {}", told(&world, Kind::HardEnd));
}

#[tokio::test]
async fn a_deferred_remedy_on_a_named_alarm_acts_when_the_mute_ends() {
    let (fleet, world) = (by_alarm(), night().1);
    let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    event.mute = Some(Mute { by: "arn:mute".into(), until: Some(at(FIRES + 600)) });
    on_alarm(&world, &fleet, &event, "f").await.unwrap();
    minutes(&world, &fleet, 120, Some(95.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "deferred: {}", world.with_status(Status::Deferred).len());
}

#[tokio::test]
async fn a_call_that_aws_refuses_heaps_no_entries_and_is_told() {
    let (fleet, world) = night();
    world.deny(true);
    let _ = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await;
    minutes(&world, &fleet, 120, Some(95.0)).await;
    let planned = world.with_status(Status::Planned).len();
    assert!(planned <= 2 && !world.messages().is_empty());
}

#[tokio::test]
async fn while_a_deployment_runs_both_revisions_do_not_double_the_need() {
    // decide clamps to desired while a deployment runs; judge does not
    let (fleet, world) = granted().await; // desired 3
    world.service(&web(), |s| s.deployments = 2);
    for _ in 0..6 {
        world.advance(60);
        world.metric(&web(), "CPUUtilization", 95.0, Some(6)); // both colours report
        sweep(&world, &fleet, "s").await.unwrap();
    }
    assert_eq!(world.aws(&web()).min, 5, "ceil(3 x 95 / 70) = 5");
}

#[tokio::test]
async fn no_running_task_releases_nothing() {
    let (mut fleet, world) = night();
    let r = &mut fleet.services[0].remedies[0];
    r.when = When::Metric { metric: Metric::RequestsPerTarget, above: 1200.0, lasting: Seconds(120) };
    r.sizing = Some(Sizing::Ratio { target: 1000.0 });
    world.service(&web(), |s| {
        s.policies.push(PolicySeen { name: "x".into(), tracks: None, target: None, scales_in: true })
    });
    world.service(&web(), |s| {
        s.policies.remove(0);
    });
    world.metric(&web(), "RequestCountPerTarget", 1900.0, None);
    let mut ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 1900.0);
    ev.metric = Some(WatchedMetric {
        namespace: "AWS/ApplicationELB".into(),
        name: "RequestCountPerTarget".into(),
        stat: Some("Sum".into()),
        period: Some(60),
        dimensions: vec![("TargetGroup".into(), "targetgroup/prod-eu-web/1".into())],
    });
    on_alarm(&world, &fleet, &ev, "f").await.unwrap();
    assert!(world.aws(&web()).min > 2);
    world.alarm(CPU, AlarmState::Ok);
    for _ in 0..20 {
        world.advance(60);
        world.service(&web(), |s| s.running = 0); // all crashed
        world.metric(&web(), "RequestCountPerTarget", 1150.0, None);
        sweep(&world, &fleet, "s").await.unwrap();
    }
    assert!(world.aws(&web()).min > 2);
}

#[tokio::test]
async fn an_alarm_that_arrives_after_its_own_ok_is_superseded() {
    let (fleet, world) = night();
    world.forget_alarm(CPU); // DescribeAlarms is throttled
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Ok, at(FIRES + 20), 60.0), "ok").await.unwrap();
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "al").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Refused)), "{h:?}");
}

#[tokio::test]
async fn an_ended_lease_says_the_min_that_another_still_holds() {
    let (fleet, world) = granted().await;
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES + 5), 3.0, 2.0);
    world.alarm(&slow.name, AlarmState::Alarm);
    world.metric(&web(), "TargetResponseTime", 3.0, None);
    on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 20, Some(20.0)).await;
    let min = world.aws(&web()).min;
    assert!(min > 2, "the other lease holds");
    let closed = world.messages().into_iter().find(|m| m.kind == Kind::Closed).unwrap();
    assert!(closed.title.contains(&format!("back to min {min} ")), "{}", closed.title);
}

#[tokio::test]
async fn an_alarm_that_grants_nothing_cancels_a_pending_release() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 5, Some(30.0)).await;
    assert!(world.state(&web()).service.live().all(|l| l.low_since.is_some()));
    // load returns, alarm fires, native has already brought 6 tasks: AlreadyComing
    world.advance(30);
    world.service(&web(), |s| (s.desired, s.running) = (6, 6));
    world.metric(&web(), "CPUUtilization", 95.0, Some(3));
    world.alarm(CPU, AlarmState::Alarm);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES + 331), 95.0), "again").await.unwrap();
    let s = world.state(&web()).service;
    let l = s.live().next().unwrap();
    assert!(l.low_since.is_none() && l.as_of >= at(FIRES + 331), "{:?} {:?}", l.low_since, l.as_of);
}

#[tokio::test]
async fn an_event_from_the_future_poisons_nothing() {
    let (fleet, world) = night();
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES + 86_400 * 365), 95.0), "f").await.unwrap();
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 30, Some(5.0)).await;
    world.advance(86_400 * 5);
    world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm(CPU, AlarmState::Alarm);
    let now = headroom_pipeline::Clock::now(&world);
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, now, 95.0), "g").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Acted)), "{h:?}");
}

#[tokio::test]
async fn a_doubt_that_was_cleared_does_not_hold_a_grant_back() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 1, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 1, Some(75.0)).await;
    world.service(&web(), |s| s.min = 3); // flipped back
    world.advance(240);
    world.service(&web(), |s| (s.desired, s.running) = (3, 3));
    world.metric(&web(), "CPUUtilization", 95.0, Some(3));
    let before = world.mutations().len();
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES + 350), 95.0), "g").await.unwrap();
    assert!(!(matches!(h, Handled::Recorded(_, Status::Acted)) && world.mutations().len() == before));
}

#[tokio::test]
async fn what_stop_held_back_is_judged_after_it() {
    let (fleet, world) = night();
    world.stop("prod-eu", true);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
    world.stop("prod-eu", false);
    minutes(&world, &fleet, 20, Some(95.0)).await;
    assert!(world.aws(&web()).min >= 3);
}

#[tokio::test]
async fn a_plan_that_a_person_blocked_is_not_reported_as_done() {
    let (fleet, world) = night();
    let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    world.fail_at(4, Fault::Dies);
    tokio::select! { biased; _ = on_alarm(&world, &fleet, &ev, "dies") => panic!(), () = world.died() => {} }
    world.heal();
    world.service(&web(), |s| s.desired = 20);
    world.advance(61);
    for n in 0..3 {
        world.advance(60);
        sweep(&world, &fleet, &format!("{n}")).await.unwrap();
    }
    assert!(!(world.mutations().is_empty() && told(&world, Kind::Opened) == 1));
}

#[tokio::test]
async fn an_action_that_did_not_help_pages() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 12, Some(99.0)).await;
    assert_eq!(world.state(&web()).service.did_not_help.get("cpu-high").map(|m| m.times), Some(1));
    assert!(
        world.messages().iter().any(|m| m.severity == Severity::Page),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn calls_refused_for_hours_leave_nothing_behind_once_they_are_allowed() {
    let (fleet, world) = night();
    world.deny(true);
    let _ = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await;
    minutes(&world, &fleet, 110, Some(95.0)).await;
    world.deny(false);
    minutes(&world, &fleet, 30, Some(72.0)).await;
    world.alarm(CPU, AlarmState::Ok);
    let before = world.messages().len();
    minutes(&world, &fleet, 600, Some(5.0)).await;
    let s = world.state(&web()).service;
    assert!(
        s.kept.is_none(),
        "12 h later: min {}, live {}, planned {}, messages in 10 h {}",
        world.aws(&web()).min,
        s.live().count(),
        world.with_status(Status::Planned).len(),
        world.messages().len() - before
    );
}

#[tokio::test]
async fn one_low_datapoint_read_twice_releases_nothing() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 4, Some(95.0)).await;
    minutes(&world, &fleet, 1, Some(30.0)).await; // the only low datapoint
    minutes(&world, &fleet, 8, None).await;
    assert_eq!(world.aws(&web()).min, 3, "one datapoint, read twice");
}

#[tokio::test]
async fn an_hour_of_silence_forgets_a_low_look() {
    let (fleet, world) = granted().await;
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 5, Some(30.0)).await;
    world.service(&web(), |s| s.metrics.clear());
    minutes(&world, &fleet, 60, None).await;
    assert_eq!(world.aws(&web()).min, 3);
    for m in 1..=5 {
        minutes(&world, &fleet, 1, Some(if m < 5 { 95.0 } else { 30.0 })).await;
    }
    assert_eq!(world.aws(&web()).min, 3, "one low datapoint after an hour of silence");
}

#[tokio::test]
async fn a_deferred_case_that_dies_at_any_call_acts_once() {
    for fault in Fault::ALL {
        for call in 1..60 {
            let (fleet, world) = night();
            let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            event.mute = Some(Mute { by: "m".into(), until: Some(at(FIRES + 300)) });
            on_alarm(&world, &fleet, &event, "f").await.unwrap();
            world.advance(301);
            world.metric(&web(), "CPUUtilization", 95.0, Some(2));
            world.fail_at(call, fault);
            tokio::select! { biased; _ = sweep(&world, &fleet, "d") => {}, () = world.died() => {} }
            if !world.heal() {
                break;
            }
            minutes(&world, &fleet, 4, Some(95.0)).await;
            let what = format!("{fault:?} {call}");
            assert_eq!(world.mutations().len(), 1, "{what}");
            assert!(
                world.with_status(Status::Deferred).is_empty() && world.with_status(Status::Planned).is_empty(),
                "{what}"
            );
            assert!(told(&world, Kind::Opened) >= 1, "{what}");
        }
    }
}

#[tokio::test]
async fn the_page_about_a_spent_limit_survives_any_death() {
    for fault in Fault::ALL {
        for call in 1..60 {
            let (mut fleet, world) = night();
            fleet.limits.changes_per_hour_service = 0;
            let event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            world.fail_at(call, fault);
            tokio::select! { biased; _ = on_alarm(&world, &fleet, &event, "d") => {}, () = world.died() => {} }
            if !world.heal() {
                break;
            }
            world.advance(61);
            on_alarm(&world, &fleet, &event, "e").await.unwrap();
            minutes(&world, &fleet, 3, Some(95.0)).await;
            assert!(told(&world, Kind::LimitReached) >= 1, "{fault:?} {call}");
        }
    }
}

#[tokio::test]
async fn three_reconcilers_at_once_raise_once_and_return_once() {
    for seed in 0..300 {
        let world = World::new(at(FIRES + 1), Some(seed)).with_service(&web(), 2, 10);
        let fleet = langfuse_web();
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        world.alarm(CPU, AlarmState::Alarm);
        let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
        event.mute = Some(Mute { by: "m".into(), until: Some(at(FIRES + 300)) });
        on_alarm(&world, &fleet, &event, "f").await.unwrap();
        world.advance(301);
        world.metric(&web(), "CPUUtilization", 95.0, Some(2));
        at_once(
            (0..3)
                .map(|n| {
                    let (w, f) = (&world, &fleet);
                    async move { sweep(w, f, &format!("s{n}")).await.unwrap() }
                })
                .collect(),
        )
        .await;
        minutes(&world, &fleet, 3, Some(80.0)).await;
        assert_eq!(world.mutations().len(), 1, "{seed}");
        assert!(world.with_status(Status::Planned).is_empty() && world.with_status(Status::Deferred).is_empty());
        world.alarm(CPU, AlarmState::Ok);
        for m in 0..16 {
            world.advance(61);
            world.service(&web(), |s| s.running = s.desired);
            world.metric(&web(), "CPUUtilization", 20.0, Some(3));
            at_once(
                (0..3)
                    .map(|n| {
                        let (w, f) = (&world, &fleet);
                        async move { sweep(w, f, &format!("t{m}-{n}")).await.unwrap() }
                    })
                    .collect(),
            )
            .await;
        }
        assert_eq!(world.mutations().len(), 2, "{seed} {:?}", world.mutations());
        assert!(world.state(&web()).service.kept.is_none(), "{seed}");
        let keys: std::collections::BTreeSet<_> = world.messages().iter().map(|m| m.dedup_key()).collect();
        assert_eq!(keys.len(), 2, "{seed} {keys:?}");
    }
}

#[tokio::test]
async fn two_looks_within_seconds_are_one_look() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    world.advance(1);
    sweep(&world, &fleet, "a").await.unwrap();
    world.advance(1);
    sweep(&world, &fleet, "b").await.unwrap();
    assert_eq!(told(&world, Kind::Drift), 0);
}

#[tokio::test]
async fn held_capacity_is_told_again_for_a_new_lease() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 3, Some(63.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 2, Some(63.0)).await;
    assert_eq!(told(&world, Kind::Held), 1);
    world.service(&web(), |s| {
        s.created_at = at(FIRES);
        s.desired = 2;
        s.min = 2;
    });
    minutes(&world, &fleet, 20, Some(63.0)).await;
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.service(&web(), |s| s.running = 2);
    let now = headroom_pipeline::Clock::now(&world);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, now, 95.0), "g").await.unwrap();
    minutes(&world, &fleet, 3, Some(63.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 3, Some(63.0)).await;
    assert_eq!(told(&world, Kind::Held), 2);
}

#[tokio::test]
async fn a_second_alarm_while_the_first_min_settles_gets_its_own_lease() {
    let (fleet, world) = granted().await;
    world.advance(5);
    world.service(&web(), |s| s.desired = 2); // Application Auto Scaling has not moved desired yet
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES + 5), 3.0, 2.0);
    world.alarm(&slow.name, AlarmState::Alarm);
    world.metric(&web(), "TargetResponseTime", 3.0, None);
    let h = on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    let e = world.entries().into_iter().find(|e| e.remedy != "cpu-high").unwrap();
    assert!(world.state(&web()).service.live().count() == 2, "{h:?} {:?}", e.judgement.map(|j| j.decision));
}

#[tokio::test]
async fn a_deferral_whose_notice_failed_is_judged_all_the_same() {
    for fault in Fault::ALL {
        for call in 1..10 {
            let (fleet, world) = night();
            world.service(&web(), |s| s.desired = 20);
            let ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
            world.fail_at(call, fault);
            tokio::select! { biased; _ = on_alarm(&world, &fleet, &ev, "f") => {}, () = world.died() => {} }
            if !world.heal() {
                break;
            }
            world.service(&web(), |s| s.desired = 2);
            let _ = on_alarm(&world, &fleet, &ev, "retry").await;
            minutes(&world, &fleet, 20, Some(95.0)).await;
            let e: Vec<_> = world.with_status(Status::Deferred).into_iter().map(|e| (e.due, e.outbox.len())).collect();
            assert!(world.aws(&web()).min > 2, "{fault:?} {call}: deferred (due, outbox) {e:?}");
        }
    }
}

#[tokio::test]
async fn an_overridden_lease_reports_no_growth() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(75.0)).await;
    world.service(&web(), |s| s.min = 1);
    minutes(&world, &fleet, 4, Some(75.0)).await;
    let (g, m) = (told(&world, Kind::Grown), world.mutations().len());
    minutes(&world, &fleet, 60, Some(99.0)).await;
    assert_eq!(
        (told(&world, Kind::Grown) - g, world.mutations().len() - m),
        (0, 0),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn held_capacity_grows_nothing() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 3, Some(75.0)).await;
    world.service(&web(), |s| s.desired = 20);
    let (g, m) = (told(&world, Kind::Grown), world.mutations().len());
    minutes(&world, &fleet, 30, Some(99.0)).await;
    assert_eq!(
        (told(&world, Kind::Grown) - g, world.mutations().len() - m),
        (0, 0),
        "{:?}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn an_effect_is_judged_from_the_act_and_not_from_the_plan() {
    let (fleet, world) = night();
    world.deny(true);
    let _ = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await;
    minutes(&world, &fleet, 15, Some(95.0)).await;
    world.deny(false);
    minutes(&world, &fleet, 2, Some(95.0)).await;
    assert_eq!(told(&world, Kind::DidNotHelp), 0, "{:?}", world.mutations());
}

#[tokio::test]
async fn a_denied_restore_does_not_swell_its_entry() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.0)).await;
    world.deny(true);
    world.alarm(CPU, AlarmState::Ok);
    minutes(&world, &fleet, 300, Some(5.0)).await;
    let worst =
        world.entries().into_iter().map(|e| (serde_json::to_string(&e).unwrap().len(), e.remarks.len())).max().unwrap();
    assert!(worst.1 < 10, "bytes, remarks {worst:?}");
}

#[tokio::test]
async fn a_held_pass_publishes_nothing_that_was_not_done() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.0)).await;
    world.alarm(CPU, AlarmState::Ok);
    world.deny(true);
    minutes(&world, &fleet, 20, Some(5.0)).await; // restore planned, denied
    assert_eq!(told(&world, Kind::Closed), 0);
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 2, Some(5.0)).await;
    let c = told(&world, Kind::Closed);
    assert!(
        c == 0 || world.aws(&web()).min == 2,
        "closed {c}: {:?}, min {}",
        world.messages().iter().map(|m| m.title.clone()).collect::<Vec<_>>(),
        world.aws(&web()).min
    );
}

#[tokio::test]
async fn two_absent_answers_with_a_stop_between_are_not_one_absence() {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 2, Some(63.3)).await;
    let aws = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "a").await.unwrap();
    world.put(&web(), aws);
    world.stop("prod-eu", true);
    minutes(&world, &fleet, 6, Some(63.3)).await;
    world.stop("prod-eu", false);
    let aws = world.remove(&web());
    world.advance(60);
    sweep(&world, &fleet, "b").await.unwrap();
    world.put(&web(), aws);
    assert!(world.state(&web()).service.kept.is_some());
}

#[tokio::test]
async fn held_capacity_found_at_the_later_look_is_told() {
    let (fleet, world) = night();
    let mut ev = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    ev.mute = Some(headroom_core::signal::Mute { by: "m".into(), until: Some(at(FIRES + 120)) });
    let h = on_alarm(&world, &fleet, &ev, "f").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Deferred)));
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 10, Some(95.0)).await;
    assert_eq!(told(&world, Kind::Held), 1);
}

#[tokio::test]
async fn a_page_that_could_not_be_published_is_told_in_the_next_minutes() {
    let (fleet, world) = night();
    world.deny(true);
    world.fail_at(5, Fault::Fails); // load, ask, write(T1), [apply denied], write(counter), publish
    let _ = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await;
    let hit = world.heal();
    minutes(&world, &fleet, 30, Some(95.0)).await;
    assert!(told(&world, Kind::Denied) >= 1, "hit {hit}");
}

#[tokio::test]
async fn growth_that_a_hold_prevented_does_not_land_past_the_limit() {
    let (mut fleet, world) = granted().await;
    fleet.limits.changes_per_hour_service = 1; // spent by the grant
    minutes(&world, &fleet, 3, Some(75.0)).await;
    world.service(&web(), |s| s.desired = 20);
    minutes(&world, &fleet, 10, Some(99.0)).await;
    world.service(&web(), |s| (s.desired, s.running) = (3, 3));
    minutes(&world, &fleet, 2, Some(99.0)).await;
    assert_eq!(world.aws(&web()).min, 3, "{:?}", world.mutations());
}

#[tokio::test]
async fn a_second_alarm_keeps_its_capacity_when_the_first_one_ends() {
    // two alarms at once, first one ends: the second keeps
    let (fleet, world) = granted().await;
    world.advance(5);
    world.service(&web(), |s| s.desired = 2);
    let slow = alarm("slow", AlarmState::Alarm, at(FIRES + 5), 3.0, 2.0);
    world.alarm(&slow.name, AlarmState::Alarm);
    world.metric(&web(), "TargetResponseTime", 3.0, None);
    on_alarm(&world, &fleet, &slow, "slow").await.unwrap();
    world.service(&web(), |s| s.desired = 3);
    world.alarm(CPU, AlarmState::Ok);
    for _ in 0..40 {
        world.metric(&web(), "TargetResponseTime", 3.0, None);
        minutes(&world, &fleet, 1, Some(20.0)).await;
    }
    assert!(world.aws(&web()).min > 2, "slow still fires, min {}", world.aws(&web()).min);
}
