//! `limits`: when one is reached Headroom stops, says so once and pages.

use serde_json::{Value as Json, json};

use crate::time::Seconds;

use super::count;
use super::duration::Range;
use super::money;
use super::node::Node;
use super::problem::Findings;
use super::schema::{self, Key};

const EXAMPLE: &str = "limits: { changes_per_hour: { service: 6, environment: 20 } }";
/// EventBridge delivers within seconds; what is older was queued, and its numbers say nothing about now.
const EVENT_AGE_MAX: Seconds = Seconds(5 * 60);
/// One change each ten minutes: two grants and their returns, and once more.
const CHANGES_SERVICE: u32 = 6;
/// Three services at their own limit; a storm that wants more is something else.
const CHANGES_ENVIRONMENT: u32 = 20;
/// The deployment after a rollback is for people to decide about.
const ROLLBACKS_SERVICE: u32 = 1;
/// Two services of one environment that fail on one day point at something else than their deployments.
const ROLLBACKS_ENVIRONMENT: u32 = 2;
/// More is no limit.
const COUNT_MAX: u32 = 10_000;
/// EventBridge retries for a day at most.
const EVENT_AGES: Range = Range { least: "10s", most: "1d", example: "5m" };

const KEYS: [Key; 4] = [
    Key("event_age_max", "Older events are judged by the alarm's present state instead.", || {
        EVENT_AGES.schema_or(EVENT_AGE_MAX)
    }),
    Key("changes_per_hour", "Changes in one UTC hour.", || {
        let usual = json!({ "service": CHANGES_SERVICE, "environment": CHANGES_ENVIRONMENT });
        schema::or(schema::mapping(&COUNTS, &[]), usual)
    }),
    Key("rollbacks_per_day", "Rollbacks in one UTC day.", || {
        let usual = json!({ "service": ROLLBACKS_SERVICE, "environment": ROLLBACKS_ENVIRONMENT });
        schema::or(schema::mapping(&COUNTS, &[]), usual)
    }),
    Key("added_cost_per_day", "What added tasks of the fleet may cost in one UTC day.", money::schema),
];
const COUNTS: [Key; 2] = [
    Key("service", "Of one service.", || count::schema(1, COUNT_MAX, "6")),
    Key("environment", "Of one environment.", || count::schema(1, COUNT_MAX, "20")),
];

/// What [`LimitsLayer::read`] takes.
pub(crate) fn schema() -> Json {
    schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE)
}

/// What one file says about limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LimitsLayer {
    event_age_max: Option<Seconds>,
    changes_service: Option<u32>,
    changes_environment: Option<u32>,
    rollbacks_service: Option<u32>,
    rollbacks_environment: Option<u32>,
    added_cost_usd: Option<f64>,
}

/// All of them, defaults filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LimitValues {
    pub(crate) event_age_max: Seconds,
    pub(crate) changes_service: u32,
    pub(crate) changes_environment: u32,
    pub(crate) rollbacks_service: u32,
    pub(crate) rollbacks_environment: u32,
    pub(crate) added_cost_usd: Option<f64>,
}

impl LimitsLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let (changes_service, changes_environment) = fields.read(f, "changes_per_hour", pair).unwrap_or_default();
        let (rollbacks_service, rollbacks_environment) = fields.read(f, "rollbacks_per_day", pair).unwrap_or_default();
        Some(Self {
            event_age_max: fields.read(f, "event_age_max", |n, f| EVENT_AGES.read(n, f)),
            changes_service,
            changes_environment,
            rollbacks_service,
            rollbacks_environment,
            added_cost_usd: fields.read(f, "added_cost_per_day", money::read),
        })
    }

    /// Puts an overrides file over the fleet file.
    pub(crate) fn apply(&mut self, nearer: Self) {
        self.event_age_max = nearer.event_age_max.or(self.event_age_max);
        self.changes_service = nearer.changes_service.or(self.changes_service);
        self.changes_environment = nearer.changes_environment.or(self.changes_environment);
        self.rollbacks_service = nearer.rollbacks_service.or(self.rollbacks_service);
        self.rollbacks_environment = nearer.rollbacks_environment.or(self.rollbacks_environment);
        self.added_cost_usd = nearer.added_cost_usd.or(self.added_cost_usd);
    }

    pub(crate) fn resolve(self) -> LimitValues {
        LimitValues {
            event_age_max: self.event_age_max.unwrap_or(EVENT_AGE_MAX),
            changes_service: self.changes_service.unwrap_or(CHANGES_SERVICE),
            changes_environment: self.changes_environment.unwrap_or(CHANGES_ENVIRONMENT),
            rollbacks_service: self.rollbacks_service.unwrap_or(ROLLBACKS_SERVICE),
            rollbacks_environment: self.rollbacks_environment.unwrap_or(ROLLBACKS_ENVIRONMENT),
            added_cost_usd: self.added_cost_usd,
        }
    }
}

/// `{ service: 6, environment: 20 }`.
fn pair(node: &Node, f: &mut Findings) -> Option<(Option<u32>, Option<u32>)> {
    let fields = node.mapping(f, &COUNTS, EXAMPLE)?;
    let mut read = |key| fields.read(f, key, |n, f| count::read(n, f, 1, COUNT_MAX, "6"));
    Some((read("service"), read("environment")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn limits_have_defaults() {
        let mut f = Findings::new("f");
        let text =
            "{ changes_per_hour: { service: 4 }, added_cost_per_day: 25 USD, rollbacks_per_day: { environment: 3 } }";
        let node = yaml::load(text, &mut f).expect("YAML");
        let limits = LimitsLayer::read(&node, &mut f).expect("reads").resolve();
        assert!(f.problems.is_empty());
        assert_eq!((limits.event_age_max, limits.changes_service, limits.changes_environment), (Seconds(300), 4, 20));
        assert_eq!((limits.rollbacks_service, limits.rollbacks_environment), (1, 3));
        assert_eq!(limits.added_cost_usd, Some(25.0));
        assert!(f.notes.is_empty());
        assert_eq!(LimitsLayer::default().resolve().added_cost_usd, None, "no cost is limited unless the file says so");
    }

    #[test]
    fn an_overriding_file_wins_limit_by_limit() {
        let mut f = Findings::new("f");
        let mut read = |text: &str| {
            let node = yaml::load(text, &mut f).expect("YAML");
            LimitsLayer::read(&node, &mut f).expect("reads")
        };
        let mut limits = read("{ rollbacks_per_day: { service: 2, environment: 5 }, added_cost_per_day: 50 USD }");
        limits.apply(read("{ rollbacks_per_day: { service: 3 }, added_cost_per_day: 1 USD }"));
        let limits = limits.resolve();
        assert_eq!((limits.rollbacks_service, limits.rollbacks_environment), (3, 5));
        assert_eq!(limits.added_cost_usd, Some(1.0));
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
