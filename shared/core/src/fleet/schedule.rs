//! `schedules`: floors that the clock keeps, for example in office hours.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::time::{Seconds, after};

use super::compiled::{Fleet, Service};
use super::cron::Cron;
use super::days::Days;
use super::floor::Floor;
use super::holidays::{self, Holidays};
use super::lead::Lead;
use super::local_time::LocalTime;
use super::node::{Entry, Node, Place, Want};
use super::opens::{self, Hours, Opens};
use super::problem::Findings;
use super::refer::{self, Names};
use super::schema::{self, Key};
use super::{count, name};

const EXAMPLE: &str = "office-hours: { services: [web], days: mon-fri, from: \"08:00\", until: \"18:00\", floor: 6 }";
const REQUIRED: [&str; 1] = ["floor"];
const KEYS: [Key; 13] = [
    Key("environments", "Environments in which it holds; all when left out.", refer::some_schema),
    Key("services", "Services for which it holds; all when left out.", refer::some_schema),
    Key("days", "Days on which the window opens: daily, a range or a list.", Days::schema),
    Key("dates", "Single dates on which it opens, in quotes; instead of `days`.", holidays::dates_schema),
    Key("from", "When the window opens, in the time zone of the environment; in quotes.", LocalTime::schema),
    Key("until", "When it closes; earlier than `from`: on the next day.", LocalTime::schema),
    Key("floor", "Tasks that are healthy from the opening on, or the usual load.", Floor::schema),
    Key("fallback", "Tasks where the usual load is not known; with `floor: forecast`.", count::tasks_some_schema),
    Key("start", "Tasks for the first 15 minutes of the window, at least `floor`.", count::tasks_some_schema),
    Key("lead", "How long before the opening the tasks are asked for.", Lead::schema),
    Key("holidays", "Days on which the window does not open: a calendar file or a list of dates.", Holidays::schema),
    Key("cron", "Minutes of local time at which it opens, in five fields; with `for`.", Cron::schema),
    Key("for", "How long the window of a `cron` lasts.", || opens::LASTING.schema()),
];

/// How long [`Schedule::start`] holds (SEMANTICS 26): after that the load alone decides above the floor.
pub const START_LASTS: Seconds = Seconds(15 * 60);

/// A floor that the clock keeps while its window is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Schedule {
    /// Name in the fleet file.
    pub name: String,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// Environments in which it holds, each by its own clock; all of the file when it names none.
    pub environments: Vec<String>,
    /// Services for which it holds; all of the file when it names none.
    pub services: Vec<String>,
    /// When its windows open and close.
    pub opens: Opens,
    /// Tasks that are healthy from the opening on, at least 1, at most max of each of its services; where the floor follows
    /// the usual load, those for when that is not known.
    pub floor: u32,
    /// How much of the usual load the floor follows, in percent; `None`: it is fixed.
    pub usual: Option<u32>,
    /// Tasks for the first [`START_LASTS`] of the window, at least `floor`.
    pub start: Option<u32>,
    /// How long before the opening the tasks are asked for.
    pub lead: Lead,
    /// Days on which the window does not open.
    pub holidays: Option<Holidays>,
}

/// A schedule as it is compiled: its keys as in the fleet file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    line: u32,
    environments: Vec<String>,
    services: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<Days>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates: Option<Vec<Date>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cron: Option<Cron>,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    lasting: Option<Seconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<LocalTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<LocalTime>,
    floor: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usual: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<u32>,
    lead: Lead,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holidays: Option<Holidays>,
}

impl TryFrom<Stored> for Schedule {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored { name, line, environments, services, floor, usual, start, lead, holidays, .. } = stored;
        let hours = stored.from.zip(stored.until).map(|(from, until)| Hours { from, until });
        let opens = match (stored.days, stored.dates, stored.cron, stored.lasting, hours) {
            (Some(days), None, None, None, Some(hours)) => Opens::Days { days, hours },
            (None, Some(dates), None, None, Some(hours)) => Opens::Dates { dates, hours },
            (None, None, Some(cron), Some(lasting), None) => Opens::Cron { cron, lasting },
            _ => return Err(format!("schedule `{name}` has neither days, dates nor cron, or more than one")),
        };
        Ok(Self { name, line, environments, services, opens, floor, usual, start, lead, holidays })
    }
}

