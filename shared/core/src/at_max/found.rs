//! One look at a service, as numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::activity::held_at_max;
use super::climb::minutes_to_max;
use super::demand::{Tracked, demand, enough};
use super::episode::{Episode, Sight};
use super::points::Points;
use super::question::CapacitySeen;
use super::want::{Want, need, wants};
use crate::fleet::Metric;
use crate::seen::Reading;
use crate::time::Seconds;

const HOUR: Seconds = Seconds(3_600);

/// What one look found of a service with a scalable target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
    /// What each policy asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wants: Vec<Want>,
    /// Whether a policy asks for what nobody here can read: its own metric, steps, or a metric without data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread: bool,
    /// Since when Auto Scaling says that max is in its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<Timestamp>,
    /// Minutes until max, while it is not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_to_max: Option<u32>,
    /// Tasks that would have carried every minute of the last hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough_hour: Option<u32>,
    /// The same for two weeks, when they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough_fortnight: Option<u32>,
    /// Since when so many tasks run as max allows, as far as the last hour shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_max_since: Option<Timestamp>,
    /// The last hour in means of five minutes, oldest first: tasks, then each metric by its policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<(String, Vec<f64>)>,
}

/// `None` when service or scalable target is not known: nothing can be said, and nothing is closed. `open`: the episode at
/// max as the look before left it, for what is recorded once and read for an hour, or not read each time.
#[must_use]
pub fn found(seen: &CapacitySeen, open: Option<&Episode>, now: Timestamp) -> Option<Found> {
    let (service, target) = (seen.service.known()?, seen.target.known()?);
    let tracked = seen.tracked.known().map(Vec::as_slice).unwrap_or_default();
    let hour = asked(tracked, |t| &t.hour, &seen.tasks);
    let fortnight = fortnight(seen, begun(open, now));
    let rising = hour.as_ref().and_then(|asked| minutes_to_max(asked, target.max, now));
    let wants = wants(seen, now);
    let before = open.and_then(|episode| episode.found.as_ref());
    let held = seen.activities.known().and_then(|all| held_at_max(all));
    Some(Found {
        desired: service.desired,
        running: service.running,
        min: target.min,
        max: target.max,
        unread: seen.tracked.known().is_none() || wants.len() < tracked.len(),
        wants,
        held_since: held.or_else(|| still_held(seen, before?)),
        minutes_to_max: rising.filter(|_| service.desired < target.max),
        enough_hour: hour.as_ref().and_then(enough),
        enough_fortnight: match &fortnight {
            Some(fortnight) => enough(fortnight),
            None => before.and_then(|before| before.enough_fortnight),
        },
        at_max_since: seen.tasks.known().and_then(|tasks| standing_at(tasks, target.max)),
        charts: charts(seen, tracked),
    })
}

/// What the two weeks before end with: the last hour is told beside them, and what goes on is no history of its own.
#[must_use]
pub fn begun(open: Option<&Episode>, now: Timestamp) -> Timestamp {
    let hour_ago = now.checked_sub(HOUR.duration()).unwrap_or(now);
    open.map_or(hour_ago, |episode| episode.full_since.unwrap_or(episode.since).min(hour_ago))
}

/// Since when max was in the way as the look before had it, while max and count are the same and no activity says
/// otherwise: only the first of a row is recorded, and after an hour it is read no more (AWS_FACTS 2.7).
fn still_held(seen: &CapacitySeen, before: &Found) -> Option<Timestamp> {
    let held = before.held_since?;
    let (desired, max) = (seen.service.known()?.desired, seen.target.known()?.max);
    let otherwise = seen.activities.known().is_some_and(|all| all.iter().any(|activity| activity.at >= held));
    (desired >= max && max == before.max && !otherwise).then_some(held)
}

/// What was asked for in two weeks, without what is going on since `until`; `None` where they were not read.
pub(super) fn fortnight(seen: &CapacitySeen, until: Timestamp) -> Option<Points> {
    let mut asked = asked(seen.tracked.known()?, |t| &t.fortnight, &seen.tasks_fortnight)?;
    asked.values.retain(|at, _| *at < until.as_second());
    Some(asked)
}

/// What was asked for, of one of the two histories; `None` where it was not read.
fn asked(tracked: &[Tracked], which: impl Fn(&Tracked) -> &Reading<Points>, tasks: &Reading<Points>) -> Option<Points> {
    let series = tracked.iter().filter_map(|t| Some((which(t).known()?, t.target)));
    Some(demand(series, tasks.known()?))
}

/// So many bars: one for each five minutes of the hour.
const CHART_STEP: i64 = 300;

