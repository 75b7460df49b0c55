//! Schedules, zones and days out of a seed.

use chrono::{Datelike, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use headroom_core::fleet::Schedule;
use serde_json::json;

use super::oracle::{DAY, Walk};

/// Zones with every kind of change: at two, at midnight and before it, by half an hour, by two hours, backwards in
/// winter, in the south; and one that has none. Places whose rules changed lately are left out: the two libraries carry
/// copies of different months.
pub(super) const ZONES: [Tz; 20] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Dublin,
    Tz::Europe__Helsinki,
    Tz::Atlantic__Azores,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::America__St_Johns,
    Tz::America__Havana,
    Tz::America__Santiago,
    Tz::America__Nuuk,
    Tz::Africa__Cairo,
    Tz::Pacific__Norfolk,
    Tz::Asia__Beirut,
    Tz::Asia__Jerusalem,
    Tz::Asia__Kolkata,
    Tz::Australia__Sydney,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Antarctica__Troll,
];

/// Splitmix: the same numbers from the same seed, everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub(super) fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).unwrap()
    }

    pub(super) fn minute(&mut self, n: i64) -> i64 {
        i64::try_from(self.below(n.unsigned_abs())).unwrap()
    }
}

/// A few days in a zone, around a change of its clocks where it has one.
pub(super) struct Place {
    pub(super) zone: Tz,
    pub(super) walk: Walk,
    /// Minute of the day at which the clocks change; noon where they do not.
    pub(super) change: i64,
}

fn minutes(year: i32) -> i64 {
    Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap().timestamp() / 60
}

pub(super) fn offset(zone: Tz, minute: i64) -> i64 {
    let at = Utc.timestamp_opt(minute * 60, 0).unwrap();
    i64::from(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()) / 60
}

/// Every change of 2026 to 2028 in every zone, and `plain` days without one in each.
pub(super) fn places(random: &mut Random, plain: usize) -> (Vec<Place>, usize) {
    let (begin, end) = (minutes(2026), minutes(2029));
    let mut places = Vec::new();
    for zone in ZONES {
        for change in begin..end {
            if offset(zone, change - 1) != offset(zone, change) {
                let day = (change + offset(zone, change)).rem_euclid(DAY);
                places.push(Place { zone, walk: Walk::new(zone, change - 2 * DAY - random.minute(DAY)), change: day });
            }
        }
    }
    let changes = places.len();
    for zone in ZONES {
        for _ in 0..plain {
            let start = begin + random.minute(end - begin - 6 * DAY);
            places.push(Place { zone, walk: Walk::new(zone, start), change: DAY / 2 });
        }
    }
    (places, changes)
}

/// How a drawn schedule opens.
pub(super) enum How {
    /// Minutes of the day.
    Between { from: i64, until: i64 },
    /// Fields of a cron, empty for `*`; minutes that it lasts.
    Cron { minutes: Vec<i64>, hours: Vec<i64>, days: Vec<i64>, lasting: i64 },
}

/// A schedule in plain numbers, for the oracle.
pub(super) struct Drawn {
    pub(super) how: How,
    /// Days of the week from Monday on.
    week: [bool; 7],
    /// Days since 1970; empty: by the week.
    dates: Vec<i64>,
    holidays: Vec<i64>,
}

impl Drawn {
    /// The minutes of a day at which windows open.
    pub(super) fn times(&self) -> Vec<bool> {
        let opens = |minute| match &self.how {
            How::Between { from, .. } => minute == *from,
            How::Cron { minutes, hours, .. } => has(minutes, minute % 60) && has(hours, minute / 60),
        };
        (0..DAY).map(opens).collect()
    }

    /// Whether windows open on this day.
    pub(super) fn is_day(&self, day: i64) -> bool {
        let days = match &self.how {
            How::Cron { days, .. } => has(days, i64::from(date(day).day())),
            How::Between { .. } => true,
        };
        // 1970 began on a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap();
        let named = if self.dates.is_empty() { self.week[weekday] } else { self.dates.contains(&day) };
        days && named && !self.holidays.contains(&day)
    }

    /// The reading at which the window of a day closes, or how many minutes it lasts.
    pub(super) fn closes(&self, day: i64) -> Result<i64, usize> {
        match &self.how {
            How::Between { from, until } => Ok((day + i64::from(until < from)) * DAY + until),
            How::Cron { lasting, .. } => Err(usize::try_from(*lasting).unwrap()),
        }
    }
}

