//! Notices of the floors that the clock keeps.

use jiff::Timestamp;

use super::ecs_words::brief;
use super::kind::{Kind, Severity};
use super::notice::{About, Notice, plain};
use crate::capacity::{Bounds, Grant, Lease, Remark};
use crate::decide::{Refusal, Waiting};
use crate::fleet::Service;
use crate::price;
use crate::schedule::{Asked, incident_of_proof, schedule_of};
use crate::seen::TargetSeen;
use crate::time::elapsed;

/// ECS's words in a notice are cut here: three events of usual length.
const WHY_CHARS: usize = 600;

/// A floor that a person may take by hand: in mode `suggest` the clock takes none.
#[must_use]
pub fn prewarm_proposed(about: &About<'_>, asked: &Asked) -> Notice {
    let (schedule, floor) = (&asked.schedule, asked.floor);
    let title = format!("{}: {schedule} asks for {floor} tasks", about.label);
    let minutes = elapsed(about.now, asked.window.closes).0.div_ceil(60);
    let service = about.label.replace('/', " ");
    let notice = Notice::new(Kind::Suggested, Severity::Warn, about, &title)
        .line("Why", format!("{schedule}: {floor} tasks, {}", when(asked, about.now)));
    explained(notice, asked, about.now)
        .line("Say yes", format!("headroom lease grant {service} --floor {floor} --for {minutes}m"))
}

/// With the sentence of the forecast, where the floor follows the usual load.
fn explained(notice: Notice, asked: &Asked, now: Timestamp) -> Notice {
    match asked.why(now) {
        Some(why) => notice.line("Forecast", why),
        None => notice,
    }
}

/// A floor was asked for, some time before its window opens; how loud it is that it cannot be kept, `loud` says.
#[must_use]
pub fn prewarm_begun(
    about: &About<'_>,
    service: &Service,
    asked: &Asked,
    grant: &Grant,
    target: &TargetSeen,
) -> Notice {
    let (floor, given) = (asked.floor, given(grant, target, asked.floor));
    let (from, what) = (target.min, if target.by_desired { "desired" } else { "minimum" });
    let title = if given > from {
        format!("{}: {what} {from} -> {given} for {}", about.label, asked.schedule)
    } else {
        format!("{}: {what} stays {from}, {} asks for {floor}", about.label, asked.schedule)
    };
    let notice = Notice::new(Kind::Opened, Severity::Info, about, &title)
        .line("Done", format!("min {from} -> {}, max {}", given.max(from), target.max))
        .line("Why", format!("{}: {floor} tasks, {}", asked.schedule, when(asked, about.now)));
    let mut notice = explained(notice, asked, about.now).line(
        "Next",
        format!("kept until {:.0}; then min returns to {} by itself", asked.window.closes, grant.base_min),
    );
    if let Some(task) = &service.task {
        let usd = price::task_hour(task) * f64::from(given.saturating_sub(grant.base_min));
        notice = notice.line("Cost", format!("at most {usd:.2} USD/h ({})", price::source(task)));
    }
    notice
}

/// What bounds leave of so many tasks.
fn given(grant: &Grant, target: &TargetSeen, floor: u32) -> u32 {
    floor.min(grant.ceiling).min(target.max)
}

fn when(asked: &Asked, now: Timestamp) -> String {
    let opens = asked.window.opens;
    if now < opens {
        format!("by {opens:.0}, asked for {} ahead", asked.lead)
    } else {
        format!("its window is open since {opens:.0}")
    }
}

/// The floor cannot be kept whole: max or ceiling cuts it. Told at once, for no proof could ever be found (SEMANTICS 26).
#[must_use]
pub fn prewarm_clipped(
    about: &About<'_>,
    loud: Severity,
    asked: &Asked,
    grant: &Grant,
    target: &TargetSeen,
) -> Option<Notice> {
    let most = asked.most();
    let left = given(grant, target, most);
    if left >= most {
        return None;
    }
    let name = &asked.schedule;
    let hour = asked.forecast.as_ref().and_then(|forecast| forecast.asking(most, about.now));
    let title = match hour.filter(|_| most > asked.floor) {
        Some(hour) => {
            format!("{}: {name} asks for {most} tasks from {:.0} on, max leaves {left}", about.label, hour.span.from)
        }
        None => format!("{}: {name} asks for {most} tasks, max leaves {left}", about.label),
    };
    let notice = Notice::new(Kind::PrewarmLate, loud, about, &title);
    let why = format!("max {}, ceiling {}; a floor never raises max", target.max, grant.ceiling);
    let notice = cut(notice, most, left, why);
    Some(match hour {
        Some(hour) => notice.line("Forecast", hour.to_string()),
        None => notice,
    })
}

fn cut(notice: Notice, floor: u32, left: u32, why: String) -> Notice {
    notice
        .line("Missing", format!("{} of {floor}", floor.saturating_sub(left)))
        .line("Why", why)
        .line("Next", "the rest is kept and proved; raise max, or lower the floor in the fleet file")
}

/// The floor of a window is not granted, for good.
#[must_use]
pub fn prewarm_refused(about: &About<'_>, loud: Severity, asked: &Asked, refusal: &Refusal) -> Notice {
    let title = format!("{}: {} not done: {}", about.label, asked.schedule, refusal.name());
    Notice::new(Kind::PrewarmLate, loud, about, &title)
        .quote("Why", refusal.to_string())
        .line("Asked", format!("{} tasks by {:.0}", asked.floor, asked.window.opens))
        .line("Next", "not tried again in this window; people must look")
}

