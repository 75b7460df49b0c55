//! Alarms, put.

use headroom_simulator::cloudwatch::{
    Actions, Comparison, MetricKey, MetricStat, Missing, PutCompositeAlarm, PutMetricAlarm, Suppressor, Watched,
};

use super::common::{dimensions, missing, place, refused, statistic, validation, wrong};
use super::metrics::query;
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// Period of an alarm on one metric, which the request need not repeat on an update; here it must.
const PERIOD: &str = "Period";

/// PutMetricAlarm.
pub(super) fn metric(call: &mut Call<'_>) -> Answer {
    let input = call.input;
    for name in ["ThresholdMetricId", "EvaluationCriteria", "EvaluationWindow", "WarmUpConfiguration"] {
        if input.has(name) {
            return Err(validation(format!("{name} is not simulated.")));
        }
    }
    let operator = input.required("ComparisonOperator", missing)?;
    let treat = input.text("TreatMissingData")?;
    let low = input.text("EvaluateLowSampleCountPercentile")?;
    let put = PutMetricAlarm {
        name: input.required("AlarmName", missing)?.into_owned(),
        description: input.text("AlarmDescription")?.map(|text| text.into_owned()),
        actions: actions(input)?,
        watched: watched(input)?,
        comparison: Comparison::from_name(&operator).ok_or_else(|| wrong("ComparisonOperator", &operator))?,
        threshold: input.number("Threshold")?.ok_or_else(|| missing("Threshold"))?,
        evaluation_periods: input.count("EvaluationPeriods")?.ok_or_else(|| missing("EvaluationPeriods"))?,
        datapoints_to_alarm: input.count("DatapointsToAlarm")?,
        missing: treat.map(|t| Missing::from_name(&t).ok_or_else(|| wrong("TreatMissingData", &t))).transpose()?,
        low_samples_ignored: low.as_deref() == Some("ignore"),
        tags: tags(input)?,
    };
    call.world.put_metric_alarm(&place(call), put).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}

/// One metric, or metric math.
fn watched(input: &Map) -> Result<Watched, Failure> {
    let math = input.maps("Metrics")?;
    if !math.is_empty() {
        if input.has("MetricName") {
            return Err(validation("Metrics and MetricName exclude each other."));
        }
        return math.into_iter().map(query).collect::<Result<_, _>>().map(Watched::Math);
    }
    let stat = match (input.text("Statistic")?, input.text("ExtendedStatistic")?) {
        (Some(stat), None) | (None, Some(stat)) => statistic(&stat)?,
        (None, None) => return Err(missing("Statistic")),
        (Some(_), Some(_)) => return Err(validation("Statistic and ExtendedStatistic exclude each other.")),
    };
    let namespace = input.required("Namespace", missing)?.into_owned();
    let name = input.required("MetricName", missing)?.into_owned();
    let metric = MetricKey::with(namespace, name, dimensions(input)?);
    let period = input.count(PERIOD)?.ok_or_else(|| missing(PERIOD))?;
    Ok(Watched::Metric(MetricStat { metric, statistic: stat, period }))
}

fn actions(input: &Map) -> Result<Actions, Failure> {
    Ok(Actions {
        enabled: input.flag("ActionsEnabled")?.unwrap_or(true),
        ok: input.texts("OKActions")?,
        alarm: input.texts("AlarmActions")?,
        insufficient_data: input.texts("InsufficientDataActions")?,
    })
}

fn tags(input: &Map) -> Result<Vec<(String, String)>, Failure> {
    let pair =
        |t: &Map| Ok((t.required("Key", missing)?.into_owned(), t.text("Value")?.unwrap_or_default().into_owned()));
    input.maps("Tags")?.into_iter().map(pair).collect()
}

/// PutCompositeAlarm.
pub(super) fn composite(call: &mut Call<'_>) -> Answer {
    let input = call.input;
    let seconds = |name: &str| input.count(name)?.ok_or_else(|| missing(name));
    let suppressor = match input.text("ActionsSuppressor")? {
        None => None,
        Some(alarm) => Some(Suppressor {
            alarm: alarm.into_owned(),
            wait: seconds("ActionsSuppressorWaitPeriod")?,
            extension: seconds("ActionsSuppressorExtensionPeriod")?,
        }),
    };
    let put = PutCompositeAlarm {
        name: input.required("AlarmName", missing)?.into_owned(),
        description: input.text("AlarmDescription")?.map(|text| text.into_owned()),
        actions: actions(input)?,
        rule: input.required("AlarmRule", missing)?.into_owned(),
        suppressor,
        tags: tags(input)?,
    };
    call.world.put_composite_alarm(&place(call), put).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}
