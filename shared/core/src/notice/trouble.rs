//! Notices of what went wrong, or was not done.

use super::kind::{Kind, Severity};
use super::notice::{About, Notice, plain};
use crate::capacity::Bounds;
use crate::decide::Refusal;

/// AWS's words in a notice are cut here.
const ERROR_CHARS: usize = 1_000;

/// A refusal that people must hear of.
#[must_use]
pub fn refused(about: &About<'_>, remedy: &str, refusal: &Refusal) -> Option<Notice> {
    let (kind, title) = match refusal {
        Refusal::LimitReached { .. } | Refusal::VcpuQuota { .. } | Refusal::CostLimit { .. } => {
            (Kind::LimitReached, format!("{}: {remedy} not done: {refusal}", about.label))
        }
        Refusal::CircuitBreaker { .. } => (Kind::BreakerOpen, format!("{}: {remedy} not done: {refusal}", about.label)),
        Refusal::NotFiring
        | Refusal::NotAnEdge
        | Refusal::Superseded { .. }
        | Refusal::NothingToRelease
        | Refusal::Overridden { .. }
        | Refusal::DeferredTooLong { .. }
        | Refusal::LeftTheFleet
        | Refusal::AlreadyComing { .. }
        | Refusal::NoRoom { .. }
        | Refusal::NothingRuns
        | Refusal::NoLongerBreaching { .. }
        | Refusal::Unseen { .. }
        | Refusal::NothingScalesIn
        | Refusal::Daemon
        | Refusal::NoScalableTarget
        | Refusal::NotAtMax { .. }
        | Refusal::AlreadySuspended
        | Refusal::NothingSick { .. }
        | Refusal::ManySick { .. }
        | Refusal::TaskProtected { .. }
        | Refusal::Conflict { .. }
        | Refusal::OutcomeUnknown { .. }
        | Refusal::NoDeployment { .. }
        | Refusal::DecidedByWatch
        | Refusal::NoSize => return None,
    };
    Some(Notice::new(kind, Severity::Page, about, &title).line("Next", "people must look; Headroom stops here"))
}

/// A limit is spent, and what carries load goes on past it.
#[must_use]
pub fn goes_on(about: &About<'_>, remedy: &str, refusal: &Refusal) -> Notice {
    let title = format!("{}: {remedy} goes on: {refusal}", about.label);
    Notice::new(Kind::LimitReached, Severity::Page, about, &title)
        .line("Done", "the lease is kept while the load needs it, until its hard end; nothing is added")
        .line("Next", "people must look: raise the limit, or give the capacity back")
}

/// An action did not help.
#[must_use]
pub fn did_not_help(about: &About<'_>, remedy: &str, value: &str) -> Notice {
    let title = format!("{}: {remedy} did not help: {value} after 10 minutes", about.label);
    Notice::new(Kind::DidNotHelp, Severity::Page, about, &title)
        .line("Next", "people must look: more tasks may not be the cure; after three in a row Headroom stops")
}

/// The environment is stopped while a lease stands.
#[must_use]
pub fn stopped(about: &About<'_>, base: Bounds, stands: Bounds) -> Notice {
    let title = format!("{}: stopped at {stands}, the baseline is {base}", about.label);
    Notice::new(Kind::Stopped, Severity::Warn, about, &title)
        .line("Why", "the environment is stopped: no call is made, and nothing is given back")
        .line("Next", "said again every 15 minutes until it is resumed; then the lease is judged by its load")
}

/// Many alarms of one environment fire at once.
#[must_use]
pub fn storm(about: &About<'_>, cases: u32) -> Notice {
    let title = format!("{}: {cases} alarms within a minute, one incident", about.label);
    Notice::new(Kind::Storm, Severity::Page, about, &title)
        .line("Done", "capacity is added as far as limits allow; no task is replaced until it is over")
        .line("Next", "look for what the alarms share: a dependency, a deployment, the network")
}

/// AWS refuses a call.
#[must_use]
pub fn denied(about: &About<'_>, error: &str) -> Notice {
    let title = format!("{}: AWS refuses a call of Headroom", about.label);
    Notice::new(Kind::Denied, Severity::Page, about, &title)
        .quote("Error", plain(error, ERROR_CHARS))
        .line("Next", "tried again each minute; the plan stands until it can be carried out")
}

/// A disruptive call failed for good, or nobody knows whether it took effect.
#[must_use]
pub fn failed(about: &About<'_>, what: &str, failure: &str) -> Notice {
    Notice::new(Kind::Failed, Severity::Page, about, &format!("{}: {what} failed", about.label))
        .quote("Error", plain(failure, ERROR_CHARS))
        .line("Next", "it is not tried again; look at the service's deployments and tasks")
}