/// A window is open, and its floor waits.
#[must_use]
pub fn prewarm_waits(about: &About<'_>, loud: Severity, asked: &Asked, why: &Waiting) -> Notice {
    let title = format!("{}: {} is open and its floor waits: {}", about.label, asked.schedule, why.name());
    Notice::new(Kind::PrewarmLate, loud, about, &title)
        .line("Since", format!("{:.0}", asked.window.opens))
        .quote("Why", why.to_string())
        .line("Next", format!("looked at each minute; {} tasks are asked for as soon as it ends", asked.floor))
}

/// The tasks of a window are too few, or whole again; in an incident of their own, so that what resolves by itself is the
/// page alone.
#[must_use]
pub fn proved(
    label: &str,
    lease: &Lease,
    remark: &Remark,
    to: Bounds,
    loud: Severity,
    now: Timestamp,
) -> Option<Notice> {
    let window = lease.window?;
    let name = schedule_of(&lease.source).unwrap_or(&lease.source);
    let (incident, decision) = (incident_of_proof(label, name, window.opens), lease.case.decision());
    let about = About { incident: &incident, label, decision: &decision, now };
    let since = format!("{:.0}, the floor was asked for at {:.0}", window.opens, lease.granted);
    match remark {
        Remark::Short { running, healthy, targets, floor, why, stopped, .. } => {
            let late = elapsed(window.opens, now);
            let title = match (lease.proof.whole, healthy) {
                (None, None) => format!("{label}: {name} began with {running} of {floor} tasks running"),
                (Some(_), None) => format!("{label}: {name} is down to {running} of {floor} running tasks"),
                (None, Some(healthy)) => format!("{label}: {name} began with {healthy} of {floor} targets healthy"),
                (Some(_), Some(healthy)) => format!("{label}: {name} is down to {healthy} of {floor} healthy targets"),
            };
            let run = match (healthy, targets) {
                (Some(_), _) => format!("; {running} tasks run"),
                (None, Some(targets)) => format!("; healthy targets: {targets}"),
                (None, None) => String::new(),
            };
            let there = healthy.unwrap_or(*running);
            let missing = format!("{} of {floor}, {late} into the window{run}", floor.saturating_sub(there));
            let said = plain(&brief(why), WHY_CHARS);
            let stopped = plain(&brief(stopped), WHY_CHARS);
            let said = if said.is_empty() { "nothing about it in its service events".to_owned() } else { said };
            let notice = Notice::new(Kind::PrewarmLate, loud, &about, &title)
                .line("Since", since)
                .line("Missing", missing)
                .quote("ECS says", said);
            let notice = if stopped.is_empty() { notice } else { notice.quote("Stopped", stopped) };
            let notice = notice
                .line("Done", format!("floor {floor} stands (min {}, max {}), ECS keeps trying", to.min, to.max))
                .line("Next", format!("looked at each minute; resolves by itself at {floor} of {floor}"));
            Some(notice)
        }
        Remark::Whole { running, floor, after, .. } if lease.live() => {
            let title = format!("{label}: {name} is complete after {after}, {running} of {floor} tasks run");
            Some(Notice::new(Kind::PrewarmComplete, Severity::Info, &about, &title).line("Since", since))
        }
        Remark::Whole { .. } => {
            let title = format!("{label}: the window of {name} closed before its tasks were there");
            Some(Notice::new(Kind::PrewarmComplete, Severity::Info, &about, &title).line("Since", since))
        }
        Remark::Clipped { floor, left, .. } => {
            let title = format!("{label}: {name} asks for {floor} tasks, max leaves {left}");
            let notice = Notice::new(Kind::PrewarmLate, loud, &about, &title).line("Since", since);
            Some(cut(notice, *floor, *left, format!("max {}; a floor never raises max", to.max)))
        }
        Remark::Judged { .. }
        | Remark::LongLived { .. }
        | Remark::HeldByPerson { .. }
        | Remark::ForeignRespected { .. }
        | Remark::PutBack { .. }
        | Remark::Repaired { .. }
        | Remark::Adopted { .. }
        | Remark::Recreated
        | Remark::Restored { .. } => None,
    }
}

/// Nobody can tell whether the tasks of an open window are there.
#[must_use]
pub fn unproved(label: &str, lease: &Lease, why: &str, now: Timestamp) -> Option<Notice> {
    let window = lease.window?;
    let name = schedule_of(&lease.source).unwrap_or(&lease.source);
    let (incident, decision) = (incident_of_proof(label, name, window.opens), lease.case.decision());
    let about = About { incident: &incident, label, decision: &decision, now };
    let title = format!("{label}: unknown whether the {} tasks of {name} run", lease.floor?);
    let notice = Notice::new(Kind::PrewarmLate, Severity::Warn, &about, &title)
        .quote("Why", why)
        .line("Next", "looked at each minute; what cannot be read is taken for neither short nor whole");
    Some(notice)
}

/// Nobody can tell whether the targets of an open window are healthy; its tasks are counted alone.
#[must_use]
pub fn targets_unknown(label: &str, lease: &Lease, why: &str, now: Timestamp) -> Option<Notice> {
    let window = lease.window?;
    let name = schedule_of(&lease.source).unwrap_or(&lease.source);
    let (incident, decision) = (incident_of_proof(label, name, window.opens), lease.case.decision());
    let about = About { incident: &incident, label, decision: &decision, now };
    let title = format!("{label}: unknown whether the {} targets of {name} are healthy", lease.floor?);
    let notice = Notice::new(Kind::PrewarmLate, Severity::Warn, &about, &title)
        .quote("Why", format!("HealthyHostCount is {why}"))
        .line("Next", "running tasks are counted alone, each minute; what was told as short is not ended by that");
    Some(notice)
}
