//! Alarms as they are now, a hundred a call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use aws_smithy_types::DateTime;
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
    let described = describe(aws, &names).await?;
    Ok(described.into_iter().map(|a| (a.name, seen(a.state.as_ref(), a.actions_enabled))).collect())
}

/// An alarm as DescribeAlarms has it.
pub(crate) struct Described {
    /// Its name.
    pub(crate) name: String,
    /// Its state.
    pub(crate) state: Option<StateValue>,
    /// Whether its actions are enabled.
    pub(crate) actions_enabled: Option<bool>,
    /// Whether another alarm holds back what this one would do.
    pub(crate) suppressed: bool,
    /// When it took its state.
    pub(crate) transitioned: Option<DateTime>,
}

/// Those that exist, of so many names as are wanted.
pub(crate) async fn describe(aws: &Aws, names: &[&str]) -> Result<Vec<Described>, PortError> {
    let calls = names.chunks(A_CALL).map(|batch| call(aws, batch));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

async fn call(aws: &Aws, names: &[&str]) -> Result<Vec<Described>, PortError> {
    let mut alarms = Vec::new();
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
        let metric = page.metric_alarms().iter().map(|a| {
            let (state, at) = (a.state_value().cloned(), a.state_transitioned_timestamp().copied());
            (a.alarm_name(), state, a.actions_enabled(), false, at)
        });
        let composite = page.composite_alarms().iter().map(|a| {
            let (state, at) = (a.state_value().cloned(), a.state_transitioned_timestamp().copied());
            (a.alarm_name(), state, a.actions_enabled(), a.actions_suppressed_by().is_some(), at)
        });
        alarms.extend(metric.chain(composite).filter_map(
            |(name, state, actions_enabled, suppressed, transitioned)| {
                Some(Described { name: name?.to_owned(), state, actions_enabled, suppressed, transitioned })
            },
        ));
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
