//! CloudWatch: metrics put and read, alarms of both kinds.

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{
    AlarmType, ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricDatum, MetricStat, ScanBy, StandardUnit,
    StateValue, Statistic, StatisticSet,
};
use aws_smithy_types::DateTime;
use serde_json::json;

use crate::talk::{Failed, Talk, none};

/// 2026-11-23T00:00:00Z.
const MIDNIGHT: i64 = 1_795_392_000;

pub(crate) async fn run(talk: &Talk) -> Result<(), Failed> {
    put(talk).await?;
    get(talk).await?;
    alarm(talk).await?;
    composite(talk).await
}

fn minute(number: i64) -> DateTime {
    DateTime::from_secs(MIDNIGHT + number * 60)
}

fn orders() -> Dimension {
    Dimension::builder().name("Queue").value("orders").build()
}

async fn put(talk: &Talk) -> Result<(), Failed> {
    let waiting = || MetricDatum::builder().metric_name("Waiting").dimensions(orders());
    let many = waiting().timestamp(minute(10));
    let many = many.set_values(Some(vec![10.0, 20.0, 30.0, 40.0])).set_counts(Some(vec![1.0, 2.0, 3.0, 4.0])).build();
    let one = waiting().timestamp(minute(11)).value(5.0).unit(StandardUnit::Count).build();
    let set = StatisticSet::builder().sample_count(4.0).sum(100.0).minimum(10.0).maximum(40.0).build();
    let done = MetricDatum::builder().metric_name("Done").dimensions(orders()).timestamp(minute(10));
    let data = vec![many, one, done.statistic_values(set).build()];
    let answer = talk.cloudwatch.put_metric_data().namespace("Shop").set_metric_data(Some(data)).send().await;
    talk.tell("PutMetricData", answer, none)?;
    Ok(())
}

fn query(id: &str, stat: &str, metric: &str) -> MetricDataQuery {
    let metric = Metric::builder().namespace("Shop").metric_name(metric).dimensions(orders()).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

async fn get(talk: &Talk) -> Result<(), Failed> {
    let ask = |queries: Vec<MetricDataQuery>| {
        let call = talk.cloudwatch.get_metric_data().set_metric_data_queries(Some(queries));
        call.start_time(minute(9)).end_time(minute(13)).scan_by(ScanBy::TimestampAscending)
    };
    let (count, done) = (query("count", "SampleCount", "Waiting"), query("done", "Sum", "Done"));
    let call = ask(vec![query("average", "Average", "Waiting"), count.clone(), done.clone()]);
    talk.tell(
        "GetMetricData",
        call.send().await,
        |o| json!({ "MetricDataResults.0.Values.0": first(o, 0), "MetricDataResults.1.Values.0": first(o, 1) }),
    )?;

    let each = MetricDataQuery::builder().id("each").expression("done / count").label("per sample").build();
    let call = ask(vec![query("p95", "p95", "Waiting"), count, done, each]);
    talk.tell("GetMetricData", call.send().await, |o| {
        let label = o.metric_data_results().get(3).and_then(|r| r.label());
        json!({ "MetricDataResults.3.Label": label, "MetricDataResults.3.Values.0": first(o, 3) })
    })?;
    Ok(())
}

fn first(output: &GetMetricDataOutput, index: usize) -> Option<f64> {
    output.metric_data_results().get(index)?.values().first().copied()
}

async fn alarm(talk: &Talk) -> Result<(), Failed> {
    let call = talk.cloudwatch.put_metric_alarm().alarm_name("orders-waiting").alarm_description("orders wait");
    let call = call.namespace("Shop").metric_name("Waiting").dimensions(orders()).statistic(Statistic::Average);
    let call = call.period(60).evaluation_periods(3).datapoints_to_alarm(2).threshold(25.0);
    let call = call.comparison_operator(ComparisonOperator::GreaterThanThreshold).treat_missing_data("notBreaching");
    talk.tell("PutMetricAlarm", call.send().await, none)?;

    let answer = talk.cloudwatch.describe_alarms().alarm_names("orders-waiting").send().await;
    talk.tell("DescribeAlarms", answer, |o| {
        let alarm = o.metric_alarms().first();
        json!({
            "MetricAlarms.0.TreatMissingData": alarm.and_then(|a| a.treat_missing_data()),
            "MetricAlarms.0.Threshold": alarm.and_then(|a| a.threshold()),
        })
    })?;
    talk.tell("DescribeAlarms", talk.cloudwatch.describe_alarms().max_records(1).send().await, none)?;

    let set = || talk.cloudwatch.set_alarm_state().state_reason("a test");
    let call = set().alarm_name("orders-waiting").state_value(StateValue::Alarm);
    talk.tell("SetAlarmState", call.state_reason_data(r#"{"by":"a test"}"#).send().await, none)?;
    let call = set().alarm_name("nobody").state_value(StateValue::Ok);
    talk.tell("SetAlarmState", call.send().await, none)?;
    Ok(())
}

async fn composite(talk: &Talk) -> Result<(), Failed> {
    let rule = r#"ALARM("orders-waiting") OR ALARM("web-cpu-high")"#;
    let answer = talk.cloudwatch.put_composite_alarm().alarm_name("shop").alarm_rule(rule).send().await;
    talk.tell("PutCompositeAlarm", answer, none)?;

    let both = || {
        let call = talk.cloudwatch.describe_alarms().alarm_names("orders-waiting").alarm_names("shop");
        call.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm)
    };
    talk.tell("DescribeAlarms", both().send().await, |o| {
        json!({
            "MetricAlarms.0.StateReason": o.metric_alarms().first().and_then(|a| a.state_reason()),
            "CompositeAlarms.0.AlarmName": o.composite_alarms().first().and_then(|a| a.alarm_name()),
        })
    })?;
    talk.tell("DeleteAlarms", talk.cloudwatch.delete_alarms().alarm_names("shop").send().await, none)?;
    talk.tell("DescribeAlarms", both().send().await, |o| {
        let names: Vec<_> = o.composite_alarms().iter().map(|a| a.alarm_name()).collect();
        json!({ "CompositeAlarms": names })
    })?;
    Ok(())
}
