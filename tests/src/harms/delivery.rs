//! Events in any order, deferrals, notices, and calls that AWS refuses.

use headroom_core::entry::Status;
use headroom_core::fleet::{AlarmName, Fleet, Sizing, When};
use headroom_core::notice::Kind;
use headroom_core::signal::{AlarmState, Mute};
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, langfuse_web, web};
use crate::scene::{granted, minutes, night, told};
use crate::world::Fault;

const CPU: &str = "prod-eu-web-cpu-high";

fn by_alarm() -> Fleet {
    let mut fleet = langfuse_web();
    let r = &mut fleet.services[0].remedies[0];
    r.when = When::Alarm { alarm: AlarmName::from_text(CPU).expect("a name") };
    r.sizing = Some(Sizing::Add { tasks: 1 });
    fleet
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
async fn semantics_16_an_alarm_that_arrives_after_its_own_ok_is_superseded() {
    let (fleet, world) = night();
    world.forget_alarm(CPU); // DescribeAlarms is throttled
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Ok, at(FIRES + 20), 60.0), "ok").await.unwrap();
    let h = on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "al").await.unwrap();
    assert!(matches!(h, Handled::Recorded(_, Status::Refused)), "{h:?}");
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
async fn a_deferral_that_was_answered_still_tells_what_it_could_not_tell_before() {
    for call in 1..20 {
        let (fleet, world) = night();
        world.service(&web(), |s| s.desired = 20);
        world.fail_at(4, Fault::Fails); // load, ask, write, publish
        on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "f").await.unwrap();
        assert!(world.heal() && told(&world, Kind::Held) == 0);
        world.service(&web(), |s| s.desired = 2);
        world.alarm(CPU, AlarmState::Ok);
        world.advance(61);
        world.fail_at(call, Fault::Fails);
        let _failed_or_not = sweep(&world, &fleet, "s").await;
        world.heal();
        minutes(&world, &fleet, 3, Some(40.0)).await;
        assert!(told(&world, Kind::Held) >= 1, "call {call}: the notice is lost");
        assert!(world.entries().iter().all(|e| e.outbox.is_empty() && e.due.is_none()), "call {call}");
    }
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
