//! From what was read to what each hour asks for.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::hours::{Hour, Span, WEEKS, hours};
use super::made::{Basis, Forecast, HourForecast};
use super::question::Follows;
use crate::at_max::Points;
use crate::fleet::Metric;
use crate::schedule::Window;
use crate::seen::{Load, Reading, ServiceSeen};

/// So many of the last [`WEEKS`] days must have data: one may be missing, by an outage of the metric or of the service,
/// while two days say little of a month.
const DAYS_MIN: u32 = 3;
/// A day counts when half of its hour has data.
const PART_MIN: usize = 2;
/// Below this a need counts as the whole number under it, as in [`ratio`](crate::remedy::ratio).
const ROUNDING: f64 = 1e-9;
/// More tasks than any service has: a need beyond is a target of nearly 0.
const TASKS_MAX: f64 = 1e6;
/// A service that reports every 20 seconds sends three samples a minute and task.
pub const SAMPLES_FAST: f64 = 3.0;

/// What a forecast is made of.
#[derive(Debug, Clone, Copy)]
pub struct Usual<'a> {
    /// The window.
    pub window: Window,
    /// The clocks of its environment.
    pub zone: &'a TimeZone,
    /// What was read, each with its sums per minute.
    pub read: &'a [(Follows, Reading<Points>)],
    /// How much of the usual is asked for; 100 is all of it.
    pub percent: u32,
    /// The floor where there is no forecast.
    pub fixed: u32,
    /// Whether the tasks report their CPU three times a minute; `None`: nobody knows, and a sum of it says nothing.
    pub fast: Option<bool>,
    /// Policies that scale the service too, and by what is not read here.
    pub others: &'a [String],
    /// Now: nothing that ended later is looked at.
    pub now: Timestamp,
}

/// Whether a service reports every 20 seconds: the newest minute has three samples for each running task, or one. `None`
/// while that is not read, or its tasks come and go: taken for one, three would ask for three times the tasks.
#[must_use]
pub fn reports_fast(load: &Reading<Load>, service: &Reading<ServiceSeen>) -> Option<bool> {
    let samples = f64::from(load.known()?.tasks?);
    let ServiceSeen { desired, running, .. } = service.known()?;
    if running != desired || *running == 0 {
        return None;
    }
    let each = samples / f64::from(*running);
    let near = |rate: f64| (each - rate).abs() < 0.5;
    [1.0, SAMPLES_FAST].into_iter().find(|rate| near(*rate)).map(|rate| rate > 1.0)
}

impl Usual<'_> {
    /// What each hour asks for: of several metrics the one that needs most tasks, as Application Auto Scaling takes the
    /// largest (AWS_FACTS 2.3); the fixed floor where one of them is missing.
    #[must_use]
    pub fn forecast(&self) -> Forecast {
        let of = |hour: &Hour| {
            let found: Result<Vec<_>, String> =
                self.read.iter().map(|(follows, read)| self.need(hour, follows, read)).collect();
            let most = found.and_then(|all| {
                all.into_iter()
                    .reduce(|most, one| if one.0 > most.0 { one } else { most })
                    .ok_or_else(|| "nothing was read".to_owned())
            });
            let (tasks, basis) = match (most, self.others.first()) {
                // What is not read may need more than what is: the file's floor stays under it.
                (Ok((tasks, _)), Some(name)) if tasks < self.fixed => {
                    let why = format!(
                        "policy {name} follows what no forecast is made of, and {tasks} are usual by the others"
                    );
                    (self.fixed, Basis::Fixed { why })
                }
                (Ok(most), _) => most,
                (Err(why), _) => (self.fixed, Basis::Fixed { why }),
            };
            HourForecast { span: hour.span, tasks, basis }
        };
        Forecast { made: self.now, hours: hours(self.window, self.zone).iter().map(of).collect() }
    }

    /// What one metric asks for in one hour.
    fn need(&self, hour: &Hour, follows: &Follows, read: &Reading<Points>) -> Result<(u32, Basis), String> {
        let points = match read {
            Reading::Known(points) => points,
            Reading::Absent => return Err(format!("{} has no data", follows.name)),
            Reading::Unreadable(why) => return Err(format!("{} is not readable ({why})", follows.name)),
            Reading::Stale { .. } => return Err(format!("{} is {}", follows.name, read.why())),
        };
        let days: Vec<Vec<f64>> = hour.past.iter().flatten().filter_map(|span| self.day(points, *span)).collect();
        let count = u32::try_from(days.len()).unwrap_or(u32::MAX);
        if count < DAYS_MIN {
            let what = follows.name;
            return Err(format!("{what} has data of {count} of the last {WEEKS} {}, {DAYS_MIN} are needed", hour.when));
        }
        let each = match (follows.metric, self.fast) {
            (Metric::Cpu, None) => return Err(format!("how often tasks report {} is not known", follows.name)),
            (Metric::Cpu, Some(true)) => SAMPLES_FAST,
            (_, _) => 1.0,
        };
        let sum = p95(days.into_iter().flatten().collect()).ok_or_else(|| format!("{} has no data", follows.name))?;
        let p95 = sum / each;
        let tasks = whole(p95 * f64::from(self.percent) / 100.0 / follows.target);
        let (metric, percent) = (follows.metric, self.percent);
        Ok((tasks, Basis::Usual { when: hour.when.clone(), metric, p95, days: count, percent }))
    }

    /// The values of one past hour; `None` with less than half of them.
    fn day(&self, points: &Points, span: Span) -> Option<Vec<f64>> {
        let period = i64::from(points.period.0.max(1));
        let (from, until) = (span.from.as_second(), span.until.as_second());
        let over = |at: i64| at + period <= until && at + period <= self.now.as_second();
        let values: Vec<f64> = points
            .values
            .range(from..until)
            .filter(|(at, value)| over(**at) && value.is_finite() && **value >= 0.0)
            .map(|(_, value)| *value)
            .collect();
        let whole = usize::try_from((until - from) / period).unwrap_or(0);
        (values.len() * PART_MIN >= whole && !values.is_empty()).then_some(values)
    }
}

