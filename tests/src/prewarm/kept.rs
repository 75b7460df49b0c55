//! Granted ahead, kept by level, given back at the end.

use headroom_core::capacity::Ended;
use headroom_core::control::Pause;
use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::{Kind, Severity};
use headroom_core::signal::AlarmState;
use headroom_core::time::Seconds;
use headroom_pipeline::on_alarm;
use serde_json::json;

use super::morning::{ahead, fleet, in_mode, minute, monday, office_hours, until, with, world};
use crate::fleets::{cpu_alarm, web};
use crate::scene::told;

const SOURCE: &str = "schedule/office-hours";

#[tokio::test]
async fn a_floor_comes_a_lead_before_its_window_and_goes_with_it() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:30"));
    let came = until(&world, &fleet, "09:00", |w| w.aws(&web()).min == 6).await;
    assert_eq!(ahead(came, "08:00"), Some(Seconds(600)));
    assert_eq!((world.aws(&web()).desired, world.aws(&web()).max), (6, 10));
    world.set_now(monday("17:30"));
    let went = until(&world, &fleet, "18:30", |w| w.aws(&web()).min == 2).await;
    assert_eq!(went, Some(monday("18:00")));
    minute(&world, &fleet, "18:01").await;
    assert_eq!(world.state(&web()).service.kept, None, "the baseline is verified");
    assert_eq!(world.mutations().len(), 2, "{:?}", world.mutations());
    let titles: Vec<String> = world.messages().into_iter().map(|m| m.title).collect();
    assert_eq!(
        titles,
        [
            "prod-eu/web: minimum 2 -> 6 for office-hours",
            "prod-eu/web: back to min 2 after 10 h 10 min (was 6 for office-hours)"
        ]
    );
    let lease = world.state(&web()).service.leases[SOURCE].clone();
    assert_eq!(lease.ended, Some((monday("18:00"), Ended::WindowClosed)));
}

#[tokio::test]
async fn a_reconciler_that_was_dead_for_hours_or_days_catches_up_at_once() {
    let fleet = fleet(&[office_hours()]);
    let dead_in_the_morning = world("07:00");
    minute(&dead_in_the_morning, &fleet, "07:40").await;
    minute(&dead_in_the_morning, &fleet, "11:17").await;
    assert_eq!(dead_in_the_morning.aws(&web()).min, 6);
    let dead_over_night = dead_in_the_morning;
    dead_over_night.set_now(monday("18:00") + jiff::SignedDuration::from_hours(30));
    until(&dead_over_night, &fleet, "23:59", |_| false).await;
    minute(&dead_over_night, &fleet, "23:59").await;
    assert_eq!(dead_over_night.aws(&web()).min, 2, "the window of Monday is long over");
}

#[tokio::test]
async fn holidays_and_other_days_have_no_floor() {
    let holiday = with(office_hours(), &[("holidays", json!({ "dates": { "dates": ["2026-11-23"] } }))]);
    let weekend = with(office_hours(), &[("days", json!(["sat", "sun"]))]);
    for schedule in [holiday, weekend] {
        let (fleet, world) = (fleet(&[schedule]), world("07:30"));
        assert_eq!(until(&world, &fleet, "08:30", |w| w.aws(&web()).min != 2).await, None);
        assert_eq!(world.entries(), []);
    }
}

#[tokio::test]
async fn of_two_windows_the_higher_floor_counts_and_the_first_minutes_may_ask_for_more() {
    let peak = with(
        office_hours(),
        &[("name", json!("peak")), ("from", json!("09:00")), ("until", json!("10:00")), ("floor", json!(8))],
    );
    let started = with(office_hours(), &[("start", json!(7))]);
    let (fleet, world) = (fleet(&[started, peak]), world("07:45"));
    for (time, min) in
        [("07:51", 7), ("08:14", 7), ("08:15", 6), ("08:49", 6), ("08:50", 8), ("09:59", 8), ("10:01", 6)]
    {
        until(&world, &fleet, time, |_| false).await;
        minute(&world, &fleet, time).await;
        assert_eq!(world.aws(&web()).min, min, "{time}");
    }
}

#[tokio::test]
async fn two_floors_of_one_minute_are_granted_one_after_the_other() {
    let twin = with(office_hours(), &[("name", json!("twin")), ("floor", json!(4))]);
    let (fleet, world) = (fleet(&[office_hours(), twin]), world("07:50"));
    let swept = minute(&world, &fleet, "07:50").await;
    assert_eq!((swept.changes, swept.left, swept.failed), (1, 0, 0));
    assert_eq!(world.state(&web()).service.live().count(), 2);
}

#[tokio::test]
async fn an_alarms_lease_beside_it_stays_when_the_window_closes() {
    let (fleet, world) = (fleet(&[office_hours()]), world("17:30"));
    minute(&world, &fleet, "17:30").await;
    world.metric(&web(), "CPUUtilization", 95.0, Some(6));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, monday("17:30"), 95.0), "alarm").await.unwrap();
    let raised = world.aws(&web()).min;
    assert!(raised > 6, "{raised}");
    let event = world.entries().into_iter().find(|e| e.event.is_some()).unwrap();
    assert_eq!(event.status, Status::Acted);
    for time in ["18:00", "18:01"] {
        world.set_now(monday(time));
        world.metric(&web(), "CPUUtilization", 95.0, Some(world.aws(&web()).running));
        minute(&world, &fleet, time).await;
        assert!(world.aws(&web()).min >= raised, "{time}: the alarm's lease gives no task back");
    }
    let live: Vec<String> = world.state(&web()).service.live().map(|l| l.source.clone()).collect();
    assert_eq!(live, ["cpu-high@prod-eu-web-cpu-high"]);
}

