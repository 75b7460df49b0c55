//! Notices of a deployment that is watched, and of the way back.

use jiff::Timestamp;

use super::kind::{Kind, Severity};
use super::notice::{About, Notice, plain};
use crate::rollback::{Back, By, Call, Counted, End, Judged, Quarantined, Refused, Watch, Why};

/// AWS's words in a notice are cut here.
const WORDS_CHARS: usize = 500;
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
    let mut notice = Notice::new(Kind::RollingBack, Severity::Warn, about, &title);
    if let Some(judged) = &watch.judged {
        notice = notice.line("Errors", errors(judged));
    }
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
    notice.line("Next", "followed to its end; then errors are counted again").line("Mind", NOT_ROLLED_BACK)
}

/// How it ended; `None` when there is nothing new to tell.
#[must_use]
pub fn rollback_ended(about: &About<'_>, watch: &Watch, end: &End) -> Option<Notice> {
    let severity = end.severity()?;
    let (from, to) = (of_watch(watch), watch.back.as_ref().map(named).unwrap_or_default());
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
    let notice =
        Notice::new(Kind::RolledBack, severity, about, &title).quote("Ended", plain(&end.to_string(), WORDS_CHARS));
    let back = watch.back.as_ref().filter(|back| back.by != By::Ecs);
    Some(match end {
        End::Recovered { .. } | End::Unverified { .. } => {
            let notice = notice.line("Mind", NOT_ROLLED_BACK);
            if back.is_some() {
                notice.line("Next", format!("{from} is quarantined: deploying it again is announced, not blocked"))
            } else {
                notice
            }
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
    })
}

/// Errors are high, and nobody can say that this deployment is the cause.
#[must_use]
pub fn inconclusive(about: &About<'_>, watch: &Watch, why: &Why, until: Timestamp) -> Notice {
    let title = format!("{}: errors after a deployment, NOT rolled back: nobody can tell why", about.label);
    let notice = Notice::new(Kind::Inconclusive, Severity::Page, about, &title);
    let notice = match &watch.judged {
        Some(judged) => notice.line("Errors", errors(judged)),
        None => notice,
    };
    notice
        .line("Not done", plain(&why.to_string(), WORDS_CHARS))
        .line("Next", format!("judged again every minute until {until:.0}"))
        .line("You decide", by_hand(about))
}

/// The numbers condemn it, and Headroom does not roll it back.
#[must_use]
pub fn not_rolled_back(about: &About<'_>, watch: &Watch, refused: &Refused) -> Notice {
    let title = format!("{}: errors come from {}, NOT rolled back", about.label, of_watch(watch));
    let notice = Notice::new(Kind::NotRolledBack, Severity::Page, about, &title);
    let notice = match &watch.judged {
        Some(judged) => notice.line("Errors", errors(judged)),
        None => notice,
    };
    notice
        .line("Not done", plain(&format!("{}: {refused}", refused.name()), WORDS_CHARS))
        .line("You decide", by_hand(about))
}

/// A rollback that waits for a person.
#[must_use]
pub fn rollback_proposed(about: &About<'_>, watch: &Watch, back: &Back, why: &str, until: Timestamp) -> Notice {
    let title = format!("{}: roll back {} -> {}?", about.label, of_watch(watch), named(back));
    let notice = Notice::new(Kind::Suggested, Severity::Page, about, &title);
    let notice = match &watch.judged {
        Some(judged) => notice.line("Errors", errors(judged)),
        None => notice,
    };
    notice
        .line("Not done", why)
        .line("Proposal", format!("{}, until {until:.0}", Call::of(watch, back)))
        .line("Say yes", by_hand(about))
        .line("Mind", NOT_ROLLED_BACK)
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
    let place = about.label.replace('/', " ");
    format!("roll back: headroom rollback {place} --to last-successful; what it saw: headroom why {}", about.decision)
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

/// The part of an ARN that people say.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
