//! Warnings about what wakes a remedy.

use super::about::About;
use crate::fleet::compiled::{Action, Metric, When};
use crate::fleet::problem::Findings;
use crate::fleet::scaling;

/// A load balancer's metric exists by target group only.
pub(super) fn no_alarm_can_be_made(about: About<'_>, f: &mut Findings) {
    if about.service.target_group.is_some() {
        return;
    }
    for remedy in &about.service.remedies {
        let When::Metric { metric, .. } = remedy.when else { continue };
        if metric.of_load_balancer() {
            let text = format!(
                "no alarm can be made for `{}`: {} is a load balancer's metric, and no `target_group` is named",
                remedy.name,
                metric.name()
            );
            about.warn(f, None, text);
        }
    }
}

/// At the target of the scaling policy the metric is where it should be.
pub(super) fn fires_while_all_is_well(about: About<'_>, f: &mut Findings) {
    for remedy in &about.service.remedies {
        let When::Metric { metric, above, .. } = remedy.when else { continue };
        let target = match metric {
            Metric::Memory => about.service.scaling.memory,
            Metric::Cpu
            | Metric::RequestsPerTarget
            | Metric::ResponseTimeAvg
            | Metric::ResponseTimeP95
            | Metric::ErrorRate => scaling::target(&about.service.scaling, metric),
        };
        if let Some(target) = target
            && above <= target
            && remedy.action == Action::ScaleOut
        {
            let text = format!(
                "`{}` fires above {above}, and the scaling policy holds {} at {target}: it fires while all is well",
                remedy.name,
                metric.name()
            );
            about.warn(f, None, text);
        }
    }
}
