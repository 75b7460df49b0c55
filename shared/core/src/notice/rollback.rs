//! Notices of a deployment that is watched, and of the way back.

use jiff::{SignedDuration, Timestamp};

use super::kind::{Kind, Severity};
use super::notice::{About, Notice, plain};
use crate::channel::sparkline;
use crate::rollback::{Back, By, Call, Counted, End, Judged, Quarantined, Refused, Verdict, Watch, Why};
use crate::time::elapsed;

/// AWS's words in a notice are cut here.
const WORDS_CHARS: usize = 500;
/// One value is no series.
const CHART_MIN: usize = 2;
/// What no rollback brings back.
const NOT_ROLLED_BACK: &str =
    "database migrations, secret values and settings outside the revision were not rolled back";

/// The way back has begun.
#[must_use]
pub fn rolling_back(about: &About<'_>, watch: &Watch, back: &Back, attempts: u32) -> Notice {
    let (from, to) = (of_watch(watch), named(back));
    let who = match back.by {
        By::Headroom => String::new(),
        By::Ecs => "ECS is ".to_owned(),
        By::Person => "somebody is ".to_owned(),
    };
    let title = format!("{}: {who}rolling back {from} -> {to}", about.label);
    let mut notice = blame(seen(Notice::new(Kind::RollingBack, Severity::Warn, about, &title), watch), watch, back);
    notice = match back.by {
        By::Headroom => {
            let good =
                back.good_since.map(|at| format!(", last successful deployment, of {at:.0}")).unwrap_or_default();
            notice.line("Done", format!("{}; target {to}{good}", Call::of(watch, back)))
        }
        By::Ecs => notice.line("Done", "nothing by Headroom: ECS goes back by itself, and is followed"),
        By::Person => notice.line("Done", "nothing by Headroom: a person goes back by hand, and is followed"),
    };
    if let Some(tasks) = watch.floor {
        notice = notice.line("Size", format!("min {tasks} until its errors are gone: the desired count of before"));
    }
    if attempts > 1 {
        notice = notice.line("Note", format!("sent {attempts} times: the answer to the first was lost"));
    }
    let notice =
        notice.line("Next", "followed to its end; then errors are counted again").line("Mind", NOT_ROLLED_BACK);
    drawn(notice, watch)
}

/// How it ended; `None` when there is nothing new to tell.
#[must_use]
pub fn rollback_ended(about: &About<'_>, watch: &Watch, end: &End) -> Option<Notice> {
    let severity = end.severity()?;
    let from = of_watch(watch);
    let to = watch.back.as_ref().map(|back| beside(&from, &named(back))).unwrap_or_default();
    let title = match end {
        End::Recovered { .. } => format!("{}: rolled back {from} -> {to}, errors are gone", about.label),
        End::NotRecovered { .. } => format!("{}: rolled back {from} -> {to}, errors go on", about.label),
        End::Unverified { .. } => format!("{}: rolled back {from} -> {to}, not verified", about.label),
        End::StoodBack { .. } => format!("{}: somebody deployed during the rollback: standing back", about.label),
        End::NotSent { .. } => format!("{}: {from} is NOT rolled back", about.label),
        End::Passed
        | End::Unsure { .. }
        | End::Superseded { .. }
        | End::Gone
        | End::LeftTheFleet
        | End::Observed
        | End::NotAccepted
        | End::Failed { .. }
        | End::WrongTarget { .. }
        | End::Overtook { .. }
        | End::Undone { .. }
        | End::OtherImage { .. }
        | End::NotFinished { .. } => format!("{}: the rollback of {from} went wrong", about.label),
    };
    let mut notice = seen(Notice::new(Kind::RolledBack, severity, about, &title), watch);
    if let Some(back) = &watch.back {
        notice = went(blame(notice, watch, back), watch, back);
    }
    let notice = notice.quote("Ended", plain(&end.to_string(), WORDS_CHARS));
    let back = watch.back.as_ref().filter(|back| back.by != By::Ecs);
    let notice = match end {
        End::Recovered { .. } | End::Unverified { .. } => {
            let quarantined = format!("{from} is quarantined: deploying it again is announced, not blocked");
            let notice = if back.is_some() { notice.line("Next", quarantined) } else { notice };
            notice.line("Mind", NOT_ROLLED_BACK).line("Your pipeline", pipeline(about))
        }
        End::StoodBack { .. } => notice.line("Next", "the newer deployment is watched like any other"),
        End::Passed
        | End::Unsure { .. }
        | End::Superseded { .. }
        | End::Gone
        | End::LeftTheFleet
        | End::Observed
        | End::NotAccepted
        | End::NotRecovered { .. }
        | End::Failed { .. }
        | End::WrongTarget { .. }
        | End::Overtook { .. }
        | End::Undone { .. }
        | End::OtherImage { .. }
        | End::NotSent { .. }
        | End::NotFinished { .. } => notice
            .line("Next", "people must look: Headroom does not try a second time")
            .line("Look", "the service's deployments and events in the ECS console"),
    };
    Some(drawn(notice, watch))
}

