//! Notices of an episode: max near, reached, blocked, left; scaling failed, still high, flapping.

use jiff::Timestamp;

use super::kind::{Kind, Severity};
use super::notice::{About, Notice, plain};
use super::words::measured;
use crate::at_max::{Bound, Episode, Found, Proposed, Stage, StillHigh, Tell, Topic, Want};
use crate::channel::sparkline;
use crate::fleet::{Metric, Service};
use crate::price;
use crate::time::{Seconds, elapsed};

/// Longer words of AWS are read in its console.
const WORDS_CHARS: usize = 300;

/// What came of the proposal, in words that stand behind a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It waits for a person.
    Waits {
        /// What people type.
        decision: String,
        /// Until when.
        until: Timestamp,
    },
    /// It was done.
    Done {
        /// Its decision.
        decision: String,
    },
    /// It was not, and why.
    NotDone(String),
}

/// A notice of an episode, as of one look. `lease` is how long a raise would last.
#[must_use]
pub fn episode(
    about: &About<'_>,
    service: &Service,
    episode: &Episode,
    tell: Tell,
    answered: Option<&Answered>,
    lease: Option<Seconds>,
) -> Notice {
    match (tell, episode.topic) {
        (Tell::Closed, _) => over(about, episode),
        (_, Topic::AtMax) => at_max(about, service, episode, tell, answered, lease),
        (_, Topic::ScalingFailed) => scaling_failed(about, episode),
        (_, Topic::StillHigh) => still_high(about, episode),
        (_, Topic::Flapping) => flapping(about, episode),
    }
}

fn at_max(
    about: &About<'_>,
    service: &Service,
    episode: &Episode,
    tell: Tell,
    answered: Option<&Answered>,
    lease: Option<Seconds>,
) -> Notice {
    let (kind, severity) = match tell {
        Tell::Near => (Kind::NearMax, Severity::Info),
        Tell::Opened => (Kind::AtMax, Severity::Warn),
        Tell::Updated if episode.stage == Stage::Warned => (Kind::NearMax, Severity::Info),
        Tell::Updated | Tell::Closed => (Kind::AtMaxGoesOn, Severity::Warn),
        Tell::Paged => (Kind::AtMaxPaged, Severity::Page),
        Tell::Blocked => (Kind::AtMaxBlocked, Severity::Page),
    };
    let mut notice = Notice::new(kind, severity, about, &headline(about, episode));
    let Some(found) = &episode.found else { return notice };
    if let Some(seen) = seen(found) {
        notice = notice.line("Seen", seen);
    }
    if let Some(since) = found.held_since {
        let at_max = crate::at_max::AT_MAX;
        notice = notice.line("Auto Scaling says", format!("{at_max}, since {}", clock(since)));
    }
    let asks_for_more = found.unmet() == Some(true) && found.desired >= found.max;
    if let (Some(proposed), true) = (&episode.proposed, asks_for_more) {
        notice = proposal(notice, service, proposed, lease);
        notice = cost(notice, service, proposed, lease);
        notice = say_yes(notice, proposed, answered);
    }
    if let Some(enough) = enough(found) {
        notice = notice.line("Enough would have been", enough);
    }
    charted(notice, found)
}

fn headline(about: &About<'_>, episode: &Episode) -> String {
    let label = about.label;
    let Some(found) = &episode.found else { return format!("{label}: at max") };
    let (desired, max) = (found.desired, found.max);
    if let (Some(minutes), true) = (found.minutes_to_max, desired < max) {
        return format!("{label}: {desired} of max {max}, which is reached in {minutes} min if it goes on so");
    }
    let length = length(elapsed(episode.since, about.now));
    match found.need().filter(|need| *need > max) {
        Some(need) => format!("{label}: at max {max} for {length}, needs {need}"),
        None => format!("{label}: at max {max} for {length}"),
    }
}

/// Whole minutes, then hours: a title needs no seconds.
fn length(age: Seconds) -> String {
    Seconds((age.0 / 60).max(1) * 60).to_string()
}

fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}

