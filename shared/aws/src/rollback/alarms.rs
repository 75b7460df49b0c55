//! Alarms, and since when they are what they are.

use aws_sdk_cloudwatch::types::StateValue;
use headroom_core::rollback::AlarmSince;
use headroom_pipeline::PortError;

use super::service::time;
use crate::ask::describe;
use crate::aws::Aws;

/// Those that exist.
pub(super) async fn alarms(aws: &Aws, names: &[String]) -> Result<Vec<AlarmSince>, PortError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let described = describe(aws, &names).await?;
    let since = described.into_iter().map(|alarm| AlarmSince {
        firing: alarm.state == Some(StateValue::Alarm) && !alarm.suppressed,
        since: alarm.transitioned.as_ref().and_then(time),
        name: alarm.name,
    });
    Ok(since.collect())
}