#[tokio::test]
async fn what_a_person_sets_in_the_window_stays() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    minute(&world, &fleet, "07:50").await;
    minute(&world, &fleet, "07:51").await;
    world.service(&web(), |s| s.min = 4);
    until(&world, &fleet, "08:30", |_| false).await;
    assert_eq!(world.aws(&web()).min, 4, "respected, not fought");
    assert_eq!(told(&world, Kind::Drift), 1);
    minute(&world, &fleet, "18:00").await;
    assert_eq!(world.aws(&web()).min, 4);
}

#[tokio::test]
async fn a_pause_and_a_stop_hold_a_floor_back_until_they_end() {
    let pause =
        Pause { service: Some("web".into()), remedy: Some("office-hours".into()), until: None, by: "ana".into() };
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    world.pause("prod-eu", vec![pause]);
    assert_eq!(until(&world, &fleet, "08:10", |w| w.aws(&web()).min == 6).await, None);
    world.pause("prod-eu", Vec::new());
    world.stop("prod-eu", true);
    assert_eq!(until(&world, &fleet, "08:20", |w| w.aws(&web()).min == 6).await, None);
    assert_eq!(world.entries(), [], "what waits leaves no entry each minute");
    world.stop("prod-eu", false);
    minute(&world, &fleet, "08:20").await;
    assert_eq!(world.aws(&web()).min, 6);
    let paused = Pause { service: None, remedy: None, until: None, by: "ana".into() };
    world.pause("prod-eu", vec![paused]);
    minute(&world, &fleet, "18:00").await;
    assert_eq!(world.aws(&web()).min, 2, "a pause never keeps what was granted before it");
}

#[tokio::test]
async fn max_that_cuts_the_floor_pages_at_the_grant() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    world.service(&web(), |s| s.max = 4);
    minute(&world, &fleet, "07:50").await;
    assert_eq!(world.aws(&web()).min, 4);
    let page = world.messages().into_iter().find(|m| m.kind == Kind::PrewarmLate).unwrap();
    assert_eq!(
        (page.severity, page.title.as_str()),
        (Severity::Page, "prod-eu/web: office-hours asks for 6 tasks, max leaves 4")
    );
}

#[tokio::test]
async fn what_nothing_would_take_away_again_is_refused_and_told_once() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    world.service(&web(), |s| s.policies.clear());
    until(&world, &fleet, "08:30", |_| false).await;
    assert_eq!(world.mutations(), []);
    assert_eq!((world.with_status(Status::Refused).len(), told(&world, Kind::PrewarmLate)), (1, 1));
}

#[tokio::test]
async fn a_window_that_leaves_the_fleet_file_ends_and_one_that_comes_back_is_granted_again() {
    let (with_it, without, world) = (fleet(&[office_hours()]), fleet(&[]), world("07:50"));
    minute(&world, &with_it, "08:00").await;
    minute(&world, &without, "08:01").await;
    assert_eq!(world.aws(&web()).min, 2);
    minute(&world, &without, "08:02").await;
    minute(&world, &with_it, "08:03").await;
    assert_eq!(world.aws(&web()).min, 6);
}

#[tokio::test]
async fn a_mode_that_begins_to_act_within_the_window_grants_then() {
    let (acting, world) = (fleet(&[office_hours()]), world("07:50"));
    let observing = in_mode(Mode::Observe, acting.clone());
    minute(&world, &observing, "07:50").await;
    minute(&world, &acting, "08:03").await;
    assert_eq!(world.aws(&web()).min, 6);
    minute(&world, &observing, "17:00").await;
    assert_eq!(world.aws(&web()).min, 6, "what was granted in act is kept to its end");
    minute(&world, &observing, "18:00").await;
    assert_eq!(world.aws(&web()).min, 2, "and given back");
}

#[tokio::test]
async fn without_a_scalable_target_the_desired_count_is_set_and_lowered_again() {
    let (fleet, world) = (fleet(&[office_hours()]), world("07:50"));
    world.service(&web(), |s| s.untargeted = true);
    minute(&world, &fleet, "07:50").await;
    assert_eq!(world.aws(&web()).desired, 6);
    world.set_now(monday("18:00"));
    until(&world, &fleet, "18:30", |_| false).await;
    assert_eq!(world.aws(&web()).desired, 2);
}

#[tokio::test]
async fn windows_that_follow_each_other_are_one_floor_in_act_and_none_once_it_only_observes() {
    let hourly = json!({
        "name": "hourly", "line": 50, "environments": ["prod-eu"], "services": ["web"], "floor": 5,
        "cron": "0 8-10 * * *", "for": 3_300, "lead": { "fixed": { "length": 600 } },
    });
    let (acting, world) = (fleet(&[hourly]), world("07:50"));
    assert_eq!(until(&world, &acting, "09:30", |w| w.aws(&web()).min != 5).await, None);
    assert_eq!(world.mutations().len(), 1, "no gap between the windows");
    let observing = in_mode(Mode::Observe, acting);
    assert_eq!(until(&world, &observing, "09:55", |w| w.aws(&web()).min != 5).await, None);
    minute(&world, &observing, "09:55").await;
    assert_eq!(world.aws(&web()).min, 2, "the window of ten o'clock is a grant of its own");
}
