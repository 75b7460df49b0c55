//! A week of office hours in the world and with the engine that `headroom local --headroom` serves: what people read is the
//! golden text.

use std::fmt::Write as _;

use headroom_core::capacity::ServiceState;
use headroom_core::fleet::Fleet;
use headroom_core::notice::{Kind, Notice};
use headroom_local::engine::Engine;
use headroom_pipeline::Clock as _;
use headroom_simulator::load::{Demand, Load, Row, Shape, Table};
use headroom_simulator::scenario;
use headroom_simulator::service::Service;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::json;

use super::morning::{fleet, office_hours, with};
use crate::golden;

/// From Sunday before the first morning to the Tuesday after the holiday, in Berlin.
const SCENARIO: &str = "\
scenario a week of office hours
start 2026-11-22T23:00:00Z
days 9
service web
  ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web
  target_group prod-eu-web
  task 2 vcpu 4 GiB
  tasks 2
  starts 40s
  healthy 10s
  drain 20s
  bounds 2..10
  track requests 1000 out 60s in 300s
  alarm prod-eu-web-cpu-high cpu > 85% 2 of 2
  load table
    00:00 400/min 60ms
";

/// What happens to the service, by day and time of Berlin.
enum Event {
    /// So many requests a minute, each of so much work in milliseconds.
    Load(f64, f64),
    /// Fargate has no capacity, or has it again.
    Capacity(bool),
    /// Tasks that come to run fail the balancer's checks, or pass them again.
    Checks(bool),
    /// The reconciler runs, or does not.
    Reconciler(bool),
}

/// On every day as many requests as two tasks carry from seven to eight in the evening, and besides:
fn events(day: &str, time: &str) -> Option<Event> {
    Some(match (day, time) {
        ("Tue", "07:00") => Event::Capacity(false),
        ("Tue", "08:12") => Event::Capacity(true),
        ("Wed", "07:45") => Event::Checks(false),
        ("Wed", "08:12") => Event::Checks(true),
        // 95 % of the CPU of six tasks, for half an hour, with no more requests than before.
        ("Thu", "09:00") => Event::Load(1_200.0, 570.0),
        ("Thu", "09:30") => Event::Load(1_200.0, 60.0),
        ("Fri", "07:00") => Event::Reconciler(false),
        ("Fri", "09:00") => Event::Reconciler(true),
        (_, "07:00") => Event::Load(1_200.0, 60.0),
        (_, "20:00") => Event::Load(400.0, 60.0),
        _ => return None,
    })
}

struct Week {
    engine: Engine,
    said: String,
    told: Vec<Notice>,
    min: u32,
    /// Minutes of nights, the weekend and the holiday in which min was not the baseline.
    awake: u32,
}

impl Week {
    fn new(fleet: Fleet) -> Self {
        let read = scenario::read(SCENARIO, &|path| Err(path.to_owned())).unwrap();
        let engine = Engine::new(read.build().unwrap().world, Some(fleet), true);
        Self { engine, said: String::new(), told: Vec::new(), min: 2, awake: 0 }
    }

    fn now(&self) -> Zoned {
        self.engine.world().now().to_zoned(TimeZone::get("Europe/Berlin").unwrap())
    }

    fn service<R>(&self, look: impl FnOnce(&Service) -> R) -> R {
        self.engine.world().read(|all| look(&all[0]))
    }

    fn state(&self) -> ServiceState {
        let view = self.engine.world().view(|_| false).unwrap();
        view.states.into_iter().next().map(|(_, state)| state).unwrap_or_default()
    }

    fn change(&mut self, event: Event) {
        let world = self.engine.world();
        match event {
            Event::Load(requests, work_ms) => {
                let rows = vec![Row { at: 0, demand: Demand { requests, work_ms } }];
                world.set_load(0, Load { shape: Shape::Table(Table { rows, linear: false }), noise: 0.0 });
            }
            Event::Capacity(there) => {
                world.change(0, |_, account, _| account.no_capacity = !there);
            }
            Event::Checks(pass) => {
                world.change(0, |service, _, _| service.tasks.fails_checks = !pass);
            }
            Event::Reconciler(runs) => self.engine.kill_reconciler(!runs),
        }
    }

    fn minute(&mut self) {
        let now = self.now();
        let (day, time) = (now.strftime("%a").to_string(), now.strftime("%H:%M").to_string());
        if let Some(event) = events(&day, &time) {
            self.change(event);
        }
        (0..60).for_each(|_| drop(self.engine.second()));
        let min = self.service(|s| s.target.min);
        let stamp = now.strftime("%a %d %H:%M");
        if min != self.min {
            let _ = writeln!(self.said, "{stamp}  min {} -> {min}", self.min);
            self.min = min;
        }
        let works = !matches!(day.as_str(), "Sat" | "Sun") && now.day() != 30;
        let office = works && ("07:50".."18:00").contains(&time.as_str());
        self.awake += u32::from(!office && min != 2);
        for (_, notice) in self.engine.world().take_notices() {
            let _ = writeln!(self.said, "{stamp}  {:<5} {}", notice.severity.name(), notice.title);
            for (label, line) in notice.lines.iter().filter(|(label, _)| label != "Cure") {
                let _ = writeln!(self.said, "                    {label}: {line}");
            }
            self.told.push(notice);
        }
    }

    /// Runs to a day and time of Berlin.
    fn until(&mut self, day: &str, time: &str) {
        while self.now().strftime("%d %H:%M").to_string() != format!("{day} {time}") {
            self.minute();
        }
    }

    fn count(&self, kind: Kind) -> usize {
        self.told.iter().filter(|notice| notice.kind == kind).count()
    }
}

#[test]
fn headroom_local_plays_a_week_of_mornings() {
    let holiday = [("holidays", json!({ "dates": { "dates": ["2026-11-30"] } }))];
    let mut week = Week::new(fleet(&[with(office_hours(), &holiday)]));
    let proved = |week: &Week| week.state().leases["schedule/office-hours"].proof.whole.is_some();

    week.until("23", "08:05");
    assert!(proved(&week), "a morning of which nothing needs to be said");
    assert_eq!(week.service(|s| (s.target.min, s.tasks.healthy())), (6, 6));
    week.until("24", "08:11");
    assert_eq!((proved(&week), week.count(Kind::PrewarmLate)), (false, 1));
    week.until("24", "08:30");
    assert_eq!((proved(&week), week.count(Kind::PrewarmComplete)), (true, 1));
    week.until("25", "08:30");
    assert_eq!((week.count(Kind::PrewarmLate), week.count(Kind::PrewarmComplete)), (2, 2));
    week.until("26", "09:20");
    assert!(week.service(|s| s.target.min) > 6, "the alarm's lease over that of the clock");
    assert_eq!(week.state().live().count(), 2);
    week.until("26", "12:00");
    assert_eq!((week.service(|s| s.target.min), week.state().live().count()), (6, 1));
    week.until("27", "08:59");
    assert_eq!(week.service(|s| s.target.min), 2, "nobody ran the reconciler");
    week.until("27", "09:01");
    assert_eq!(week.service(|s| s.target.min), 6, "caught up in its first minute");
    week.until("01", "07:00");
    assert_eq!(week.awake, 0, "nights, the weekend and the holiday are the baseline");
    assert_eq!(week.service(|s| (s.target.min, s.tasks.desired)), (2, 2));
    assert_eq!(week.engine.failed(), 0, "flows of Headroom that failed");
    golden::compare("prewarm/week.txt", &week.said);
}