impl From<Schedule> for Stored {
    fn from(schedule: Schedule) -> Self {
        let Schedule { name, line, environments, services, opens, floor, usual, start, lead, holidays } = schedule;
        let (days, dates, cron, lasting, hours) = match opens {
            Opens::Days { days, hours } => (Some(days), None, None, None, Some(hours)),
            Opens::Dates { dates, hours } => (None, Some(dates), None, None, Some(hours)),
            Opens::Cron { cron, lasting } => (None, None, Some(cron), Some(lasting), None),
        };
        let (from, until) = (hours.map(|h| h.from), hours.map(|h| h.until));
        Self {
            name,
            line,
            environments,
            services,
            days,
            dates,
            cron,
            lasting,
            from,
            until,
            floor,
            usual,
            start,
            lead,
            holidays,
        }
    }
}

impl Schedule {
    /// Whether it holds for this service.
    #[must_use]
    pub fn concerns(&self, service: &Service) -> bool {
        self.environments.contains(&service.environment) && self.services.contains(&service.name)
    }

    /// `start` at a moment of a window, or before it opens: until [`START_LASTS`] after the opening.
    #[must_use]
    pub fn start_at(&self, opens: Timestamp, now: Timestamp) -> Option<u32> {
        self.start.filter(|_| now < after(opens, START_LASTS))
    }
}

impl Fleet {
    /// The schedules of one service, in the order of the file.
    pub fn schedules_of<'f>(&'f self, service: &'f Service) -> impl Iterator<Item = &'f Schedule> {
        self.schedules.iter().filter(|schedule| schedule.concerns(service))
    }
}

/// A schedule with the places of what services may contradict.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleFile {
    pub(crate) schedule: Schedule,
    floor: Place,
    start: Option<Place>,
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let mapping = schema::with(schema::mapping(&KEYS, &REQUIRED), [Opens::rules(), Floor::rules()].concat());
    schema::by_name(&schema::shown(mapping, EXAMPLE))
}

/// Reads `schedules`.
pub(crate) fn read(
    node: &Node,
    environments: Names<'_>,
    services: Names<'_>,
    f: &mut Findings,
) -> Option<Vec<ScheduleFile>> {
    let entries = node.entries(f, Want { expected: "a mapping of schedules by name", example: EXAMPLE })?;
    Some(entries.iter().filter_map(|entry| ScheduleFile::read(entry, environments, services, f)).collect())
}

impl ScheduleFile {
    fn read(entry: &Entry, environments: Names<'_>, services: Names<'_>, f: &mut Findings) -> Option<Self> {
        name::check_key(entry, f);
        let fields = entry.node.mapping(f, &KEYS, EXAMPLE)?;
        let environments = environments.or_all(&fields, "environments", f);
        let services = services.or_all(&fields, "services", f);
        let opens = Opens::read(&fields, f);
        let floor = Floor::read_of(&fields, opens.as_ref(), EXAMPLE, f);
        let start = fields.read_at(f, "start", count::tasks_some);
        if let (Some(start), Some(floor)) = (&start, &floor)
            && start.value < floor.value.tasks
        {
            let found = format!("start {} under floor {}", start.value, floor.value.tasks);
            f.problem(
                &start.place,
                found,
                "start at least floor: both hold when the window opens",
                "floor: 3, start: 5",
            );
        }
        let lead = fields.read(f, "lead", Lead::read).unwrap_or_default();
        let holidays = fields.read(f, "holidays", Holidays::read);
        let floor = floor?;
        let schedule = Schedule {
            name: entry.key.clone(),
            line: entry.at.line,
            environments,
            services,
            opens: opens?,
            floor: floor.value.tasks,
            usual: floor.value.usual,
            start: start.as_ref().map(|start| start.value),
            lead,
            holidays,
        };
        Some(Self { schedule, floor: floor.place, start: start.map(|start| start.place) })
    }

    pub(crate) fn floor_place(&self) -> &Place {
        &self.floor
    }

