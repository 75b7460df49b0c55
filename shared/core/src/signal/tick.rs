//! Ticks: a scheduled rule of EventBridge, or EventBridge Scheduler with its default payload, which has the text
//! `"{}"` for a detail (TRAPS 21). The reconciler's own minute names its payload and is another source.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::arn::Arn;
use super::decode::{By, Signal, Source};
use super::read::Reader;
use super::refused::NotASignal;

const DETAIL_TYPE: &str = "Scheduled Event";
const RULE_SOURCE: &str = "aws.events";
const SCHEDULER_SOURCE: &str = "aws.scheduler";

/// A scheduled rule.
pub(super) const RULE_TICK: Source = Source {
    name: "scheduled rule",
    by: By::Envelope(RULE_SOURCE, &[DETAIL_TYPE]),
    pattern: Some(pattern),
    decode: |event| decode(event, TickBy::Rule).map(|t| Signal::Tick(Box::new(t))),
};

/// EventBridge Scheduler, which invokes its target itself: no rule, no pattern.
pub(super) const SCHEDULER_TICK: Source = Source {
    name: "EventBridge Scheduler",
    by: By::Envelope(SCHEDULER_SOURCE, &[DETAIL_TYPE]),
    pattern: None,
    decode: |event| decode(event, TickBy::Scheduler).map(|t| Signal::Tick(Box::new(t))),
};

fn pattern() -> Value {
    json!({ "source": [RULE_SOURCE], "detail-type": [DETAIL_TYPE] })
}

/// What ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickBy {
    /// A scheduled rule.
    Rule,
    /// EventBridge Scheduler.
    Scheduler,
}

/// A schedule came due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// What ticks.
    pub by: TickBy,
    /// ARN of the rule or schedule.
    pub arn: String,
    /// Account of the envelope.
    pub account: String,
    /// Region of the envelope.
    pub region: String,
    /// When it was due: with the ARN, its identity.
    pub at: Timestamp,
}

fn decode(event: &Value, by: TickBy) -> Result<Tick, NotASignal> {
    let read = Reader { kind: DETAIL_TYPE, event };
    let (account, region) = (read.account("account")?, read.region("region")?);
    let (service, prefix, expected) = match by {
        TickBy::Rule => ("events", "rule/", "an ARN of a rule"),
        TickBy::Scheduler => ("scheduler", "schedule/", "an ARN of a schedule"),
    };
    let arn = read.arn("resources[0]", expected)?;
    let named = Arn { account, region, service, resource: arn.resource };
    if arn != named || !arn.resource.starts_with(prefix) {
        return Err(read.refuse("resources[0]", expected));
    }
    Ok(Tick {
        by,
        arn: read.text("resources[0]")?.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        at: read.time("time")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn event(source: &str, arn: &str, detail: Value) -> Value {
        json!({ "version": "0", "source": source, "detail-type": DETAIL_TYPE, "account": "222222222222",
            "region": "eu-west-1", "time": "2026-11-23T08:00:00Z", "resources": [arn], "detail": detail })
    }

    #[test]
    fn both_clocks_are_read_also_with_a_text_for_a_detail() {
        let rule = event(RULE_SOURCE, "arn:aws:events:eu-west-1:222222222222:rule/office-hours", json!({}));
        let schedule = "arn:aws:scheduler:eu-west-1:222222222222:schedule/default/office-hours";
        for (event, by) in [(rule, TickBy::Rule), (event(SCHEDULER_SOURCE, schedule, json!("{}")), TickBy::Scheduler)] {
            let Ok(Signal::Tick(tick)) = decode_any(&event) else { panic!("{by:?}") };
            assert_eq!((tick.by, tick.at.to_string().as_str()), (by, "2026-11-23T08:00:00Z"));
        }
    }

    #[test]
    fn a_tick_of_another_account_or_without_its_schedule_is_refused() {
        for arn in [
            "arn:aws:events:eu-west-1:999999999999:rule/office-hours",
            "arn:aws:events:us-east-1:222222222222:rule/office-hours",
            "arn:aws:scheduler:eu-west-1:222222222222:schedule/default/office-hours",
            "office-hours",
        ] {
            assert!(decode_any(&event(RULE_SOURCE, arn, json!({}))).is_err(), "{arn}");
        }
    }
}
