//! Floors that follow the usual load.

use std::collections::BTreeMap;

use headroom_core::at_max::Points;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_core::schedule::Forecast;
use headroom_core::seen::PolicySeen;
use headroom_core::time::Seconds;
use headroom_pipeline::{Clock, sweep};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::morning::{
    fleet, healthy_targets, in_mode, minute, minutes, monday, office_hours, proofs, until, with, world,
};
use crate::fleets::web;
use crate::golden;
use crate::world::{Fault, World};

const REQUESTS: &str = "RequestCount";
const SOURCE: &str = "schedule/office-hours";
const DAY: i64 = 86_400;

/// What becomes of a later value.
type Change<'c> = &'c dyn Fn(i64, f64) -> Option<(i64, f64)>;

/// Office hours whose floor is the usual load, three tasks where it is not known.
pub(super) fn usual(floor: u32) -> Value {
    with(office_hours(), &[("usual", json!(floor)), ("floor", json!(3))])
}

/// Six weeks of requests before that Monday and one after it: 2,100 a minute from 08:00 on, 4,300 from 09:00, 900 from 17:00.
pub(super) fn requests() -> Points {
    let from = monday("00:00").as_second() - 42 * DAY;
    let value = |at: i64| {
        // Berlin, winter time; on earlier days of summer time the same reading of the clock.
        let local = Timestamp::from_second(at).unwrap().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap());
        match local.hour() {
            8 => 2_100.0,
            9..17 => 4_300.0,
            17 => 900.0,
            _ => 100.0,
        }
    };
    let values = (0..49 * DAY / 300).map(|n| from + n * 300).map(|at| (at, value(at))).collect();
    Points { period: Seconds(300), values }
}

pub(super) fn knowing(points: Points) -> World {
    let world = world("07:40");
    world.history(REQUESTS, points);
    world
}

fn forecast(world: &World) -> Option<Forecast> {
    world.state(&web()).service.leases.get(SOURCE)?.forecast.clone()
}

/// Minutes of the day at which min changes, and what it is then.
async fn day(world: &World, fleet: &headroom_core::fleet::Fleet) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut min = world.aws(&web()).min;
    while world.now() < monday("18:02") {
        world.service(&web(), |s| s.running = s.desired);
        sweep(world, fleet, &format!("sweep-{}", world.now())).await.unwrap();
        let now = world.aws(&web()).min;
        if now != min {
            let local = world.now() + SignedDuration::from_hours(1);
            found.push((local.strftime("%H:%M").to_string(), now));
            min = now;
            world.service(&web(), |s| s.desired = s.min);
        }
        world.advance(60);
    }
    found
}

#[tokio::test]
async fn the_floor_is_the_usual_load_of_each_hour_and_a_higher_hour_comes_a_lead_ahead() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    let changes = day(&world, &fleet).await;
    let changes: Vec<(&str, u32)> = changes.iter().map(|(at, min)| (at.as_str(), *min)).collect();
    // 2.1, 4.3 and 0.9 tasks' worth; the hour of nine is asked for at 08:50, that of five begins with fewer.
    assert_eq!(changes, [("07:50", 3), ("08:50", 5), ("17:00", 2)]);
    let mut said = String::new();
    for notice in world.messages() {
        said.push_str(&notice.text());
        said.push('\n');
    }
    golden::compare("prewarm/forecast.txt", &said);
}

#[tokio::test]
async fn a_percentage_asks_for_more_than_is_usual() {
    let (fleet, world) = (fleet(&[usual(150)]), knowing(requests()));
    minute(&world, &fleet, "08:50").await;
    assert_eq!(world.aws(&web()).min, 7, "150 % of 4.3");
}

