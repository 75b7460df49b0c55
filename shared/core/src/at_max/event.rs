//! Max reached, as an event that wakes a remedy `when: { event: at-max }`.

use jiff::Timestamp;

use super::episode::Topic;
use super::proposal::Proposed;
use crate::fleet::Service;
use crate::signal::{AlarmEvent, AlarmState};

/// The event: its newest datapoint is the max that is proposed, its threshold the max that was found.
#[must_use]
pub fn event(service: &Service, proposed: &Proposed, now: Timestamp) -> AlarmEvent {
    AlarmEvent {
        arn: format!("headroom:{}:{}", Topic::AtMax.name(), service.resource_id()),
        doubt: None,
        name: Topic::AtMax.name().to_owned(),
        account: service.account.clone(),
        region: service.region.clone(),
        state: AlarmState::Alarm,
        previous: Some(AlarmState::Ok),
        suppressed_by: None,
        previously_suppressed_by: None,
        at: now,
        message: None,
        again: None,
        reason: Some(format!("at max {}, the load asks for {}", proposed.from, proposed.need)),
        datapoints: vec![f64::from(proposed.to)],
        threshold: Some(f64::from(proposed.from)),
        metric: None,
        members: Vec::new(),
        composite: None,
        contributor: None,
        service_tag: None,
        mute: None,
        task: None,
    }
}
