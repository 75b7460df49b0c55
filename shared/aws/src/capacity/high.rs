//! Alarms that call target-tracking policies to scale out.

use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm, StateValue};
use headroom_core::id::ServiceId;
use headroom_pipeline::PortError;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "cloudwatch DescribeAlarms";
/// The names that Application Auto Scaling gives the alarms of an ECS service's target-tracking policies:
/// `TargetTracking-service/CLUSTER/SERVICE-AlarmHigh-UUID` (Application Auto Scaling User Guide, "Target tracking scaling
/// policies").
const PREFIX: &str = "TargetTracking-service/";
const HIGH: &str = "-AlarmHigh-";
/// DescribeAlarms gives no more a page.
const A_PAGE: i32 = 100;
/// A thousand services that scale out at once are a storm; those beyond have their turn by their own part of the fleet.
const PAGES: u32 = 10;

/// The services of which one is in ALARM, with since when, and the pages that it took.
pub(super) async fn in_alarm(aws: &Aws, account: &str) -> Result<(Vec<(ServiceId, Timestamp)>, u32), PortError> {
    let mut high = Vec::new();
    let mut token = None;
    for page in 1..=PAGES {
        let answer = aws
            .cloudwatch()
            .describe_alarms()
            .alarm_name_prefix(PREFIX)
            .alarm_types(AlarmType::MetricAlarm)
            .state_value(StateValue::Alarm)
            .max_records(A_PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        high.extend(answer.metric_alarms().iter().filter_map(|alarm| read(alarm, account, aws.region())));
        token = answer.next_token;
        if token.is_none() {
            return Ok((high, page));
        }
    }
    tracing::warn!(pages = PAGES, "more alarms of target tracking than are read");
    Ok((high, PAGES))
}

/// Its service, by the name that Application Auto Scaling gave it: a service's own name may have dashes, the id has no
/// `-AlarmHigh-`.
fn read(alarm: &MetricAlarm, account: &str, region: &str) -> Option<(ServiceId, Timestamp)> {
    let (cluster, rest) = alarm.alarm_name()?.strip_prefix(PREFIX)?.split_once('/')?;
    let (service, _) = rest.rsplit_once(HIGH)?;
    let since = alarm.state_transitioned_timestamp().or_else(|| alarm.state_updated_timestamp())?;
    let id = ServiceId {
        account: account.to_owned(),
        region: region.to_owned(),
        cluster: cluster.to_owned(),
        service: service.to_owned(),
    };
    Some((id, Timestamp::from_second(since.secs()).ok()?))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn found(name: &str) -> Option<(String, i64)> {
        let alarm =
            MetricAlarm::builder().alarm_name(name).state_transitioned_timestamp(DateTime::from_secs(60)).build();
        read(&alarm, "1", "r").map(|(id, since)| (id.resource_id(), since.as_second()))
    }

    #[test]
    fn the_service_is_read_from_the_name_of_the_high_alarm_only() {
        let id = "d4f0770c-b46e-434a-a60f-3b36d653feca";
        let own = |name: &str| Some((name.to_owned(), 60));
        assert_eq!(found(&format!("TargetTracking-service/c-1/a-web-AlarmHigh-{id}")), own("service/c-1/a-web"));
        let odd = format!("TargetTracking-service/c/x-AlarmHigh-y-AlarmHigh-{id}");
        assert_eq!(found(&odd), own("service/c/x-AlarmHigh-y"), "a service of a strange name");
        assert_eq!(found(&format!("TargetTracking-service/c/s-AlarmLow-{id}")), None);
        assert_eq!(found("TargetTracking-service/c"), None);
        assert_eq!(found("prod-eu-web-cpu-high"), None);
    }
}
