//! How loud a notice is where it came from: the alert that it belongs to, as the fleet file has it.

use crate::fleet::{AlertKind, Alerts, Environment, Fleet};
use crate::notice::{Kind, Notice, Severity};

/// The alert that a kind of notice, built this loud, is told under; `None`: the fleet file has no word for it.
#[must_use]
pub fn alert_of(kind: Kind, severity: Severity) -> Option<AlertKind> {
    match kind {
        Kind::RolledBack if severity == Severity::Page => Some(AlertKind::RollbackDidNotHelp),
        Kind::RollingBack | Kind::RolledBack => Some(AlertKind::RolledBack),
        Kind::Inconclusive | Kind::NotRolledBack => Some(AlertKind::RollbackRefused),
        Kind::Opened | Kind::Grown | Kind::Closed => Some(AlertKind::ScaleOut),
        Kind::WouldAct => Some(AlertKind::WouldAct),
        Kind::PrewarmLate | Kind::PrewarmComplete => Some(AlertKind::PrewarmLate),
        Kind::PutBack | Kind::Drift | Kind::Held => Some(AlertKind::Drift),
        Kind::LimitReached => Some(AlertKind::LimitReached),
        Kind::BreakerOpen => Some(AlertKind::Breaker),
        Kind::DidNotHelp => Some(AlertKind::DidNotHelp),
        Kind::Denied | Kind::Itself => Some(AlertKind::Itself),
        Kind::AtMax | Kind::AtMaxGoesOn => Some(AlertKind::AtMax),
        Kind::AtMaxBlocked => Some(AlertKind::AtMaxBlocked),
        Kind::ScalingFailed => Some(AlertKind::ScalingFailed),
        Kind::StillHigh => Some(AlertKind::StillHigh),
        Kind::Flapping => Some(AlertKind::Flapping),
        // Built as a page only because the file's `page_after` says so.
        Kind::AtMaxPaged
        | Kind::NearMax
        | Kind::EpisodeOver
        | Kind::HardEnd
        | Kind::Stopped
        | Kind::Disrupted
        | Kind::Failed
        | Kind::Suggested
        | Kind::Told
        | Kind::Storm
        | Kind::Quarantined
        | Kind::Digest => None,
    }
}

/// How loud a notice is: as it was built, unless the fleet file changes its alert. A notice may be built louder than
/// its alert usually is (the second drift in a row pages); what the file says then still holds.
#[must_use]
pub fn loudness(fleet: &Fleet, environment: &str, notice: &Notice) -> Severity {
    let Some(kind) = alert_of(notice.kind, notice.severity) else { return notice.severity };
    let production = fleet.environments.iter().find(|e| e.name == environment).is_none_or(Environment::is_production);
    let usual = Alerts::default().get(kind).severity_in(production);
    let said = fleet.alerts.get(kind).severity_in(production);
    if said == usual { notice.severity } else { said }
}
