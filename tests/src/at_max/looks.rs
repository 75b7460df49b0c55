//! What one look finds, for readings that no play has.

use std::collections::BTreeMap;

use headroom_core::at_max::{ActivitySeen, CapacitySeen, Episode, Found, Points, Topic, Tracked, found};
use headroom_core::fleet::Metric;
use headroom_core::seen::{Reading, ServiceSeen, Suspended, TargetSeen};
use headroom_core::time::Seconds;
use jiff::Timestamp;

const NOW: i64 = 1_795_392_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn points(period: u32, values: &[(i64, f64)]) -> Reading<Points> {
    Reading::Known(Points { period: Seconds(period), values: values.iter().copied().collect() })
}

/// Ten of ten tasks, and a policy that nobody can read.
fn seen() -> CapacitySeen {
    let service = ServiceSeen {
        arn: "arn".into(),
        created_at: None,
        desired: 10,
        running: 10,
        deployments_in_progress: 0,
        daemon: false,
        primary: None,
        troubles: Vec::new(),
        target_groups: Vec::new(),
    };
    CapacitySeen {
        service: Reading::Known(service),
        target: Reading::Known(TargetSeen { min: 2, max: 10, suspended: Suspended::default(), by_desired: false }),
        tracked: Reading::Known(Vec::new()),
        tasks: points(60, &[(NOW - 120, 10.0)]),
        tasks_fortnight: Reading::Absent,
        activities: Reading::Known(Vec::new()),
        quota: Reading::Absent,
        beside: BTreeMap::new(),
    }
}

fn requests(value: f64, fortnight: Reading<Points>) -> Reading<Vec<Tracked>> {
    let hour = points(60, &[(NOW - 120, value)]);
    Reading::Known(vec![Tracked {
        policy: "requests".into(),
        metric: Some(Metric::RequestsPerTarget),
        target: 1_000.0,
        hour,
        fortnight,
    }])
}

/// The episode as the look before left it: Auto Scaling said two hours ago that max was in its way.
fn open(change: impl FnOnce(&mut Found)) -> Episode {
    let mut episode = Episode::new(Topic::AtMax, at(NOW - 7_200));
    let mut before = found(&seen(), None, at(NOW - 60)).unwrap();
    before.held_since = Some(at(NOW - 7_200));
    change(&mut before);
    episode.found = Some(before);
    episode
}

#[test]
fn what_auto_scaling_said_once_holds_after_the_hour_in_which_it_can_be_read() {
    let of = |seen: &CapacitySeen, open: Option<&Episode>| {
        let found = found(seen, open, at(NOW)).unwrap();
        (found.held_since.map(Timestamp::as_second), found.unmet())
    };
    let before = open(|_| {});
    assert_eq!(of(&seen(), Some(&before)), (Some(NOW - 7_200), Some(true)));
    assert_eq!(of(&seen(), None), (None, None), "nobody remembers");
    assert_eq!(of(&seen(), Some(&open(|found| found.max = 8))).0, None, "max is another since");
    let mut below = seen();
    below.target = Reading::Known(TargetSeen { min: 2, max: 12, suspended: Suspended::default(), by_desired: false });
    assert_eq!(of(&below, Some(&before)).0, None);
    let mut scaled = seen();
    scaled.activities = Reading::Known(vec![ActivitySeen {
        id: "1".into(),
        at: at(NOW - 600),
        status: "Successful".into(),
        message: None,
        to: Some(10),
        not_scaled: Vec::new(),
    }]);
    assert_eq!(of(&scaled, Some(&before)).0, None, "an activity says otherwise");
}

#[test]
fn both_colours_of_a_deployment_report_and_one_of_them_carries_the_load() {
    let asks = |deployments, running, samples| {
        let mut seen = seen();
        if let Reading::Known(service) = &mut seen.service {
            (service.deployments_in_progress, service.running) = (deployments, running);
        }
        seen.tasks = points(60, &[(NOW - 120, samples)]);
        seen.tracked = requests(1_400.0, Reading::Absent);
        found(&seen, None, at(NOW)).unwrap().need()
    };
    assert_eq!(asks(0, 10, 10.0), Some(14));
    assert_eq!(asks(2, 20, 20.0), Some(14), "twice the tasks, and the same load");
    assert_eq!(asks(0, 12, 12.0), Some(17), "at rest what runs is what carries it");
}

#[test]
fn the_two_weeks_before_are_without_what_goes_on_and_stay_in_sight_where_they_are_not_read() {
    let (week, incident) = (NOW - 7 * 86_400, NOW - 5_400);
    let mut read = seen();
    read.tracked = requests(1_400.0, points(300, &[(week, 1_200.0), (incident, 1_900.0)]));
    read.tasks_fortnight = points(300, &[(week, 10.0), (incident, 10.0)]);
    let fortnight = |seen: &CapacitySeen, open: Option<&Episode>| found(seen, open, at(NOW)).unwrap().enough_fortnight;
    assert_eq!(fortnight(&read, Some(&open(|_| {}))), Some(12), "nineteen are of the episode itself");
    assert_eq!(fortnight(&read, None), Some(19), "before the last hour");
    assert_eq!(
        fortnight(&seen(), Some(&open(|found| found.enough_fortnight = Some(12)))),
        Some(12),
        "not read each time"
    );
}
