//! An event as EventBridge delivers it.

use jiff::Timestamp;
use serde_json::{Value, json};

/// One event of the world, before it is delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it happened, in seconds since the epoch.
    pub at: i64,
    /// Its number in this world; its id is made from it, so the same run has the same ids.
    pub number: u64,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// `aws.cloudwatch`, `aws.ecs`, `aws.application-autoscaling`.
    pub source: &'static str,
    /// `detail-type`.
    pub detail_type: &'static str,
    /// ARNs.
    pub resources: Vec<String>,
    /// `detail`.
    pub detail: Value,
}

impl Event {
    /// The envelope that targets of a rule receive.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "version": "0",
            "id": format!("{:08x}-0000-4000-8000-{:012x}", self.at as u32, self.number),
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account,
            "time": Timestamp::from_second(self.at).unwrap_or(Timestamp::MIN).to_string(),
            "region": self.region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_eventbridges_envelope_with_an_id_of_its_own() {
        let event = |number| Event {
            at: 1_795_392_000,
            number,
            account: "222222222222".into(),
            region: "eu-west-1".into(),
            source: "aws.ecs",
            detail_type: "ECS Service Action",
            resources: vec!["arn:aws:ecs:eu-west-1:222222222222:service/c/s".into()],
            detail: json!({"eventType": "INFO"}),
        };
        let (one, two) = (event(1).json(), event(2).json());
        assert_eq!(one["time"], "2026-11-23T00:00:00Z");
        assert!(one["id"].as_str().is_some_and(|id| id.len() == 36) && one["id"] != two["id"]);
    }
}