/// Errors are high, and nobody can say that this deployment is the cause.
#[must_use]
pub fn inconclusive(about: &About<'_>, watch: &Watch, why: &Why, until: Timestamp) -> Notice {
    let title = format!("{}: errors after a deployment, NOT rolled back: {}", about.label, why.in_short());
    let next = match (why, &watch.judged) {
        (Why::TooFewRequests { seen, needed }, Some(judged)) => match reached(judged, *seen, *needed, about.now) {
            Some(at) => format!("; at this traffic {needed} requests are reached about {at:.0}"),
            None => String::new(),
        },
        _ => String::new(),
    };
    let notice = seen(Notice::new(Kind::Inconclusive, Severity::Page, about, &title), watch)
        .line("Not done", plain(&why.to_string(), WORDS_CHARS))
        .line("Next", format!("judged again every minute until {until:.0}{next}"))
        .line("You decide", by_hand(about));
    drawn(notice, watch)
}

/// When so many requests are there, if they go on coming as they do.
fn reached(judged: &Judged, seen: u64, needed: u64, now: Timestamp) -> Option<Timestamp> {
    let per_minute = seen.checked_div(u64::from(judged.after.minutes)).filter(|per_minute| *per_minute > 0)?;
    let minutes = needed.saturating_sub(seen).div_ceil(per_minute);
    now.checked_add(SignedDuration::from_mins(i64::try_from(minutes).ok()?)).ok()
}

/// The numbers condemn it, and Headroom does not roll it back.
#[must_use]
pub fn not_rolled_back(about: &About<'_>, watch: &Watch, refused: &Refused) -> Notice {
    let title = format!("{}: errors come from {}, NOT rolled back", about.label, of_watch(watch));
    let notice = seen(Notice::new(Kind::NotRolledBack, Severity::Page, about, &title), watch)
        .quote("Not done", plain(&format!("{}: {refused}", refused.name()), WORDS_CHARS))
        .line("You decide", by_hand(about));
    drawn(notice, watch)
}

/// A rollback that waits for a person.
#[must_use]
pub fn rollback_proposed(about: &About<'_>, watch: &Watch, back: &Back, why: &str, until: Timestamp) -> Notice {
    let title = format!("{}: roll back {} -> {}?", about.label, of_watch(watch), named(back));
    let notice = blame(seen(Notice::new(Kind::Suggested, Severity::Page, about, &title), watch), watch, back)
        .line("Not done", why)
        .line("Proposal", format!("{}, until {until:.0}", Call::of(watch, back)))
        .line("Say yes", by_hand(about))
        .line("Mind", NOT_ROLLED_BACK);
    drawn(notice, watch)
}

