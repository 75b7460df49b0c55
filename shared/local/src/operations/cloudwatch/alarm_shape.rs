//! An alarm as DescribeAlarms shows it.

use headroom_simulator::cloudwatch::{
    Actions, AlarmKind, AlarmView, MetricDataQuery, MetricStat, PutCompositeAlarm, PutMetricAlarm, Queried, Statistic,
    Watched,
};

use crate::operations::call::Call;
use crate::value::{Map, Value};

/// An alarm of either type.
pub(super) fn alarm(call: &Call<'_>, alarm: &AlarmView) -> Map {
    let standing = &alarm.standing;
    let map = Map::new()
        .with("AlarmName", alarm.name.as_str())
        .with("AlarmArn", alarm.arn.as_str())
        .with("AlarmConfigurationUpdatedTimestamp", call.time(alarm.configured))
        .with("StateValue", standing.value.name())
        .with("StateReason", standing.reason.as_str())
        .with("StateReasonData", standing.reason_data.as_deref())
        .with("StateUpdatedTimestamp", call.time(standing.updated))
        .with("StateTransitionedTimestamp", call.time(standing.transitioned));
    match &alarm.kind {
        AlarmKind::Metric(put) => metric(actions(map, &put.actions), put),
        AlarmKind::Composite(put) => {
            let suppressed = standing.suppressed;
            composite(actions(map, &put.actions), put)
                .with("ActionsSuppressedBy", suppressed.map(|by| by.name()))
                .with("ActionsSuppressedReason", suppressed.map(|by| by.reason()))
        }
    }
}

fn actions(map: Map, actions: &Actions) -> Map {
    map.with("ActionsEnabled", actions.enabled)
        .with("OKActions", actions.ok.clone())
        .with("AlarmActions", actions.alarm.clone())
        .with("InsufficientDataActions", actions.insufficient_data.clone())
}

fn metric(map: Map, put: &PutMetricAlarm) -> Map {
    let map = map
        .with("AlarmDescription", put.description.as_deref())
        .with("EvaluationPeriods", put.evaluation_periods)
        .with("DatapointsToAlarm", put.datapoints_to_alarm)
        .with("Threshold", put.threshold)
        .with("ComparisonOperator", put.comparison.name())
        .with("TreatMissingData", put.missing.map(|m| m.name()))
        .with("EvaluateLowSampleCountPercentile", put.low_samples_ignored.then_some("ignore"));
    match &put.watched {
        Watched::Metric(stat) => {
            let percentile = matches!(stat.statistic, Statistic::Percentile(_));
            let name = if percentile { "ExtendedStatistic" } else { "Statistic" };
            named(map, stat).with(name, stat.statistic.to_string()).with("Period", stat.period)
        }
        // The one that is watched has none of the members of a single metric.
        Watched::Math(queries) => {
            map.with("Dimensions", Vec::<Value>::new()).with("Metrics", Value::list(queries.iter().map(query)))
        }
    }
}

fn named(map: Map, stat: &MetricStat) -> Map {
    let pairs = stat.metric.dimensions().iter();
    let dimensions = pairs.map(|(name, value)| Map::new().with("Name", name.as_str()).with("Value", value.as_str()));
    map.with("MetricName", stat.metric.name.as_str())
        .with("Namespace", stat.metric.namespace.as_str())
        .with("Dimensions", Value::list(dimensions))
}

fn query(query: &MetricDataQuery) -> Map {
    let map = Map::new().with("Id", query.id.as_str());
    let map = match &query.queried {
        Queried::Stat(stat) => {
            let stat_map = Map::new()
                .with("Metric", named(Map::new(), stat))
                .with("Period", stat.period)
                .with("Stat", stat.statistic.to_string());
            map.with("MetricStat", stat_map)
        }
        Queried::Expression(expression) => map.with("Expression", expression.as_str()),
    };
    map.with("Label", query.label.as_deref()).with("ReturnData", query.return_data)
}

fn composite(map: Map, put: &PutCompositeAlarm) -> Map {
    let suppressor = put.suppressor.as_ref();
    map.with("AlarmDescription", put.description.as_deref())
        .with("AlarmRule", put.rule.as_str())
        .with("ActionsSuppressor", suppressor.map(|s| s.alarm.as_str()))
        .with("ActionsSuppressorWaitPeriod", suppressor.map(|s| s.wait))
        .with("ActionsSuppressorExtensionPeriod", suppressor.map(|s| s.extension))
}
