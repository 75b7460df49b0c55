//! A watch with what the fleet file says about it.

use headroom_core::entry::Entry;
use headroom_core::fleet::{Action, Fleet, Remedy, Rollback, Service, When, WhileHigh};
use headroom_core::id::ServiceId;
use headroom_core::remedy::needs;
use headroom_core::rollback::{DeploymentsQuestion, Watch};
use headroom_core::time::Seconds;
use jiff::Timestamp;

use crate::converge::service_of;

/// The minutes before a deployment that its errors are compared with (SEMANTICS 8).
const BEFORE: Seconds = Seconds(1_800);

/// The remedy of a service that rolls back, with its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruled<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) service: &'f Service,
    pub(super) remedy: &'f Remedy,
    pub(super) policy: Rollback,
}

impl<'f> Ruled<'f> {
    /// The first remedy of a service that rolls back.
    pub(super) fn of(fleet: &'f Fleet, service: &'f Service) -> Option<Self> {
        let remedy = service.remedies.iter().find(|r| r.action == Action::Rollback)?;
        Some(Self { fleet, service, remedy, policy: remedy.rollback? })
    }

    /// That of an entry, while it is in the fleet file.
    pub(super) fn of_entry(fleet: &'f Fleet, entry: &Entry) -> Option<Self> {
        let service = service_of(fleet, &entry.service)?;
        let remedy = service.remedies.iter().find(|r| r.name == entry.remedy && r.action == Action::Rollback)?;
        Some(Self { fleet, service, remedy, policy: remedy.rollback? })
    }

    /// The remedy's own alarm, and those that woke the watch: one that fired before the deployment never changes, and
    /// so wakes nobody (SEMANTICS 9).
    fn alarms(&self, watch: &Watch) -> Vec<String> {
        let own = match self.remedy.when {
            When::Metric { .. } => Some(format!("{}-{}", self.service.service, self.remedy.name)),
            When::Alarm { ref alarm } => Some(alarm.of(self.service)),
            When::Contributor { .. } | When::Event { .. } => None,
        };
        let known = |name: &String| watch.alarms.contains(name);
        own.filter(|name| !known(name)).into_iter().chain(watch.alarms.iter().cloned()).collect()
    }

    /// What one look must see.
    pub(super) fn question(&self, watch: Option<&Watch>) -> DeploymentsQuestion {
        DeploymentsQuestion {
            service: ServiceId::of(self.service),
            target_group: self.service.target_group.clone(),
            balancer: watch.and_then(|w| w.balancer.clone()),
            from: watch.map(|w| before(w.created_at)),
            alarms: watch.map(|w| self.alarms(w)).unwrap_or_default(),
            needs: needs::questions(self.fleet, self.service, WhileHigh::NoRollback),
        }
    }
}

/// The start of what a deployment is compared with.
pub(super) fn before(created_at: Timestamp) -> Timestamp {
    created_at.checked_sub(BEFORE.duration()).unwrap_or(Timestamp::MIN)
}
