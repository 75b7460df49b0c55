//! Alarms, and since when they are what they are.

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use headroom_core::rollback::AlarmSince;
use headroom_pipeline::PortError;

use super::service::time;
use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "cloudwatch DescribeAlarms";

/// Those that exist, of at most a hundred.
pub(super) async fn alarms(aws: &Aws, names: &[String]) -> Result<Vec<AlarmSince>, PortError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let answer = aws
        .cloudwatch()
        .describe_alarms()
        .set_alarm_names(Some(names.iter().take(100).cloned().collect()))
        // Without types AWS answers with metric alarms only.
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(100)
        .send()
        .await
        .map_err(|error| failed(PLACE, &error))?;
    let metric = answer
        .metric_alarms()
        .iter()
        .map(|a| (a.alarm_name(), a.state_value() == Some(&StateValue::Alarm), a.state_transitioned_timestamp()));
    let composite = answer.composite_alarms().iter().map(|a| {
        let firing = a.state_value() == Some(&StateValue::Alarm) && a.actions_suppressed_by().is_none();
        (a.alarm_name(), firing, a.state_transitioned_timestamp())
    });
    let since = |(name, firing, at): (Option<&str>, bool, Option<&aws_smithy_types::DateTime>)| {
        Some(AlarmSince { name: name?.to_owned(), firing, since: at.and_then(time) })
    };
    Ok(metric.chain(composite).filter_map(since).collect())
}