/// `CPU 92 % (target 70) asks for 20 tasks, ...; 5 missing`.
fn seen(found: &Found) -> Option<String> {
    if found.wants.is_empty() {
        return None;
    }
    let wants: Vec<String> = found.wants.iter().map(want).collect();
    let missing = found.need().map_or(0, |need| need.saturating_sub(found.desired));
    let missing = if missing > 0 { format!(": {missing} missing") } else { String::new() };
    Some(format!("{}{missing}", wants.join("; ")))
}

fn want(want: &Want) -> String {
    let sum = want.sum;
    let value = want.metric.map_or_else(|| format!("{} {:.2}", want.policy, sum.value), |m| measured(m, sum.value));
    format!("{value} (target {:.0}) asks for {} tasks, {sum}", sum.target, sum.tasks)
}

fn proposal(notice: Notice, service: &Service, proposed: &Proposed, lease: Option<Seconds>) -> Notice {
    let bounds: Vec<String> = proposed.bounds.iter().map(Bound::to_string).collect();
    let Proposed { from, to, need, .. } = proposed;
    if proposed.possible() {
        let length = lease.map(|lease| format!(" for {lease}, then as long as it is needed")).unwrap_or_default();
        let short = if to < need { format!(", of {need} that are asked for") } else { String::new() };
        return notice.line("Proposal", format!("max {from} -> {to}{length}{short}. {}", bounds.join("; ")));
    }
    let way: Vec<String> = proposed.in_the_way().map(Bound::to_string).collect();
    notice
        .line("No proposal", format!("nothing is left between max {from} and {}", way.join(" and ")))
        .line("You can", format!("raise what is in the way of {}, or lower the load", service.label()))
}

fn say_yes(notice: Notice, proposed: &Proposed, answered: Option<&Answered>) -> Notice {
    if !proposed.possible() {
        return notice;
    }
    let permanently = format!("capacity.max: {} in the fleet file", proposed.permanent());
    match answered {
        Some(Answered::Waits { decision, until }) => notice.line("Not done", "raising max is `suggest` here").line(
            "Say yes",
            format!("headroom apply {decision} (until {}); or permanently {permanently}", clock(*until)),
        ),
        Some(Answered::Done { decision }) => {
            notice.line("Done", format!("by {decision}; it goes back by itself")).line("Permanently", permanently)
        }
        Some(Answered::NotDone(why)) => notice.quote("Not done", why).line("Permanently", permanently),
        None => notice.line("Permanently", permanently),
    }
}

fn cost(notice: Notice, service: &Service, proposed: &Proposed, lease: Option<Seconds>) -> Notice {
    let Some(task) = service.task.filter(|_| proposed.possible()) else { return notice };
    let (hour, tasks) = (price::task_hour(&task), proposed.to - proposed.from);
    let all = hour * f64::from(tasks);
    let mut text = format!("{all:.2} USD/h if all {tasks} run");
    if let Some(lease) = lease {
        text.push_str(&format!(", {:.2} USD for {lease}", all * f64::from(lease.0) / 3_600.0));
    }
    if let Some(hours) = proposed.hours_fortnight {
        let usd = hours * hour;
        text.push_str(&format!("; the 14 days before would have used {hours:.1} task-hours of it ({usd:.2} USD)"));
    }
    notice.line("Cost", format!("{text}. {}", price::at(&service.region, &task)))
}

fn enough(found: &Found) -> Option<String> {
    match (found.enough_hour, found.enough_fortnight) {
        (Some(hour), Some(fortnight)) => Some(format!("{hour} in the last hour; {fortnight} in the 14 days before")),
        (Some(hour), None) => Some(format!("{hour} in the last hour")),
        (None, Some(fortnight)) => Some(format!("{fortnight} in the 14 days before")),
        (None, None) => None,
    }
}

fn charted(notice: Notice, found: &Found) -> Notice {
    if found.charts.is_empty() {
        return notice;
    }
    let charts: Vec<String> =
        found.charts.iter().map(|(name, values)| format!("{name} {}", sparkline(values))).collect();
    notice.line("Last hour", format!("{}  max {}", charts.join("  "), found.max))
}

