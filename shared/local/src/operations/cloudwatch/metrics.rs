//! Metrics, put and read.

use headroom_simulator::cloudwatch::{
    Datum, GetMetricData, MetricDataQuery, MetricDataResult, Queried, Sample, ScanBy, Summary,
};

use super::common::{dimensions, metric_stat, missing, place, refused, validation, wrong};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call};
use crate::value::{Map, Value};

/// GetMetricData takes no more queries (AWS_FACTS 3.3).
const QUERIES_MAX: usize = 500;

/// PutMetricData.
pub(super) fn put(call: &mut Call<'_>) -> Answer {
    let namespace = call.input.required("Namespace", missing)?.into_owned();
    let data = call.input.maps("MetricData")?.into_iter().map(datum).collect::<Result<Vec<_>, _>>()?;
    call.world.put_metric_data(&place(call), &namespace, data).map_err(|e| refused(&e))?;
    Ok(Value::Null)
}

fn datum(map: &Map) -> Result<Datum, Failure> {
    let name = map.required("MetricName", missing)?.into_owned();
    let (value, values, set) = (map.number("Value")?, map.list("Values")?, map.map("StatisticValues")?);
    let sample = match (value, values, set) {
        (Some(value), [], None) => Sample::Value(value),
        (None, values, None) if !values.is_empty() => Sample::Values(counted(map, values)?),
        (None, [], Some(set)) => Sample::Statistics(summary(set)?),
        (None, [], None) => return Err(missing("Value")),
        (Some(_), _, _) | (None, _, Some(_)) | (None, [_, ..], None) => {
            let words = "Only one of the parameters Value, Values and StatisticValues may be given.";
            return Err(Failure::sender("InvalidParameterCombinationException", words));
        }
    };
    let at = map.time("Timestamp")?.map(|at| at.floor() as i64);
    Ok(Datum { name, dimensions: dimensions(map)?, at, sample })
}

fn counted(map: &Map, values: &[Value]) -> Result<Vec<(f64, f64)>, Failure> {
    let counts = map.list("Counts")?;
    if !counts.is_empty() && counts.len() != values.len() {
        let words = "The parameters Values and Counts must have as many members.";
        return Err(Failure::sender("InvalidParameterCombinationException", words));
    }
    let number = |v: &Value| v.as_number().ok_or_else(|| wrong("Values", &format!("{v:?}")));
    let pair = |(i, value): (usize, &Value)| Ok((number(value)?, counts.get(i).map_or(Ok(1.0), number)?));
    values.iter().enumerate().map(pair).collect()
}

fn summary(set: &Map) -> Result<Summary, Failure> {
    let number = |name| set.number(name)?.ok_or_else(|| missing(name));
    Ok(Summary { count: number("SampleCount")?, sum: number("Sum")?, min: number("Minimum")?, max: number("Maximum")? })
}

/// GetMetricData.
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let queries = call.input.maps("MetricDataQueries")?;
    if queries.is_empty() {
        return Err(missing("MetricDataQueries"));
    }
    if queries.len() > QUERIES_MAX {
        return Err(validation(format!("The collection MetricDataQueries must not have a size over {QUERIES_MAX}.")));
    }
    let second = |name: &str| call.input.time(name)?.map(|at| at.floor() as i64).ok_or_else(|| missing(name));
    let scan_by = match call.input.text("ScanBy")?.as_deref() {
        None | Some("TimestampDescending") => ScanBy::TimestampDescending,
        Some("TimestampAscending") => ScanBy::TimestampAscending,
        Some(other) => return Err(wrong("ScanBy", other)),
    };
    let most = call.input.integer("MaxDatapoints")?;
    let request = GetMetricData {
        queries: queries.into_iter().map(query).collect::<Result<Vec<_>, _>>()?,
        start: second("StartTime")?,
        end: second("EndTime")?,
        scan_by,
        max_datapoints: most
            .map(|n| usize::try_from(n).map_err(|_| wrong("MaxDatapoints", &n.to_string())))
            .transpose()?,
        next_token: call.input.text("NextToken")?.map(|token| token.into_owned()),
    };
    let answer = call.world.get_metric_data(&place(call), request).map_err(|e| refused(&e))?;
    Ok(Map::new()
        .with("MetricDataResults", Value::list(answer.results.into_iter().map(shown)))
        .with("NextToken", answer.next_token)
        .with("Messages", Vec::<Value>::new())
        .into())
}

/// MetricDataQuery.
pub(super) fn query(map: &Map) -> Result<MetricDataQuery, Failure> {
    let queried = match (map.map("MetricStat")?, map.text("Expression")?) {
        (Some(stat), None) => Queried::Stat(metric_stat(stat)?),
        (None, Some(expression)) => Queried::Expression(expression.into_owned()),
        (None, None) | (Some(_), Some(_)) => {
            return Err(validation("Exactly one of MetricStat and Expression must be given."));
        }
    };
    Ok(MetricDataQuery {
        id: map.required("Id", missing)?.into_owned(),
        queried,
        label: map.text("Label")?.map(|label| label.into_owned()),
        return_data: map.flag("ReturnData")?.unwrap_or(true),
    })
}

fn shown(result: MetricDataResult) -> Map {
    Map::new()
        .with("Id", result.id)
        .with("Label", result.label)
        .with("Timestamps", Value::list(result.timestamps.into_iter().map(Value::second)))
        .with("Values", result.values)
        .with("StatusCode", result.status.name())
        .with("Messages", Vec::<Value>::new())
}
