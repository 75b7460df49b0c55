//! Alarms as they are now, a hundred a call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use futures_util::future::try_join_all;
use headroom_core::seen::{AlarmSeen, Reading};
use headroom_core::signal::AlarmState;
use headroom_pipeline::PortError;

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "cloudwatch DescribeAlarms";
/// DescribeAlarms takes no more names.
const A_CALL: usize = 100;
/// As many alarms a page as names a call.
const A_PAGE: i32 = 100;
/// Pages of one call's answer: each name is one alarm, so one page is the rule.
const PAGES: u32 = 5;

/// Alarms by name; what is not among them does not exist.
pub(super) type Alarms = BTreeMap<String, Reading<AlarmSeen>>;

pub(super) async fn alarms(aws: &Aws, wanted: &BTreeSet<&str>) -> Result<Alarms, PortError> {
    let names: Vec<&str> = wanted.iter().copied().collect();
    let calls = names.chunks(A_CALL).map(|batch| describe(aws, batch));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

async fn describe(aws: &Aws, names: &[&str]) -> Result<Alarms, PortError> {
    let mut alarms = Alarms::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = aws
            .cloudwatch()
            .describe_alarms()
            .set_alarm_names(Some(names.iter().map(|name| (*name).to_owned()).collect()))
            // Without types AWS answers with metric alarms only.
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(A_PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        let metric = page.metric_alarms().iter().map(|a| (a.alarm_name(), a.state_value(), a.actions_enabled()));
        let composite = page.composite_alarms().iter().map(|a| (a.alarm_name(), a.state_value(), a.actions_enabled()));
        alarms
            .extend(metric.chain(composite).filter_map(|(name, state, on)| Some((name?.to_owned(), seen(state, on)))));
        token = page.next_token;
        if token.is_none() {
            return Ok(alarms);
        }
    }
    Err(unusable(PLACE, format!("more than {PAGES} pages")))
}

fn seen(state: Option<&StateValue>, enabled: Option<bool>) -> Reading<AlarmSeen> {
    let word = state.map_or("no state", StateValue::as_str);
    match AlarmState::from_name(word) {
        Some(state) => Reading::Known(AlarmSeen { state, actions_enabled: enabled != Some(false) }),
        None => Reading::Unreadable(format!("state {word:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_is_unreadable() {
        let known = seen(Some(&StateValue::Alarm), Some(false));
        assert_eq!(known.known(), Some(&AlarmSeen { state: AlarmState::Alarm, actions_enabled: false }));
        assert!(seen(None, None).known().is_none());
        assert!(seen(Some(&StateValue::from("FINE")), None).known().is_none());
    }
}