/// The nearest rank: a value that was really there.
fn p95(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (values.len() * 95).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

fn whole(needed: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let tasks = (needed - ROUNDING).ceil().clamp(1.0, TASKS_MAX) as u32;
    tasks
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::time::Seconds;

    const HOUR: i64 = 3_600;
    const WEEK: i64 = 7 * 24 * HOUR;
    /// Monday, 2026-11-23, 09:00 in UTC.
    const OPENS: i64 = 1_795_424_400;

    fn follows(metric: Metric, target: f64) -> Follows {
        Follows { metric, target, namespace: "n", name: "RequestCount", dimensions: Vec::new() }
    }

    /// Twelve values in each of the given weeks back.
    fn points(weeks: &[i64], value: impl Fn(i64, i64) -> f64) -> Points {
        let value = &value;
        let each = weeks.iter().flat_map(|week| (0..12).map(move |n| (OPENS - week * WEEK + n * 300, value(*week, n))));
        Points { period: Seconds(300), values: each.collect() }
    }

    fn made(read: &[(Follows, Reading<Points>)], percent: u32) -> HourForecast {
        made_beside(read, percent, Some(false), &[])
    }

    fn made_beside(
        read: &[(Follows, Reading<Points>)],
        percent: u32,
        fast: Option<bool>,
        others: &[String],
    ) -> HourForecast {
        let at = |second| Timestamp::from_second(second).unwrap();
        let window = Window { opens: at(OPENS), closes: at(OPENS + HOUR) };
        let zone = &TimeZone::UTC;
        let usual = Usual { window, zone, read, percent, fixed: 4, fast, others, now: at(OPENS - 600) };
        let forecast = usual.forecast();
        assert_eq!(forecast.hours.len(), 1);
        forecast.hours[0].clone()
    }

    #[test]
    fn the_p95_of_the_same_hour_of_four_weekdays_over_the_target_is_the_floor() {
        let read = points(&[1, 2, 3, 4], |week, n| 4_000.0 + (week * 12 + n) as f64);
        let read = [(follows(Metric::RequestsPerTarget, 1_000.0), Reading::Known(read))];
        let hour = made(&read, 100);
        // Of 48 values from 4,012 to 4,059 the 46th.
        assert_eq!(hour.to_string(), "p95 of the last 4 Mondays 09:00-10:00 was 4,057 requests/min: 5 tasks");
        assert_eq!(made(&read, 50).tasks, 3);
    }

    #[test]
    fn one_day_may_be_missing_and_two_may_not() {
        let of = |weeks: &[i64]| {
            made(&[(follows(Metric::RequestsPerTarget, 1_000.0), Reading::Known(points(weeks, |_, _| 900.0)))], 100)
        };
        assert_eq!((of(&[1, 2, 4]).tasks, of(&[1, 2, 4]).to_string().contains("3 of the last 4")), (1, true));
        assert_eq!(
            of(&[1, 3]).to_string(),
            "RequestCount has data of 2 of the last 4 Mondays 09:00-10:00, 3 are needed: the fixed floor, 4 tasks"
        );
        let mut half = points(&[1, 2, 3, 4], |_, _| 900.0);
        half.values.retain(|at, _| *at > OPENS - 2 * WEEK || (*at / 300) % 3 == 0);
        assert_eq!(
            made(&[(follows(Metric::Cpu, 70.0), Reading::Known(half))], 100).tasks,
            4,
            "a third of an hour is none"
        );
    }

    #[test]
    fn of_two_metrics_the_higher_need_counts_and_one_that_is_missing_leaves_the_fixed_floor() {
        let requests =
            || (follows(Metric::RequestsPerTarget, 1_000.0), Reading::Known(points(&[1, 2, 3, 4], |_, _| 2_500.0)));
        let cpu = |read| (follows(Metric::Cpu, 70.0), read);
        let both = made(&[requests(), cpu(Reading::Known(points(&[1, 2, 3, 4], |_, _| 430.0)))], 100);
        assert_eq!(both.to_string(), "p95 of the last 4 Mondays 09:00-10:00 was 430 % of one task's CPU: 7 tasks");
        for missing in [Reading::Absent, Reading::Unreadable("ThrottlingException".into())] {
            let hour = made(&[requests(), cpu(missing)], 100);
            assert_eq!((hour.tasks, matches!(hour.basis, Basis::Fixed { .. })), (4, true), "{hour}");
        }
    }

    #[test]
    fn what_has_not_happened_yet_and_what_is_no_number_is_not_looked_at() {
        let mut read = points(&[1, 2, 3, 4], |_, _| 900.0);
        let before = made(&[(follows(Metric::Cpu, 70.0), Reading::Known(read.clone()))], 100);
        let future: BTreeMap<i64, f64> = (0..500).map(|n| (OPENS - 900 + n * 300, 1e9)).collect();
        read.values.extend(future);
        read.values.insert(OPENS - WEEK, f64::NAN);
        assert_eq!(made(&[(follows(Metric::Cpu, 70.0), Reading::Known(read))], 100), before);
    }

    #[test]
    fn cpu_of_tasks_whose_samples_nobody_counted_is_no_forecast() {
        let read = [(follows(Metric::Cpu, 70.0), Reading::Known(points(&[1, 2, 3, 4], |_, _| 630.0)))];
        let tasks = |fast| made_beside(&read, 100, fast, &[]).tasks;
        assert_eq!((tasks(Some(false)), tasks(Some(true))), (9, 3));
        let hour = made_beside(&read, 100, None, &[]);
        assert_eq!(hour.to_string(), "how often tasks report RequestCount is not known: the fixed floor, 4 tasks");
    }

    #[test]
    fn more_than_the_usual_settles_though_a_week_later_it_sees_its_own_tasks() {
        // Percent of one task's CPU: the load, and what a task takes at rest.
        let (load, rest) = (350.0, 5.0);
        let weeks = |percent| {
            let mut tasks = vec![5];
            for _ in 0..20 {
                let sum = load + rest * f64::from(tasks[tasks.len() - 1]);
                let read = Reading::Known(points(&[1, 2, 3, 4], move |_, _| sum));
                tasks.push(made(&[(follows(Metric::Cpu, 70.0), read)], percent).tasks);
            }
            tasks
        };
        assert_eq!((weeks(100)[20], &weeks(150)[1..4], weeks(150)[20]), (6, &[9, 9, 9][..], 9));
    }

    #[test]
    fn beside_a_policy_on_something_else_a_forecast_only_asks_for_more_than_the_file() {
        let read = |value: f64| {
            [(follows(Metric::RequestsPerTarget, 1_000.0), Reading::Known(points(&[1, 2, 3, 4], move |_, _| value)))]
        };
        let others = ["memory-80".to_owned()];
        let of = |value| made_beside(&read(value), 100, Some(false), &others);
        assert_eq!(
            of(2_500.0).to_string(),
            "policy memory-80 follows what no forecast is made of, and 3 are usual by the others: the fixed floor, 4 tasks"
        );
        assert_eq!(of(6_500.0).tasks, 7);
    }

    #[test]
    fn three_samples_a_minute_and_task_are_a_service_that_reports_fast() {
        let load = |tasks| Reading::Known(Load { value: 1.0, tasks, at: Timestamp::UNIX_EPOCH });
        let service = |running, desired| {
            Reading::Known(ServiceSeen {
                arn: "arn".into(),
                created_at: None,
                desired,
                running,
                deployments_in_progress: 0,
                daemon: false,
                primary: None,
                troubles: Vec::new(),
                target_groups: Vec::new(),
            })
        };
        assert_eq!(reports_fast(&load(Some(12)), &service(4, 4)), Some(true));
        assert_eq!(reports_fast(&load(Some(4)), &service(4, 4)), Some(false));
        for (load, service) in [
            (load(Some(8)), service(4, 4)),
            (load(Some(4)), service(2, 4)),
            (load(Some(0)), service(0, 0)),
            (load(None), service(4, 4)),
            (Reading::Absent, service(4, 4)),
            (load(Some(4)), Reading::Absent),
        ] {
            assert_eq!(reports_fast(&load, &service), None, "{load:?}, {service:?}");
        }
    }
}