/// A revision that was rolled back is being deployed again.
#[must_use]
pub fn deployed_again(about: &About<'_>, quarantined: &Quarantined) -> Notice {
    let name = short(&quarantined.task_definition);
    Notice::new(Kind::Quarantined, Severity::Warn, about, &format!("{}: {name} is deployed again", about.label))
        .line("Why", format!("it was rolled back at {:.0} by {}", quarantined.at, quarantined.decision))
        .line("Done", "nothing: a quarantined revision is announced, not blocked")
        .line("Next", "it is watched like any other deployment")
}

fn by_hand(about: &About<'_>) -> String {
    let (place, decision) = (about.label.replace('/', " "), about.decision);
    format!(
        "roll back: headroom rollback {place} --to last-successful; leave it: headroom ack {decision}; \
         what it saw: headroom explain {decision}"
    )
}

/// A pipeline that waited for the deployment alone does not hear of the way back.
fn pipeline(about: &About<'_>) -> String {
    let place = about.label.replace('/', " ");
    format!("may still say success: headroom rollback status {place} exits 3")
}

/// What the newest look counted.
fn seen(notice: Notice, watch: &Watch) -> Notice {
    match &watch.judged {
        Some(judged) => notice.line("Errors", errors(judged)),
        None => notice,
    }
}

/// Why this deployment, when Headroom blamed it: nothing that speaks for it was found, or it would not be here.
fn blame(notice: Notice, watch: &Watch, back: &Back) -> Notice {
    let condemned = watch.judged.as_ref().is_some_and(|judged| judged.verdict == Verdict::Fail);
    let Some(onset) = watch.onset.filter(|_| condemned && back.by == By::Headroom) else { return notice };
    let since = match watch.first_traffic.filter(|first| *first <= onset) {
        Some(first) => format!("{} after its first traffic", elapsed(first, onset)),
        None => format!("{} after it was created", elapsed(watch.created_at, onset)),
    };
    let what = "no other deployment, dependency, alarm or neighbour explains them";
    notice.line("Why this deployment", format!("errors began {onset:.0}, {since}; {what}"))
}

/// The way back, from its plan to its end.
fn went(notice: Notice, watch: &Watch, back: &Back) -> Notice {
    let Some(since) = watch.back_since else { return notice };
    let who = match back.by {
        By::Headroom => Call::of(watch, back).name(),
        By::Ecs => "ECS by itself",
        By::Person => "a person's deployment",
    };
    let good = back.good_since.map(|at| format!("; the last successful deployment, of {at:.0}")).unwrap_or_default();
    let (from, took) = (back.planned_at, elapsed(back.planned_at, since));
    notice.line("Done", format!("{who} {from:.0}, alone again {since:.0} ({took}){good}"))
}

/// Errors minute by minute.
fn drawn(notice: Notice, watch: &Watch) -> Notice {
    if watch.chart.len() < CHART_MIN {
        return notice;
    }
    let highest = watch.chart.iter().copied().fold(0.0, f64::max);
    notice.line("Minutes", format!("errors {} at most {highest:.1} %", sparkline(&watch.chart)))
}

/// The two sides in a sentence.
fn errors(judged: &Judged) -> String {
    let side = |c: &Counted| format!("{:.2} % ({} of {} requests)", c.rate * 100.0, c.errors, c.requests);
    format!("{} since the deployment, {} before", side(&judged.after), side(&judged.before))
}

/// `web:142`.
fn of_watch(watch: &Watch) -> String {
    let name = if watch.task_definition.is_empty() { &watch.target } else { &watch.task_definition };
    short(name).to_owned()
}

fn named(back: &Back) -> String {
    let name = if back.task_definition.is_empty() { &back.revision } else { &back.task_definition };
    if name.is_empty() { "the last successful revision".to_owned() } else { short(name).to_owned() }
}

/// The one revision beside the other: `:141` where both are of one family.
fn beside(from: &str, to: &str) -> String {
    match (from.rsplit_once(':'), to.rsplit_once(':')) {
        (Some((family, _)), Some((same, revision))) if family == same => format!(":{revision}"),
        _ => to.to_owned(),
    }
}

/// The part of an ARN that people say.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
