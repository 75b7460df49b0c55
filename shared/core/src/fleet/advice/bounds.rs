//! Warnings about `capacity`.

use super::about::About;
use crate::fleet::compiled::Action;
use crate::fleet::problem::Findings;

/// One task is no spare: its deployment, its host or its crash is everybody's outage.
pub(super) fn one_task_in_production(about: About<'_>, f: &mut Findings) {
    let min = about.service.capacity.min;
    if min > 1 || about.layer.capacity.is_fixed() || !is_production(&about.service.environment) {
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
            Action::RaiseMax | Action::ScaleOut | Action::Rollback | Action::NotifyOnly => continue,
        };
        about.warn(f, about.layer.capacity.max_place(), text);
    }
}

/// By its name: `prod`, `production-eu` and `live`, but neither `preprod` nor `non-prod`.
fn is_production(environment: &str) -> bool {
    let words: Vec<String> = environment.split(['-', '_']).map(str::to_ascii_lowercase).collect();
    let not = |w: &String| matches!(w.as_str(), "pre" | "non" | "no" | "not" | "test" | "dev" | "staging");
    let production = |w: &String| matches!(w.as_str(), "prod" | "prd" | "production" | "live");
    words.iter().any(production) && !words.iter().any(not)
}

#[cfg(test)]
mod tests {
    use super::is_production;

    #[test]
    fn production_is_known_by_a_word_of_its_name() {
        for yes in ["prod", "prod-eu", "PROD_US", "eu-production", "live"] {
            assert!(is_production(yes), "{yes}");
        }
        for no in ["staging", "preprod", "pre-prod", "non-prod", "product-demo", "dev", "prod-test"] {
            assert!(!is_production(no), "{no}");
        }
    }
}