fn charts(seen: &CapacitySeen, tracked: &[Tracked]) -> Vec<(String, Vec<f64>)> {
    let of = |name: &str, points: &Reading<Points>| Some((name.to_owned(), means(points.known()?)));
    let metric = |t: &Tracked| of(&t.metric.map_or_else(|| t.policy.clone(), |m| short(m).to_owned()), &t.hour);
    let all = of("tasks", &seen.tasks).into_iter().chain(tracked.iter().filter_map(metric));
    all.filter(|(_, values)| values.len() > 1).collect()
}

fn means(points: &Points) -> Vec<f64> {
    let mut steps: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (at, value) in points.finite() {
        let step = steps.entry(at.div_euclid(CHART_STEP)).or_default();
        *step = (step.0 + value, step.1 + 1.0);
    }
    steps.into_values().map(|(sum, n)| sum / n).collect()
}

fn short(metric: Metric) -> &'static str {
    match metric {
        Metric::Cpu => "CPU",
        Metric::Memory => "memory",
        Metric::RequestsPerTarget => "requests",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => "response time",
        Metric::ErrorRate => "errors",
    }
}

/// The first minute of the newest row of minutes with so many tasks.
fn standing_at(tasks: &Points, max: u32) -> Option<Timestamp> {
    let row = tasks.values.iter().rev().take_while(|(_, n)| **n >= f64::from(max));
    row.last().and_then(|(at, _)| Timestamp::from_second(*at).ok())
}

impl Found {
    /// What the policies ask for; `None` when none can be read.
    #[must_use]
    pub fn need(&self) -> Option<u32> {
        need(&self.wants)
    }

    /// The same; one more than max where only Auto Scaling's word says that more is asked for.
    #[must_use]
    pub fn asks(&self) -> Option<u32> {
        self.need().into_iter().chain(self.held().map(|_| self.max.saturating_add(1))).max()
    }

    /// Since when max is in Auto Scaling's way by its own word, where the policies' sums do not tell the whole.
    fn held(&self) -> Option<Timestamp> {
        self.held_since.filter(|_| self.unread || self.wants.is_empty())
    }

    /// Whether more is asked for than max: by the policies' own sums, else by Auto Scaling's word; `None`: nobody knows.
    /// Those that can be read say nothing of one that cannot.
    #[must_use]
    pub fn unmet(&self) -> Option<bool> {
        match self.need() {
            Some(need) if need > self.max => Some(true),
            _ if self.held().is_some() => Some(true),
            Some(_) if !self.unread => Some(false),
            Some(_) | None => None,
        }
    }

    /// What this look means for an episode at max. `told` is true when an event said that max was reached: then it is
    /// believed where nothing can be read.
    #[must_use]
    pub fn sight(&self, told: bool) -> Sight {
        let fixed = self.min >= self.max;
        if self.desired < self.max {
            return match self.minutes_to_max {
                Some(_) => Sight::Near,
                None => Sight::Over,
            };
        }
        match (self.unmet(), self.need()) {
            (Some(true), _) => Sight::Full { unmet: Some(true) },
            // A service of a fixed size is always at its max: that alone is no news.
            (Some(false), _) if fixed => Sight::Over,
            (Some(false), Some(need)) if need < self.max => Sight::Over,
            (Some(false), _) => Sight::Full { unmet: Some(false) },
            (None, _) if told && !fixed => Sight::Full { unmet: None },
            (None, _) => Sight::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remedy::ratio;

    /// Ten of ten tasks, of which CPU needs so many.
    fn at_max(cpu: f64, unread: bool, held: bool) -> Found {
        let want = Want { policy: "cpu".to_owned(), metric: Some(Metric::Cpu), sum: ratio(10, cpu, 50.0) };
        Found {
            desired: 10,
            running: 10,
            min: 2,
            max: 10,
            wants: vec![want],
            unread,
            held_since: held.then_some(Timestamp::UNIX_EPOCH),
            minutes_to_max: None,
            enough_hour: None,
            enough_fortnight: None,
            at_max_since: None,
            charts: Vec::new(),
        }
    }

    #[test]
    fn a_policy_that_can_be_read_says_nothing_of_one_that_cannot() {
        let of = |cpu, unread, held| {
            let found = at_max(cpu, unread, held);
            (found.unmet(), found.asks(), found.sight(false))
        };
        assert_eq!(of(60.0, true, false).0, Some(true), "CPU alone needs 12");
        assert_eq!(of(20.0, false, true), (Some(false), Some(4), Sight::Over), "every policy is content");
        assert_eq!(of(20.0, true, true), (Some(true), Some(11), Sight::Full { unmet: Some(true) }), "a queue is not");
        assert_eq!(of(20.0, true, false), (None, Some(4), Sight::Unknown), "nobody knows, and nothing is closed");
    }
}
