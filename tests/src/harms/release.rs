//! Releasing: by the load, never by silence.

use headroom_core::entry::Status;
use headroom_core::fleet::{AlarmName, Fleet, Metric, Sizing, When};
use headroom_core::notice::Kind;
use headroom_core::seen::PolicySeen;
use headroom_core::signal::alarm::WatchedMetric;
use headroom_core::signal::{AlarmState, Mute};
use headroom_core::time::Seconds;
use headroom_pipeline::{Handled, on_alarm, sweep};

use crate::fleets::{FIRES, alarm, at, cpu_alarm, langfuse_web, web};
use crate::scene::{at_once, granted, minutes, night, told};
use crate::world::World;

const CPU: &str = "prod-eu-web-cpu-high";

fn by_alarm() -> Fleet {
    let mut fleet = langfuse_web();
    let r = &mut fleet.services[0].remedies[0];
    r.when = When::Alarm { alarm: AlarmName::from_text(CPU).expect("a name") };
    r.sizing = Some(Sizing::Add { tasks: 1 });
    fleet
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
async fn no_running_task_releases_nothing() {
    let (mut fleet, world) = night();
    let r = &mut fleet.services[0].remedies[0];
    r.when = When::Metric { metric: Metric::RequestsPerTarget, above: 1200.0, lasting: Seconds(120) };
    r.sizing = Some(Sizing::Ratio { target: 1000.0 });
    world.service(&web(), |s| {
        s.policies.push(PolicySeen {
            name: "x".into(),
            tracks: None,
            target: None,
            scales_in: true,
            label: None,
            predictive: false,
        })
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
        account: None,
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