    /// A floor never raises max (SEMANTICS 2): what max cuts off could never be proved, and would page each day.
    fn check(&self, service: &Service, f: &mut Findings) {
        let Schedule { floor, start, .. } = self.schedule;
        let asked = [("floor", Some(floor), Some(&self.floor)), ("start", start, self.start.as_ref())];
        for (key, tasks, place) in asked {
            if let (Some(tasks), Some(place)) = (tasks, place)
                && tasks > service.capacity.max
            {
                let found = format!("{key} {tasks} over max {} for {}", service.capacity.max, service.label());
                let expected = "at most max of each of its services: raise max, or name `services`";
                f.problem(place, found, expected, EXAMPLE);
            }
        }
    }
}

/// Checks the schedules against the services for which they hold.
pub(crate) fn check(schedules: &[ScheduleFile], services: &[Service], f: &mut Findings) {
    for file in schedules {
        let environments: BTreeSet<&str> = file.schedule.environments.iter().map(String::as_str).collect();
        let names: BTreeSet<&str> = file.schedule.services.iter().map(String::as_str).collect();
        for service in services {
            if environments.contains(service.environment.as_str()) && names.contains(service.name.as_str()) {
                file.check(service, f);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::days::Day;
    use crate::fleet::{Parsed, Source, yaml};

    const ENVIRONMENTS: Names<'_> = Names { what: "environment", known: &["staging", "prod"] };
    const SERVICES: Names<'_> = Names { what: "service", known: &["web", "worker"] };

    fn one(keys: &str) -> Result<Schedule, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(&format!("night: {{ {keys} }}"), &mut f).expect("YAML");
        let mut all = read(&node, ENVIRONMENTS, SERVICES, &mut f).expect("mapping");
        match all.pop() {
            Some(file) if f.problems.is_empty() => Ok(file.schedule),
            _ => Err(f.problems.into_iter().map(|p| p.found).collect()),
        }
    }

    #[test]
    fn what_is_left_out_means_everywhere_and_learned() {
        let schedule = one("days: daily, from: \"08:00\", until: \"18:00\", floor: 3").expect("right");
        assert_eq!(schedule.environments, ["staging", "prod"]);
        assert_eq!(schedule.services, ["web", "worker"]);
        assert_eq!((schedule.line, schedule.floor, schedule.start), (1, 3, None));
        assert_eq!((schedule.lead, schedule.holidays.clone()), (Lead::default(), None));
        let Opens::Days { days, hours } = schedule.opens else { panic!("days") };
        assert!(!hours.overnight() && days.contains(Day::Sun));
    }

    #[test]
    fn a_window_that_ends_before_it_begins_goes_overnight() {
        let schedule = one("days: [fri], from: \"22:00\", until: \"06:00\", floor: 3, start: 5").expect("right");
        assert!(matches!(schedule.opens, Opens::Days { hours, .. } if hours.overnight()));
        assert_eq!(schedule.start, Some(5));
    }

    #[test]
    fn every_key_says_what_is_wrong_with_it() {
        let right = [
            ("days", "daily"),
            ("from", "\"08:00\""),
            ("until", "\"18:00\""),
            ("floor", "3"),
            ("start", "5"),
            ("lead", "10m"),
            ("services", "[web]"),
        ];
        for (key, value, found) in [
            ("until", "\"08:00\"", "08:00 to 08:00"),
            ("from", "08:00", "`08:00`"),
            ("until", "18:00", "`18:00`"),
            ("start", "2", "start 2 under floor 3"),
            ("floor", "0", "the number `0`"),
            ("floor", "\"3\"", "`3`"),
            ("floor", "forecast", "no `fallback` beside `floor: forecast`"),
            ("floor", "3, fallback: 2", "`fallback` beside a fixed floor"),
            ("floor", "400% of usual, fallback: 2", "`400% of usual`"),
            ("floor", "[3]", "a list"),
            ("lead", "10", "the number `10`"),
            ("days", "weekdays", "`weekdays`"),
            ("services", "[queue]", "unknown service `queue`"),
            ("services", "[]", "an empty list"),
        ] {
            let keys = right.map(|(k, v)| format!("{k}: {}", if k == key { value } else { v })).join(", ");
            assert_eq!(one(&keys), Err(vec![found.to_owned()]), "{keys}");
        }
        for (keys, found) in [
            ("floor: 3", vec!["no `days`, `dates` or `cron`"]),
            ("floor: 3, days: daily", vec!["no `from`", "no `until`"]),
            ("floor: 3, cron: \"0 8 * * *\"", vec!["no `for`"]),
            ("floor: 3, cron: \"0 8 * *\", for: 10h", vec!["`0 8 * *`"]),
            ("floor: 3, cron: \"0 8 * * *\", for: 8d", vec!["`8d`"]),
            ("floor: 3, cron: \"0 8 * * *\", for: 10h, from: \"08:00\"", vec!["`from`"]),
            ("floor: 3, days: daily, from: \"08:00\", until: \"09:00\", for: 1h", vec!["`for`"]),
            ("floor: 3, days: daily, dates: [\"2026-11-27\"]", vec!["`dates` beside `days`"]),
            ("floor: forecast, fallback: 3, cron: \"0 8 * * *\", for: 25h", vec!["25 h"]),
            ("floor: forecast, fallback: 3, start: 2, cron: \"0 8 * * *\", for: 24h", vec!["start 2 under floor 3"]),
        ] {
            assert_eq!(one(keys), Err(found.into_iter().map(String::from).collect()), "{keys}");
        }
    }

    #[test]
    fn a_floor_that_follows_the_usual_load_keeps_a_fixed_one_for_when_it_is_not_known() {
        for (floor, usual) in [("forecast", 100), ("150% of usual", 150)] {
            let keys = format!("days: daily, from: \"08:00\", until: \"18:00\", floor: {floor}, fallback: 4");
            let schedule = one(&keys).expect("right");
            assert_eq!((schedule.floor, schedule.usual), (4, Some(usual)), "{floor}");
            let json = serde_json::to_string(&schedule).expect("JSON");
            assert_eq!(serde_json::from_str::<Schedule>(&json).expect("reads"), schedule, "{json}");
        }
    }

    #[test]
    fn windows_open_on_days_on_dates_or_by_cron_and_come_back_the_same() {
        for (keys, says) in [
            ("days: mon-fri, from: \"08:00\", until: \"18:00\"", "mon-fri 08:00-18:00"),
            ("dates: [\"2026-11-27\"], from: \"20:00\", until: \"02:00\"", "2026-11-27 20:00-02:00"),
            ("cron: \"0 8 * * MON-FRI\", for: 10h", "cron 0 8 * * MON-FRI for 10 h"),
        ] {
            let schedule = one(&format!("floor: 3, {keys}")).expect(keys);
            assert_eq!(schedule.opens.to_string(), says);
            let json = serde_json::to_string(&schedule).expect("JSON");
            assert_eq!(serde_json::from_str::<Schedule>(&json).expect("reads"), schedule, "{json}");
        }
        let neither =
            r#"{"name":"n","line":1,"environments":[],"services":[],"floor":3,"lead":{"fixed":{"length":120}}}"#;
        assert!(serde_json::from_str::<Schedule>(neither).is_err());
    }

    #[test]
    fn a_floor_fits_under_the_max_of_each_of_its_services() {
        let with = |keys: &str| {
            let text = format!(
                "version: 1\nfleet: shop\n\
                 environments: [{{ name: prod, account: \"111111111111\", region: eu-west-1 }}]\n\
                 services: {{ web: {{ cluster: c, capacity: {{ min: 1, max: 8 }} }}, \
                 old: {{ cluster: c, capacity: {{ fixed: 1 }} }} }}\n\
                 schedules: {{ day: {{ days: daily, from: \"08:00\", until: \"18:00\", {keys} }} }}\n"
            );
            let read = crate::fleet::read(Source { name: "f", text: &text }, None);
            read.map_err(|all| all.into_iter().map(|p| (p.path, p.found)).collect::<Vec<_>>())
        };
        let Parsed { fleet, .. } = with("services: [web], floor: 8, start: 8").expect("right");
        let of = |i: usize| fleet.schedules_of(&fleet.services[i]).map(|s| s.name.as_str()).collect::<Vec<_>>();
        assert_eq!((of(0), of(1)), (vec!["day"], vec![]));
        for (keys, path, found) in [
            ("services: [web], floor: 9", "schedules.day.floor", "floor 9 over max 8 for prod/web"),
            ("services: [web], floor: 8, start: 9", "schedules.day.start", "start 9 over max 8 for prod/web"),
            ("floor: 2", "schedules.day.floor", "floor 2 over max 1 for prod/old"),
        ] {
            assert_eq!(with(keys).expect_err(keys), [(path.to_owned(), found.to_owned())], "{keys}");
        }
    }
}
