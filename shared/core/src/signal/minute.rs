//! The reconciler's minute, sent by EventBridge Scheduler.
//!
//! The schedule names its own payload: the Scheduler's default has `"detail": "{}"`, a string, and says
//! nothing about who sent it (TRAPS 21).

use serde_json::{Value, json};

/// `source` of the schedule's payload.
pub const SOURCE: &str = "headroom.schedule";
/// `detail-type` of the schedule's payload.
pub const DETAIL_TYPE: &str = "Headroom Minute";
/// How often the Scheduler sends it.
pub const RATE: &str = "rate(1 minute)";

/// The payload that the schedule sends.
#[must_use]
pub fn payload() -> Value {
    json!({ "source": SOURCE, "detail-type": DETAIL_TYPE, "detail": {} })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Signal, decode};

    #[test]
    fn the_schedules_own_payload_is_decoded() {
        assert_eq!(decode(&payload()), Ok(Signal::Minute));
    }

    #[test]
    fn the_schedulers_default_payload_is_not_taken_for_it() {
        let default = json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}" });
        assert!(decode(&default).is_err());
    }
}