fn has(set: &[i64], n: i64) -> bool {
    set.is_empty() || set.contains(&n)
}

fn date(day: i64) -> chrono::NaiveDate {
    chrono::NaiveDate::default() + TimeDelta::days(day)
}

/// A minute of the day, half of the time within an hour and a half of the change.
fn near(random: &mut Random, change: i64) -> i64 {
    match random.below(2) {
        0 => random.minute(DAY),
        _ => (change - 120 + random.minute(240)).rem_euclid(DAY),
    }
}

/// Draws a schedule for a place, once in plain numbers and once as it is compiled.
pub(super) fn draw(random: &mut Random, place: &Place) -> (Drawn, Schedule) {
    let mut week = [true; 7];
    if random.below(2) == 0 {
        week = std::array::from_fn(|_| random.below(3) > 0);
        week[random.index(7)] = true;
    }
    let first = place.walk.first_day;
    let some = |random: &mut Random, most: i64| -> Vec<i64> {
        let mut days: Vec<i64> = (0..random.minute(most)).map(|_| first + random.minute(6)).collect();
        days.sort_unstable();
        days.dedup();
        days
    };
    let holidays = some(random, 3);
    let mut dates = Vec::new();
    let how = match random.below(5) {
        0..3 => {
            let from = near(random, place.change);
            let until = (from + 1 + random.minute(DAY - 1)).rem_euclid(DAY);
            let until = if random.below(2) == 0 { near(random, place.change) } else { until };
            if random.below(4) == 0 {
                dates = some(random, 4);
            }
            How::Between { from, until: if until == from { (from + 1) % DAY } else { until } }
        }
        _ => {
            let at = near(random, place.change);
            let mut set = |value: i64, most: u64, all: u64, span: i64| -> Vec<i64> {
                if random.below(all) == 0 {
                    return Vec::new();
                }
                let mut set = vec![value];
                set.extend((0..random.below(most)).map(|_| random.minute(span)));
                set.sort_unstable();
                set.dedup();
                set
            };
            let (minutes, hours) = (set(at % 60, 3, 40, 60), set(at / 60, 4, 6, 24));
            let days = if week == [true; 7] { set(i64::from(date(first + 2).day()), 3, 2, 28) } else { Vec::new() };
            let days: Vec<i64> = days.into_iter().filter(|day| *day > 0).collect();
            let most = [60, 300, 2 * DAY - 5][random.index(3)];
            How::Cron { minutes, hours, days, lasting: 5 + random.minute(most) }
        }
    };
    let drawn = Drawn { how, week, dates, holidays };
    let schedule = compiled(&drawn);
    (drawn, schedule)
}

fn compiled(drawn: &Drawn) -> Schedule {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut json = json!({
        "name": "drawn", "line": 1, "environments": ["prod"], "services": ["web"], "floor": 3,
        "lead": { "fixed": { "length": 600 } },
    });
    let listed = |days: &[i64]| days.iter().map(|day| date(*day).to_string()).collect::<Vec<_>>();
    let of_week: Vec<&str> = NAMES.into_iter().zip(drawn.week).filter(|(_, on)| *on).map(|(name, _)| name).collect();
    if !drawn.holidays.is_empty() {
        json["holidays"] = json!({ "dates": { "dates": listed(&drawn.holidays) } });
    }
    match &drawn.how {
        How::Between { from, until } => {
            let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
            (json["from"], json["until"]) = (clock(*from).into(), clock(*until).into());
            if drawn.dates.is_empty() {
                json["days"] = json!(of_week);
            } else {
                json["dates"] = json!(listed(&drawn.dates));
            }
        }
        How::Cron { minutes, hours, days, lasting } => {
            let field = |set: &[i64]| {
                if set.is_empty() {
                    "*".to_owned()
                } else {
                    set.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
                }
            };
            let weekdays = if drawn.week == [true; 7] { "*".to_owned() } else { of_week.join(",") };
            json["cron"] = format!("{} {} {} * {weekdays}", field(minutes), field(hours), field(days)).into();
            json["for"] = (lasting * 60).into();
        }
    }
    serde_json::from_value(json).unwrap()
}

#[test]
fn the_oracle_counts_days_as_people_do() {
    assert_eq!(date(0).weekday(), Weekday::Thu);
    assert_eq!(date(20_779).to_string(), "2026-11-22");
}
