//! What is installed of Headroom itself: event rules, and its own alarms with their states.

use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_eventbridge::types::RuleState;
use headroom_core::signal::AlarmState;

use super::look::{ALARMS, RULES};
use crate::inventory::Clients;
use crate::person::Failure;

/// What every rule and alarm of Headroom is called.
const PREFIX: &str = "headroom-";
/// A hundred a page; Headroom has some dozens.
const PAGES: u32 = 10;

/// Name of each rule, and whether it is enabled.
pub(super) async fn rules(
    clients: &Clients,
    events: &aws_sdk_eventbridge::Client,
) -> Result<Vec<(String, bool)>, Failure> {
    let mut rules = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = events.list_rules().name_prefix(PREFIX).set_next_token(token).send().await;
        let page = page.map_err(|error| clients.failed(RULES, &error))?;
        let named =
            page.rules().iter().filter_map(|r| Some((r.name()?.to_owned(), r.state() == Some(&RuleState::Enabled))));
        rules.extend(named);
        token = page.next_token;
        if token.is_none() {
            return Ok(rules);
        }
    }
    Err(Failure::unusable(RULES, format!("more than {PAGES} pages")))
}

/// Name and state of each alarm.
pub(super) async fn alarms(clients: &Clients) -> Result<Vec<(String, AlarmState)>, Failure> {
    let mut alarms = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = clients.cloudwatch.describe_alarms().alarm_name_prefix(PREFIX).set_next_token(token).send().await;
        let page = page.map_err(|error| clients.failed(ALARMS, &error))?;
        let named =
            page.metric_alarms().iter().filter_map(|a| Some((a.alarm_name()?.to_owned(), state(a.state_value()))));
        alarms.extend(named);
        token = page.next_token;
        if token.is_none() {
            return Ok(alarms);
        }
    }
    Err(Failure::unusable(ALARMS, format!("more than {PAGES} pages")))
}

fn state(value: Option<&StateValue>) -> AlarmState {
    match value {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(_) | None => AlarmState::InsufficientData,
    }
}
