//! `limits`: when one is reached Headroom stops, says so once and pages.

use crate::time::Seconds;

use super::count;
use super::duration::Range;
use super::money;
use super::node::Node;
use super::problem::Findings;

const EXAMPLE: &str = "limits: { changes_per_hour: { service: 6, environment: 20 } }";
/// EventBridge delivers within seconds; what is older was queued, and its numbers say nothing about now.
const EVENT_AGE_MAX: Seconds = Seconds(5 * 60);
/// One change each ten minutes: two grants and their returns, and once more.
const CHANGES_SERVICE: u32 = 6;
/// Three services at their own limit; a storm that wants more is something else.
const CHANGES_ENVIRONMENT: u32 = 20;
/// More is no limit.
const CHANGES_MAX: u32 = 10_000;
/// EventBridge retries for a day at most.
const EVENT_AGES: Range = Range { least: "10s", most: "1d", example: "5m" };

/// What one file says about limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LimitsLayer {
    event_age_max: Option<Seconds>,
    changes_service: Option<u32>,
    changes_environment: Option<u32>,
}

/// All of them, defaults filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LimitValues {
    pub(crate) event_age_max: Seconds,
    pub(crate) changes_service: u32,
    pub(crate) changes_environment: u32,
}

impl LimitsLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let keys = ["event_age_max", "changes_per_hour", "rollbacks_per_day", "added_cost_per_day"];
        let fields = node.fields(f, &keys, EXAMPLE)?;
        let (changes_service, changes_environment) = fields.read(f, "changes_per_hour", pair).unwrap_or_default();
        if fields.read(f, "rollbacks_per_day", pair).is_some() {
            fields.keep(f, "rollbacks_per_day");
        }
        if fields.read(f, "added_cost_per_day", money::read).is_some() {
            fields.keep(f, "added_cost_per_day");
        }
        let event_age_max = fields.read(f, "event_age_max", |n, f| EVENT_AGES.read(n, f));
        Some(Self { event_age_max, changes_service, changes_environment })
    }

    /// Puts an overrides file over the fleet file.
    pub(crate) fn apply(&mut self, nearer: Self) {
        self.event_age_max = nearer.event_age_max.or(self.event_age_max);
        self.changes_service = nearer.changes_service.or(self.changes_service);
        self.changes_environment = nearer.changes_environment.or(self.changes_environment);
    }

    pub(crate) fn resolve(self) -> LimitValues {
        LimitValues {
            event_age_max: self.event_age_max.unwrap_or(EVENT_AGE_MAX),
            changes_service: self.changes_service.unwrap_or(CHANGES_SERVICE),
            changes_environment: self.changes_environment.unwrap_or(CHANGES_ENVIRONMENT),
        }
    }
}

/// `{ service: 6, environment: 20 }`.
fn pair(node: &Node, f: &mut Findings) -> Option<(Option<u32>, Option<u32>)> {
    let fields = node.fields(f, &["service", "environment"], EXAMPLE)?;
    let mut read = |key| fields.read(f, key, |n, f| count::read(n, f, 1, CHANGES_MAX, "6"));
    Some((read("service"), read("environment")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn limits_have_defaults_and_keep_what_later_releases_use() {
        let mut f = Findings::new("f");
        let text =
            "{ changes_per_hour: { service: 4 }, added_cost_per_day: 25 USD, rollbacks_per_day: { service: 1 } }";
        let node = yaml::load(text, &mut f).expect("YAML");
        let limits = LimitsLayer::read(&node, &mut f).expect("reads").resolve();
        assert!(f.problems.is_empty());
        assert_eq!((limits.event_age_max, limits.changes_service, limits.changes_environment), (Seconds(300), 4, 20));
        assert_eq!(f.kept.keys().collect::<Vec<_>>(), ["added_cost_per_day", "rollbacks_per_day"]);
    }

    #[test]
    fn a_limit_without_its_unit_is_refused() {
        for bad in ["{ added_cost_per_day: 50 }", "{ event_age_max: 300 }", "{ changes_per_hour: 6 }"] {
            let mut f = Findings::new("f");
            let node = yaml::load(bad, &mut f).expect("YAML");
            LimitsLayer::read(&node, &mut f);
            assert_eq!(f.problems.len(), 1, "{bad}");
        }
    }
}