fn scaling_failed(about: &About<'_>, episode: &Episode) -> Notice {
    let title = format!("{}: Application Auto Scaling fails to scale", about.label);
    let notice = Notice::new(Kind::ScalingFailed, Severity::Page, about, &title);
    let Some(failure) = &episode.failure else { return notice };
    let times = if failure.times == 1 { "once".to_owned() } else { format!("{} times", failure.times) };
    notice
        .line("Failed", format!("{times} since {}, and nothing succeeded since", clock(failure.since)))
        .quote("Auto Scaling says", plain(&failure.message, WORDS_CHARS))
        .line("Next", "looked at each minute; closed when a scaling activity succeeds")
        .line("You can", "aws application-autoscaling describe-scaling-activities --service-namespace ecs")
}

fn still_high(about: &About<'_>, episode: &Episode) -> Notice {
    let name = episode.high.as_ref().map_or("the load", |high| word(high.metric));
    let title = format!("{}: {name} stays high in spite of scaling", about.label);
    let notice = Notice::new(Kind::StillHigh, Severity::Page, about, &title);
    let notice = match (&episode.high, &episode.found) {
        (Some(StillHigh { policy, metric, lowest, target, line }), Some(found)) => notice
            .line(
                "Seen",
                format!("{} or more all the time, over {line:.0}; target {target:.0}", measured(*metric, *lowest)),
            )
            .line("Why", format!("{policy} tracks it, and {} of max {} tasks are desired", found.desired, found.max)),
        (_, _) => notice,
    };
    let notice = notice.line("Next", "looked at each minute; closed ten minutes after it is back");
    match &episode.found {
        Some(found) => charted(notice, found),
        None => notice,
    }
}

fn flapping(about: &About<'_>, episode: &Episode) -> Notice {
    let title = format!("{}: tasks are added and removed in turn", about.label);
    let notice = Notice::new(Kind::Flapping, Severity::Warn, about, &title);
    let notice = match episode.turns {
        Some(turns) => notice.line("Seen", format!("{turns} turns from out to in or back within an hour")),
        None => notice,
    };
    let notice = notice
        .line("Why", "two policies that answer each other, or a scale-in cooldown shorter than a task needs to start")
        .line("You can", "a longer scale-in cooldown, or targets further apart");
    match &episode.found {
        Some(found) => charted(notice, found),
        None => notice,
    }
}

/// What ended, and how long it was.
fn over(about: &About<'_>, episode: &Episode) -> Notice {
    let (label, age) = (about.label, length(elapsed(episode.since, about.now)));
    let what = match episode.topic {
        Topic::AtMax => match &episode.found {
            Some(found) if found.desired < found.max => {
                format!("below max again, {} of {}, after {age}", found.desired, found.max)
            }
            Some(_) | None => format!("no more than max is asked for again, after {age}"),
        },
        Topic::ScalingFailed => match &episode.failure {
            Some(failure) if !failure.recovered => {
                "nothing to scale for an hour; whether scaling works is unknown".to_owned()
            }
            Some(_) | None => format!("Auto Scaling scales again after {age}"),
        },
        Topic::StillHigh => format!("the load is back after {age}"),
        Topic::Flapping => format!("the number of tasks is steady again after {age}"),
    };
    Notice::new(Kind::EpisodeOver, Severity::Info, about, &format!("{label}: {what}"))
}

fn word(metric: Metric) -> &'static str {
    match metric {
        Metric::Cpu => "CPU",
        Metric::Memory => "memory",
        Metric::RequestsPerTarget => "requests per target",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => "response time",
        Metric::ErrorRate => "the error rate",
    }
}
/// What was told of a service is over, since nobody watches it any more.
#[must_use]
pub fn episode_unwatched(about: &About<'_>) -> Notice {
    let title = format!("{}: no longer watched, the service left the fleet file", about.label);
    Notice::new(Kind::EpisodeOver, Severity::Info, about, &title)
}
