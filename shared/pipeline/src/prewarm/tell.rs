//! What people hear of a floor that is not granted.

use headroom_core::decide::{Refusal, Waiting};
use headroom_core::fleet::{AlertKind, Alerts, Environment, Fleet, Mode};
use headroom_core::notice::{self, About, Severity};
use headroom_core::schedule::is_late;

use super::ready::Ready;
use crate::ports::Ports;
use crate::told::tell_once;

/// How loud it is that a floor is not there: a page in production, a warning elsewhere.
pub(crate) fn late_severity(fleet: &Fleet, environment: &str) -> Severity {
    let found = fleet.environments.iter().find(|e| e.name == environment);
    Alerts::default().get(AlertKind::PrewarmLate).severity_in(found.is_none_or(Environment::is_production))
}

impl Ready<'_> {
    pub(super) fn loud(&self, fleet: &Fleet) -> Severity {
        late_severity(fleet, &self.service.environment)
    }

    /// Capacity that a person holds is told; every other wait is silent.
    pub(super) async fn tell_held<P: Ports>(&self, ports: &P, why: &Waiting) {
        let Waiting::CapacityHeldByPerson { desired, found } = why else { return };
        let label = self.service.label();
        let (incident, decision) = (format!("{label}/held"), self.key.decision());
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        if let Some(notice) = notice::held(&about, *desired, *found) {
            tell_once(ports, &notice, self.now).await;
        }
    }

    /// A floor that still waits when its window is open is as late as tasks that do not start. What people switched, or
    /// hold, they know.
    pub(super) async fn tell_waiting<P: Ports>(&self, ports: &P, fleet: &Fleet, why: &Waiting) {
        let known = matches!(why, Waiting::Stopped | Waiting::Paused { .. } | Waiting::CapacityHeldByPerson { .. });
        if known || !is_late(self.asked.window, self.now) || self.service.mode != Mode::Act {
            return;
        }
        let (label, incident, decision) = (self.service.label(), self.incident_of_proof(), self.key.decision());
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        tell_once(ports, &notice::prewarm_waits(&about, self.loud(fleet), &self.asked, why), self.now).await;
    }

    pub(super) async fn tell_limit<P: Ports>(&self, ports: &P, fleet: &Fleet) {
        let label = self.service.label();
        let limit = fleet.limits.changes_per_hour_service;
        let refusal = Refusal::LimitReached { scope: label.clone(), used: limit, limit };
        let (incident, decision) = (self.incident(), self.key.decision());
        let about = About { incident: &incident, label: &label, decision: &decision, now: self.now };
        if let Some(notice) = notice::refused(&about, &self.asked.schedule, &refusal) {
            tell_once(ports, &notice, self.now).await;
        }
    }
}