#[tokio::test]
async fn what_comes_later_changes_no_decision() {
    let now = monday("07:50").as_second();
    let mut made = Vec::new();
    // What really comes, ten times as much, nothing at all, and a week that slides by half a day.
    let futures: [Change<'_>; 4] =
        [&|at, value| Some((at, value)), &|at, value| Some((at, value * 10.0)), &|_, _| None, &|at, value| {
            Some((at + DAY / 2, value))
        }];
    for future in futures {
        let mut points = requests();
        let later: BTreeMap<i64, f64> = points.values.split_off(&(now - 300 + 1));
        points.values.extend(later.into_iter().filter_map(|(at, value)| future(at, value)));
        let (fleet, world) = (fleet(&[usual(100)]), knowing(points));
        let changes = day(&world, &fleet).await;
        made.push((changes, forecast(&world).unwrap()));
    }
    assert!(made.iter().all(|one| *one == made[0]), "{made:?}");
    assert!(made[0].1.hours.iter().any(|hour| hour.tasks == 5), "and it was no fixed floor");
}

#[tokio::test]
async fn without_data_the_fixed_floor_holds_and_says_so() {
    let two_weeks = || {
        let mut points = requests();
        points.values.retain(|at, _| *at > monday("00:00").as_second() - 15 * DAY);
        points
    };
    let none = Points { period: Seconds(300), values: BTreeMap::new() };
    for (points, why) in [
        (two_weeks(), "RequestCount has data of 2 of the last 4 Mondays 08:00-09:00, 3 are needed"),
        (none, "RequestCount has data of 0 of the last 4 Mondays 08:00-09:00, 3 are needed"),
    ] {
        let (fleet, world) = (fleet(&[usual(100)]), knowing(points));
        minute(&world, &fleet, "07:50").await;
        assert_eq!(world.aws(&web()).min, 3, "{why}");
        let text = world.messages()[0].text();
        assert!(text.contains(&format!("Forecast: {why}: the fixed floor, 3 tasks")), "{text}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_fixed_floor_and_the_next_day_reads_again() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    // What is due, a look at no service, the state, the look, then the read of the usual load.
    world.set_now(monday("08:50"));
    world.fail_at(5, Fault::Fails);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert!(world.heal());
    assert_eq!(world.aws(&web()).min, 3);
    let text = world.messages()[0].text();
    assert!(text.contains("RequestCount is not readable"), "{text}");
    world.set_now(monday("18:00"));
    until(&world, &fleet, "18:03", |_| false).await;
    world.set_now(monday("08:50") + SignedDuration::from_hours(24));
    let mut tuesday = requests();
    tuesday.values = tuesday.values.into_iter().map(|(at, value)| (at, value * 2.0)).collect();
    world.history(REQUESTS, tuesday);
    sweep(&world, &fleet, "tuesday").await.unwrap();
    assert_eq!(world.aws(&web()).min, 9, "each window has its own: 8.6 on Tuesdays");
}

#[tokio::test]
async fn where_aws_forecasts_by_itself_this_one_stays_out_and_says_so() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    world.service(&web(), |s| {
        let weekly = PolicySeen {
            name: "weekly".into(),
            predictive: true,
            tracks: None,
            target: None,
            scales_in: false,
            label: None,
        };
        s.policies.push(weekly);
    });
    minute(&world, &fleet, "08:50").await;
    assert_eq!(world.aws(&web()).min, 3);
    let text = world.messages()[0].text();
    let why = "Forecast: AWS predictive scaling forecasts this service (policy weekly): the fixed floor, 3 tasks";
    assert!(text.contains(why), "{text}");
}

#[tokio::test]
async fn a_forecast_is_read_once_a_window_and_a_minute_without_one_costs_what_it_did() {
    let (forecasting, fixed) = (fleet(&[usual(100)]), fleet(&[office_hours()]));
    let calls = async |fleet: &headroom_core::fleet::Fleet| {
        let world = knowing(requests());
        let mut calls = Vec::new();
        for time in ["03:00", "07:50", "07:51", "08:20", "08:50", "08:51", "12:00"] {
            let before = world.calls();
            minute(&world, fleet, time).await;
            calls.push(world.calls() - before);
        }
        calls
    };
    let (with, without) = (calls(&forecasting).await, calls(&fixed).await);
    assert_eq!(with[0], without[0], "an idle minute");
    assert_eq!(with[1], without[1] + 1, "one read more as it is granted");
    assert_eq!([with[2], with[3], with[6]], [without[2], without[3], without[6]], "none while it is kept");
}

#[tokio::test]
async fn tasks_of_a_higher_hour_are_on_their_way_until_it_begins() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    let late = async |end: &str| {
        minutes(&world, &fleet, end, |s, _| s.running = s.desired.min(3)).await;
        proofs(&world).into_iter().map(|m| m.title).collect::<Vec<_>>()
    };
    assert_eq!(late("09:02").await, [""; 0], "asked for since 08:50");
    assert_eq!(late("09:05").await, ["prod-eu/web: office-hours is down to 3 of 5 running tasks"]);
}

#[tokio::test]
async fn a_balancers_minute_before_the_hour_is_no_short_hour() {
    let (fleet, world) = (fleet(&[usual(100)]), knowing(requests()));
    minutes(&world, &fleet, "09:06", |s, now| {
        s.running = s.desired;
        // Three minutes late, and the tasks of nine o'clock turn healthy in its first minute.
        let at = now - SignedDuration::from_mins(3);
        healthy_targets(s, if at < monday("09:00") { 3 } else { 5 }, at);
    })
    .await;
    assert_eq!((world.aws(&web()).min, proofs(&world)), (5, Vec::new()));
    minutes(&world, &fleet, "09:12", |s, now| healthy_targets(s, 4, now)).await;
    let late = proofs(&world).into_iter().map(|m| m.title).collect::<Vec<_>>();
    assert_eq!(late, ["prod-eu/web: office-hours is down to 4 of 5 healthy targets"]);
}

#[tokio::test]
async fn the_first_minutes_of_a_window_are_proved_by_their_start_whatever_is_usual() {
    let started = with(usual(100), &[("start", json!(7))]);
    let (fleet, world) = (fleet(&[started]), knowing(requests()));
    minutes(&world, &fleet, "08:05", |s, _| s.running = s.desired.min(5)).await;
    let late = proofs(&world).into_iter().map(|m| m.title).collect::<Vec<_>>();
    assert_eq!(late, ["prod-eu/web: office-hours began with 5 of 7 tasks running"]);
    minutes(&world, &fleet, "08:20", |s, _| s.running = s.desired.min(5)).await;
    assert_eq!(proofs(&world).last().map(|n| n.kind), Some(Kind::PrewarmComplete), "three from 08:15 on");
}

#[tokio::test]
async fn in_observe_it_is_recorded_with_its_sentence() {
    let (fleet, world) = (in_mode(Mode::Observe, fleet(&[usual(100)])), knowing(requests()));
    minute(&world, &fleet, "08:50").await;
    assert_eq!(world.mutations(), []);
    let text = headroom_core::explain::long(&world.entries()[0]);
    assert!(text.contains("p95 of the last 4 Mondays 09:00-10:00 was 4,300 requests/min: 5 tasks"), "{text}");
    assert_eq!(world.messages().iter().filter(|m| m.kind == Kind::Suggested).count(), 0);
}

#[tokio::test]
async fn the_next_window_is_forecast_anew() {
    let hourly = json!({
        "name": "office-hours", "line": 50, "environments": ["prod-eu"], "services": ["web"], "floor": 3, "usual": 100,
        "cron": "0 8-10 * * *", "for": 3_300, "lead": { "fixed": { "length": 600 } },
    });
    let (fleet, world) = (fleet(&[hourly]), knowing(requests()));
    until(&world, &fleet, "08:30", |_| false).await;
    assert_eq!((world.aws(&web()).min, forecast(&world).unwrap().hours.len()), (3, 1));
    until(&world, &fleet, "09:05", |_| false).await;
    let next = forecast(&world).unwrap();
    assert_eq!((world.aws(&web()).min, next.hours[0].tasks), (5, 5), "not the floor of the window before");
}
