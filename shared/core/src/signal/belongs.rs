//! Whether an event is of this fleet: its account, its region, and the bus that it came over, where it says so.
//!
//! A live event does not name its bus, and needs not: only AWS puts `aws.` sources on a bus, and an event that
//! another account or region forwards keeps the account and region it came from. A dead letter names its rule.

use super::arn::Arn;
use super::decode::Signal;
use super::receive::Again;
use crate::fleet::Fleet;

/// Why an event is not of this fleet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Foreign {
    /// Another account.
    #[error("account {account}: no environment of this fleet")]
    Account {
        /// Of the event.
        account: String,
    },
    /// An account of the fleet, another region.
    #[error("account {account}, region {region}: no environment of this fleet")]
    Region {
        /// Of the event.
        account: String,
        /// Of the event.
        region: String,
    },
    /// A rule on another bus than the default one, or of another account or region.
    #[error("rule {rule}: not on the default bus of this account and region")]
    Bus {
        /// ARN of the rule.
        rule: String,
    },
}

impl Foreign {
    /// The name that people search for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Account { .. } => "foreign-account",
            Self::Region { .. } => "foreign-region",
            Self::Bus { .. } => "foreign-bus",
        }
    }
}

/// Whether a signal is of this fleet; `again` of the record that it came in.
///
/// # Errors
/// [`Foreign`]: such an event is refused, whatever it says.
pub fn belongs(signal: &Signal, again: Option<&Again>, fleet: &Fleet) -> Result<(), Foreign> {
    let Some(home) = signal.home() else { return Ok(()) };
    let mut here = fleet.environments.iter().filter(|e| e.account == home.account).peekable();
    let account = home.account.to_owned();
    if here.peek().is_none() {
        return Err(Foreign::Account { account });
    }
    if let Some(region) = home.region
        && !here.any(|e| e.region == region)
    {
        return Err(Foreign::Region { account, region: region.to_owned() });
    }
    match again {
        Some(Again::Redriven { rule: Some(rule), .. }) => {
            let ours = Arn::read(rule).is_some_and(|arn| {
                let name = arn.resource.strip_prefix("rule/default/").or(arn.resource.strip_prefix("rule/"));
                let here = arn.account == home.account && home.region.is_none_or(|r| r == arn.region);
                here && arn.service == "events" && name.is_some_and(|n| !n.is_empty() && !n.contains('/'))
            });
            if ours { Ok(()) } else { Err(Foreign::Bus { rule: rule.clone() }) }
        }
        Some(Again::Redriven { rule: None, .. } | Again::Replayed { .. }) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fleet;
    use crate::signal::{decode, minute};

    fn fleet() -> Fleet {
        let text = "
version: 1
fleet: web
environments:
  - { name: prod, account: \"222222222222\", region: eu-west-1 }
services:
  web: { cluster: c, service: s, capacity: { min: 2, max: 10 } }
";
        fleet::parse(text, "headroom.yaml").unwrap()
    }

    fn tick(account: &str, region: &str) -> Value {
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "account": account, "region": region,
            "time": "2026-11-23T08:00:00Z", "detail": {},
            "resources": [format!("arn:aws:events:{region}:{account}:rule/r")] })
    }

    fn answer(account: &str, region: &str, rule: Option<&str>) -> Result<(), Foreign> {
        let again = rule.map(|rule| Again::Redriven { why: "NO_PERMISSIONS".into(), rule: Some(rule.into()) });
        belongs(&decode(&tick(account, region)).unwrap(), again.as_ref(), &fleet())
    }

    #[test]
    fn another_account_or_region_is_foreign() {
        assert_eq!(answer("222222222222", "eu-west-1", None), Ok(()));
        assert!(matches!(answer("999999999999", "eu-west-1", None), Err(Foreign::Account { .. })));
        assert!(matches!(answer("222222222222", "us-east-1", None), Err(Foreign::Region { .. })));
    }

    #[test]
    fn a_dead_letter_of_a_rule_on_another_bus_is_foreign() {
        let rule = |rest: &str| format!("arn:aws:events:eu-west-1:222222222222:{rest}");
        for ours in [rule("rule/alarms"), rule("rule/default/alarms")] {
            assert_eq!(answer("222222222222", "eu-west-1", Some(&ours)), Ok(()), "{ours}");
        }
        for other in [
            rule("rule/custom/alarms"),
            rule("event-bus/custom"),
            rule("rule/"),
            "arn:aws:events:eu-west-1:999999999999:rule/alarms".to_owned(),
            "arn:aws:events:us-east-1:222222222222:rule/alarms".to_owned(),
            "alarms".to_owned(),
        ] {
            let refused = answer("222222222222", "eu-west-1", Some(&other));
            assert!(matches!(refused, Err(Foreign::Bus { .. })), "{other}");
        }
    }

    #[test]
    fn the_reconcilers_own_minute_belongs_everywhere() {
        assert_eq!(belongs(&decode(&minute::payload()).unwrap(), None, &fleet()), Ok(()));
    }
}
