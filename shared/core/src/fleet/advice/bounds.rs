//! Warnings about `capacity`.

use super::about::About;
use crate::fleet::compiled::Action;
use crate::fleet::environment;
use crate::fleet::problem::Findings;

/// One task is no spare: its deployment, its host or its crash is everybody's outage.
pub(super) fn one_task_in_production(about: About<'_>, f: &mut Findings) {
    let min = about.service.capacity.min;
    if min > 1 || about.layer.capacity.is_fixed() || !environment::is_production(&about.service.environment) {
        return;
    }
    let text = format!("min {min} in production: when its only task stops, nothing serves. `capacity: {{ min: 2 }}`");
    about.warn(f, about.layer.capacity.min_place(), text);
}

/// A remedy that can only find its bound reached.
pub(super) fn no_room_for_a_remedy(about: About<'_>, f: &mut Findings) {
    let capacity = about.service.capacity;
    for remedy in &about.service.remedies {
        let text = match remedy.action {
            Action::RaiseMax if capacity.ceiling == capacity.max => {
                format!("`{}` has no room: max {} is the ceiling, which no lease passes", remedy.name, capacity.max)
            }
            Action::ScaleOut if capacity.min == capacity.max => {
                format!("`{}` has no room: min and max are both {}", remedy.name, capacity.max)
            }
            Action::RaiseMax
            | Action::ScaleOut
            | Action::SuspendScaleIn
            | Action::ForceNewDeployment
            | Action::StopTask
            | Action::Rollback
            | Action::NotifyOnly => continue,
        };
        about.warn(f, about.layer.capacity.max_place(), text);
    }
}
