//! Amazon CloudWatch.

mod alarm_shape;
mod alarms;
mod common;
mod list;
mod metrics;
mod mutes;
mod put;

use super::call::Operation;

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::changes("DeleteAlarmMuteRule", mutes::delete),
    Operation::changes("DeleteAlarms", alarms::delete),
    Operation::reads("DescribeAlarms", alarms::describe),
    Operation::changes("DisableAlarmActions", alarms::disable),
    Operation::changes("EnableAlarmActions", alarms::enable),
    Operation::reads("GetAlarmMuteRule", mutes::get),
    Operation::reads("GetMetricData", metrics::get),
    Operation::reads("ListAlarmMuteRules", mutes::list),
    Operation::reads("ListMetrics", list::list),
    Operation::changes("PutAlarmMuteRule", mutes::put),
    Operation::changes("PutCompositeAlarm", put::composite),
    Operation::changes("PutMetricAlarm", put::metric),
    Operation::changes("PutMetricData", metrics::put),
    Operation::changes("SetAlarmState", alarms::set_state),
];
