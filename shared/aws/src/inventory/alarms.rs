//! Every alarm of the account and region, a hundred a page.

use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, CompositeAlarm, Dimension, Metric, MetricAlarm};
use headroom_core::fleet::draft::{Comparison, FoundAlarm, FoundMetric, Watched};

use super::clients::Clients;
use super::progress::{Counted, Progress};
use crate::person::Failure;

const CALL: &str = "cloudwatch:DescribeAlarms";
/// DescribeAlarms gives no more a page.
const A_PAGE: i32 = 100;
/// A hundred thousand alarms.
const PAGES: u32 = 1_000;
/// What the ARN of a scaling policy has: `arn:aws:autoscaling:<region>:<account>:scalingPolicy:...`.
const OF_SCALING_POLICY: &str = ":scalingPolicy:";

pub(crate) async fn alarms(clients: &Clients, tell: &dyn Fn(Progress)) -> Result<Vec<FoundAlarm>, Failure> {
    with_account(clients, tell).await.map(|(_, alarms)| alarms)
}

/// The alarms, and the account that their ARNs name.
pub(crate) async fn with_account(
    clients: &Clients,
    tell: &dyn Fn(Progress),
) -> Result<(Option<String>, Vec<FoundAlarm>), Failure> {
    let mut account = None;
    let counted = Counted::new("alarms", None, tell);
    let mut alarms = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = clients
            .cloudwatch
            .describe_alarms()
            // Without types AWS answers with metric alarms only.
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(A_PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| clients.failed(CALL, &error))?;
        counted.add(page.metric_alarms().len() + page.composite_alarms().len());
        let arns = page.metric_alarms().iter().map(MetricAlarm::alarm_arn);
        let arns = arns.chain(page.composite_alarms().iter().map(CompositeAlarm::alarm_arn));
        account = account.or_else(|| arns.flatten().find_map(|arn| arn.split(':').nth(4)).map(str::to_owned));
        alarms.extend(page.metric_alarms().iter().filter_map(metric));
        alarms.extend(page.composite_alarms().iter().filter_map(composite));
        token = page.next_token;
        if token.is_none() {
            return Ok((account, alarms));
        }
    }
    Err(Failure::unusable(CALL, format!("more than {PAGES} pages")))
}

fn metric(alarm: &MetricAlarm) -> Option<FoundAlarm> {
    let queried: Vec<FoundMetric> = alarm
        .metrics()
        .iter()
        .filter_map(|query| query.metric_stat()?.metric())
        .map(|m: &Metric| named(m.namespace(), m.metric_name(), m.dimensions()))
        .collect();
    let watches = match (alarm.metric_name(), queried.as_slice()) {
        (Some(name), _) => one(alarm, named(alarm.namespace(), Some(name), alarm.dimensions()), alarm.period()),
        // The long form of one metric.
        (None, [only]) if alarm.metrics().len() == 1 => {
            let period = alarm.metrics().iter().find_map(|query| query.metric_stat()?.period());
            one(alarm, only.clone(), period)
        }
        (None, _) => Watched::Math { metrics: queried },
    };
    let actions = [alarm.alarm_actions(), alarm.ok_actions(), alarm.insufficient_data_actions()];
    let scales = actions.into_iter().flatten().any(|action| action.contains(OF_SCALING_POLICY));
    Some(FoundAlarm { name: alarm.alarm_name()?.to_owned(), watches, scales })
}

fn one(alarm: &MetricAlarm, metric: FoundMetric, period: Option<i32>) -> Watched {
    let count = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
    let of = count(alarm.evaluation_periods());
    let breaching = alarm.datapoints_to_alarm().map_or(of, |n| count(Some(n)));
    let comparison = match alarm.comparison_operator() {
        Some(ComparisonOperator::GreaterThanThreshold | ComparisonOperator::GreaterThanOrEqualToThreshold) => {
            Comparison::Above
        }
        Some(ComparisonOperator::LessThanThreshold | ComparisonOperator::LessThanOrEqualToThreshold) => {
            Comparison::Below
        }
        Some(_) | None => Comparison::Other,
    };
    let datapoints = (breaching, of, count(period));
    Watched::Metric { metric, comparison, threshold: alarm.threshold(), datapoints }
}

fn named(namespace: Option<&str>, name: Option<&str>, dimensions: &[Dimension]) -> FoundMetric {
    let pairs = dimensions.iter().filter_map(|d| Some((d.name()?.to_owned(), d.value()?.to_owned())));
    FoundMetric {
        namespace: namespace.unwrap_or_default().to_owned(),
        name: name.unwrap_or_default().to_owned(),
        dimensions: pairs.collect(),
    }
}

fn composite(alarm: &CompositeAlarm) -> Option<FoundAlarm> {
    let watches = Watched::Composite { rule: alarm.alarm_rule().unwrap_or_default().to_owned() };
    Some(FoundAlarm { name: alarm.alarm_name()?.to_owned(), watches, scales: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder;
    use aws_sdk_cloudwatch::types::{MetricDataQuery, MetricStat};

    fn dimensions() -> [Dimension; 2] {
        let one = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
        [one("ClusterName", "c"), one("ServiceName", "web")]
    }

    fn alarm() -> MetricAlarmBuilder {
        MetricAlarm::builder()
            .alarm_name("web-cpu")
            .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
            .threshold(85.0)
            .evaluation_periods(3)
            .datapoints_to_alarm(2)
    }

    fn query(id: &str) -> MetricDataQuery {
        let metric = Metric::builder().namespace("AWS/ECS").metric_name("CPUUtilization");
        let metric = metric.set_dimensions(Some(dimensions().to_vec())).build();
        let stat = MetricStat::builder().metric(metric).period(60).stat("Average").build();
        MetricDataQuery::builder().id(id).metric_stat(stat).build()
    }

    #[test]
    fn both_forms_of_one_metric_are_the_same() {
        let short = alarm()
            .namespace("AWS/ECS")
            .metric_name("CPUUtilization")
            .set_dimensions(Some(dimensions().to_vec()))
            .period(60)
            .build();
        let short = metric(&short).unwrap();
        assert_eq!(metric(&alarm().metrics(query("m")).build()), Some(short.clone()));
        let Watched::Metric { metric, comparison, threshold, datapoints } = short.watches else { panic!("one metric") };
        assert_eq!(metric.dimensions.len(), 2);
        assert_eq!((comparison, threshold, datapoints), (Comparison::Above, Some(85.0), (2, 3, 60)));
    }

    #[test]
    fn an_expression_keeps_its_metrics() {
        let expression = MetricDataQuery::builder().id("e").expression("m / 2").build();
        let math = metric(&alarm().metrics(query("m")).metrics(expression).build()).unwrap();
        assert!(matches!(math.watches, Watched::Math { metrics } if metrics.len() == 1));
    }

    #[test]
    fn an_alarm_with_a_scaling_policy_is_application_auto_scalings() {
        let arn = "arn:aws:autoscaling:r:1:scalingPolicy:id:resource/ecs/service/c/web:policyName/out";
        assert!(metric(&alarm().ok_actions(arn).build()).unwrap().scales);
        assert!(!metric(&alarm().alarm_actions("arn:aws:sns:r:1:ops").build()).unwrap().scales);
    }
}
