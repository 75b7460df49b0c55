//! A week of office hours, minute by minute: what people read is the golden text.

use std::fmt::Write as _;

use headroom_core::fleet::Fleet;
use headroom_core::seen::Trouble;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{Clock, on_alarm, sweep};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::morning::{fleet, monday, office_hours, with, world};
use crate::fleets::{cpu_alarm, web};
use crate::golden;
use crate::world::World;

/// What the day does to the service.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Day {
    /// Two minutes after they are asked for, tasks run.
    Usual,
    /// No more than four are placed until 08:12.
    NoCapacity,
    /// From 10:30 to 10:45 one target after another fails its health check, while its task runs on.
    Unhealthy,
    /// From 09:00 to 09:30 the load is that of 5.7 whole tasks: 95 % of six.
    Busy,
    /// Nobody runs the reconciler from 07:00 to 09:00.
    Dead,
}

struct Week {
    fleet: Fleet,
    world: World,
    said: String,
    told: usize,
    min: u32,
    asked: Timestamp,
}

impl Week {
    fn new() -> Self {
        let keys = [("holidays", json!({ "dates": { "dates": ["2026-11-30"] } }))];
        let fleet = fleet(&[with(office_hours(), &keys)]);
        let world = world("00:00");
        let asked = world.now();
        Self { fleet, world, said: String::new(), told: 0, min: 2, asked }
    }

    /// Tasks that run at this minute.
    fn running(&self, day: Day, time: &str) -> u32 {
        let desired = self.world.aws(&web()).desired;
        let fresh = self.world.now() < self.asked + SignedDuration::from_mins(2);
        match day {
            _ if fresh => desired.min(2),
            Day::NoCapacity if time < "08:12" => desired.min(4),
            Day::Usual | Day::NoCapacity | Day::Unhealthy | Day::Busy | Day::Dead => desired,
        }
    }

    /// What ECS says at this minute of the tasks that are not there.
    fn troubles(&self, day: Day, there: u32) {
        let message = match day {
            _ if there == self.world.aws(&web()).desired => return,
            Day::NoCapacity => {
                "(service prod-eu-web) was unable to place a task. Reason: Capacity is unavailable at this time."
            }
            Day::Unhealthy => {
                "(service prod-eu-web) (port 80) is unhealthy in (target-group prod-eu-web) due to (reason Health checks \
                 failed with these codes: [503])."
            }
            Day::Usual | Day::Busy | Day::Dead => return,
        };
        let now = self.world.now();
        self.world.service(&web(), |s| s.troubles = Trouble::read(now, message).into_iter().collect());
    }

    async fn minute(&mut self, day: Day) {
        let local = self.world.now().to_zoned(TimeZone::get("Europe/Berlin").unwrap());
        let time = local.strftime("%H:%M").to_string();
        let running = self.running(day, &time);
        self.world.service(&web(), |s| s.running = running);
        let failing = day == Day::Unhealthy && ("10:30".."10:45").contains(&time.as_str());
        let healthy = if failing { running - 1 } else { running };
        self.world.metric(&web(), "HealthyHostCount", f64::from(healthy), None);
        self.troubles(day, healthy);
        let busy = day == Day::Busy && ("09:00".."09:30").contains(&time.as_str());
        // In percent of one task: demand is what is conserved.
        let demand = if busy { 570.0 } else { 120.0 };
        let cpu = demand / f64::from(running.max(1));
        self.world.metric(&web(), "CPUUtilization", cpu, Some(running.max(1)));
        if cpu > 85.0 {
            self.world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
            if time == "09:00" {
                let event = cpu_alarm(AlarmState::Alarm, self.world.now(), 95.0);
                on_alarm(&self.world, &self.fleet, &event, "alarm").await.unwrap();
            }
        } else {
            self.world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
        }
        if !(day == Day::Dead && ("07:00".."09:00").contains(&time.as_str())) {
            sweep(&self.world, &self.fleet, &format!("sweep-{}", self.world.now())).await.unwrap();
        }
        let min = self.world.aws(&web()).min;
        if min != self.min {
            let _ = writeln!(self.said, "{}  min {} -> {min}", local.strftime("%a %H:%M"), self.min);
            self.asked = self.world.now();
            if min < self.min {
                // Target tracking takes away what the load does not need.
                self.world.service(&web(), |s| s.desired = s.min);
            }
            self.min = min;
        }
        for message in self.world.messages().into_iter().skip(self.told) {
            self.told += 1;
            let severity = message.severity.name();
            let _ = writeln!(self.said, "{}  {severity:<5} {}", local.strftime("%a %H:%M"), message.title);
            for (label, line) in message.lines.iter().filter(|(label, _)| label != "Cure") {
                let _ = writeln!(self.said, "                 {label}: {line}");
            }
        }
        self.world.advance(60);
    }
}

#[tokio::test]
async fn a_week_of_mornings_reads_like_this() {
    let mut week = Week::new();
    let days = [Day::Usual, Day::NoCapacity, Day::Unhealthy, Day::Busy, Day::Dead, Day::Usual, Day::Usual, Day::Usual];
    let dates = (0..).map(|day| monday("00:00") + SignedDuration::from_hours(24 * day));
    for (day, midnight) in days.into_iter().zip(dates) {
        for (from, until) in [(6 * 60, 11 * 60), (17 * 60, 19 * 60)] {
            week.world.set_now(midnight + SignedDuration::from_mins(from));
            for _ in from..until {
                week.minute(day).await;
            }
        }
    }
    assert_eq!(week.world.aws(&web()).min, 2, "at the end as at the beginning");
    golden::compare("prewarm/week.txt", &week.said);
}
