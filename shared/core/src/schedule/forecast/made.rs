//! A forecast as it is kept with its lease, and its sentences.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::hours::{Span, WEEKS};
use crate::fleet::Metric;
use crate::time::{Seconds, after};

/// What the hours of one window ask for; made once, when the window is asked for, and never changed within it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// When it was made; nothing later was read.
    pub made: Timestamp,
    /// Its hours, earliest first; one for the whole window where nothing could be forecast.
    pub hours: Vec<HourForecast>,
}

/// What one hour asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HourForecast {
    /// The part of the hour within the window.
    pub span: Span,
    /// Tasks under min.
    pub tasks: u32,
    /// Why.
    pub basis: Basis,
}

/// Why so many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The usual load.
    Usual {
        /// For people: `Mondays 09:00-10:00`.
        when: String,
        /// CPU or requests.
        metric: Metric,
        /// p95 of its five minutes, over all tasks: percent of one task's CPU, or requests per minute.
        p95: f64,
        /// Days that have data, of the last [`WEEKS`].
        days: u32,
        /// How much of the usual is asked for; 100 is all of it.
        percent: u32,
    },
    /// The fixed floor of the fleet file.
    Fixed {
        /// Why there is no forecast.
        why: String,
    },
}

impl Forecast {
    /// A window that keeps its fixed floor.
    #[must_use]
    pub fn fixed(made: Timestamp, window: Span, tasks: u32, why: String) -> Self {
        Self { made, hours: vec![HourForecast { span: window, tasks, basis: Basis::Fixed { why } }] }
    }

    /// The hour that decides at `now`: the one that asks for most, of that of now and those that begin within the lead, so
    /// that a higher hour is asked for as far ahead as the window itself.
    #[must_use]
    pub fn at(&self, now: Timestamp, lead: Seconds) -> Option<&HourForecast> {
        let by = after(now, lead);
        let near = self.hours.iter().filter(|hour| hour.span.from <= by && now < hour.span.until);
        // The earliest of equals: its sentence is about now.
        near.reduce(|most, hour| if hour.tasks > most.tasks { hour } else { most })
    }

    /// The next hour, or this one, that asks for so many tasks.
    #[must_use]
    pub fn asking(&self, tasks: u32, now: Timestamp) -> Option<&HourForecast> {
        self.hours.iter().find(|hour| hour.tasks == tasks && now < hour.span.until)
    }
}

/// The forecast in one sentence.
impl fmt::Display for HourForecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = self.tasks;
        let many = if tasks == 1 { "task" } else { "tasks" };
        match &self.basis {
            Basis::Usual { when, metric, p95, days, percent } => {
                let of = if *days as usize == WEEKS { String::new() } else { format!("{days} of ") };
                write!(f, "p95 of {of}the last {WEEKS} {when} was {}", load(*metric, *p95))?;
                if *percent != 100 {
                    write!(f, ", {percent} % of it {}", load(*metric, *p95 * f64::from(*percent) / 100.0))?;
                }
                write!(f, ": {tasks} {many}")
            }
            Basis::Fixed { why } => write!(f, "{why}: the fixed floor, {tasks} {many}"),
        }
    }
}

fn load(metric: Metric, value: f64) -> String {
    let number = grouped(value);
    match metric {
        Metric::RequestsPerTarget => format!("{number} requests/min"),
        Metric::Cpu => format!("{number} % of one task's CPU"),
        Metric::Memory | Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => number,
    }
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn hour(from: i64, tasks: u32) -> HourForecast {
        let span = Span { from: at(from), until: at(from + 60) };
        HourForecast { span, tasks, basis: Basis::Fixed { why: String::new() } }
    }

    #[test]
    fn a_higher_hour_is_asked_for_a_lead_ahead_and_a_lower_one_when_it_begins() {
        let forecast = Forecast { made: at(0), hours: vec![hour(600, 3), hour(660, 7), hour(720, 2)] };
        let tasks = |minute| forecast.at(at(minute), Seconds(600)).map(|hour| hour.tasks);
        assert_eq!(tasks(589), None, "not yet");
        assert_eq!([590, 600, 649].map(tasks), [Some(3); 3]);
        assert_eq!([650, 660, 710, 719].map(tasks), [Some(7); 4]);
        assert_eq!([720, 779].map(tasks), [Some(2); 2]);
        assert_eq!(tasks(780), None, "it is over");
    }

    #[test]
    fn it_explains_itself_in_one_sentence() {
        let usual = |metric, p95, days, percent, tasks| {
            let basis = Basis::Usual { when: "Mondays 09:00-10:00".into(), metric, p95, days, percent };
            HourForecast { tasks, basis, ..hour(0, 0) }.to_string()
        };
        assert_eq!(
            usual(Metric::RequestsPerTarget, 4_300.0, 4, 100, 5),
            "p95 of the last 4 Mondays 09:00-10:00 was 4,300 requests/min: 5 tasks"
        );
        assert_eq!(
            usual(Metric::RequestsPerTarget, 1_234_567.0, 3, 150, 1_852),
            "p95 of 3 of the last 4 Mondays 09:00-10:00 was 1,234,567 requests/min, 150 % of it 1,851,850 requests/min: \
             1852 tasks"
        );
        assert_eq!(
            usual(Metric::Cpu, 61.2, 4, 100, 1),
            "p95 of the last 4 Mondays 09:00-10:00 was 61 % of one task's CPU: 1 task"
        );
        let fixed = Forecast::fixed(at(0), Span { from: at(1), until: at(2) }, 4, "no data".into());
        assert_eq!(fixed.hours[0].to_string(), "no data: the fixed floor, 4 tasks");
    }
}
