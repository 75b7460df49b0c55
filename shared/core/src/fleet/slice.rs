//! One environment's part of a compiled fleet: one control plane per account and region loads no more.

use super::compiled::Fleet;

impl Fleet {
    /// The fleet with this environment and what belongs to it only; `None` when there is no such environment.
    #[must_use]
    pub fn slice(mut self, environment: &str) -> Option<Self> {
        self.environments.retain(|e| e.name == environment);
        self.services.retain(|s| s.environment == environment);
        self.dependencies.retain(|d| d.environment == environment);
        for schedule in &mut self.schedules {
            schedule.environments.retain(|name| name == environment);
        }
        self.schedules.retain(|schedule| !schedule.environments.is_empty());
        for freeze in &mut self.freezes {
            freeze.environments.retain(|name| name == environment);
        }
        self.freezes.retain(|freeze| !freeze.environments.is_empty());
        (!self.environments.is_empty()).then_some(self)
    }
}
