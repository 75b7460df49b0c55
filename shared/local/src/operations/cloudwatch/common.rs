//! Members that all operations share.

use headroom_simulator::cloudwatch::{CloudWatchError, MetricKey, MetricStat, Place, Statistic};

use crate::failure::Failure;
use crate::operations::call::Call;
use crate::value::Map;

/// Account and region as the world's CloudWatch names them.
pub(super) fn place(call: &Call<'_>) -> Place {
    Place { account: call.place.account.clone(), region: call.place.region.clone() }
}

/// What the world refused.
pub(super) fn refused(error: &CloudWatchError) -> Failure {
    let shape = match error.shape() {
        // The shape of it is the code of the Query protocol; there is none in the service model.
        "ValidationError" => "ValidationException",
        shape => shape,
    };
    Failure { shape, message: error.to_string(), status: error.http_status() }
}

/// ValidationError, for what has no error of its own.
pub(super) fn validation(message: impl Into<String>) -> Failure {
    Failure::sender("ValidationException", message)
}

/// A missing member.
pub(super) fn missing(name: &str) -> Failure {
    Failure::sender("MissingRequiredParameterException", format!("The parameter {name} is required."))
}

/// A value that is not right.
pub(super) fn wrong(name: &str, value: &str) -> Failure {
    Failure::sender("InvalidParameterValueException", format!("The value {value} for parameter {name} is invalid."))
}

/// Dimensions.
pub(super) fn dimensions(map: &Map) -> Result<Vec<(String, String)>, Failure> {
    let pair = |d: &Map| Ok((d.required("Name", missing)?.into_owned(), d.required("Value", missing)?.into_owned()));
    map.maps("Dimensions")?.into_iter().map(pair).collect()
}

/// A statistic by its name.
pub(super) fn statistic(name: &str) -> Result<Statistic, Failure> {
    Statistic::from_name(name).ok_or_else(|| wrong("Stat", name))
}

/// MetricStat.
pub(super) fn metric_stat(map: &Map) -> Result<MetricStat, Failure> {
    let metric = map.map("Metric")?.ok_or_else(|| missing("Metric"))?;
    let namespace = metric.required("Namespace", missing)?.into_owned();
    let name = metric.required("MetricName", missing)?.into_owned();
    Ok(MetricStat {
        metric: MetricKey::with(namespace, name, dimensions(metric)?),
        statistic: statistic(&map.required("Stat", missing)?)?,
        period: map.count("Period")?.ok_or_else(|| missing("Period"))?,
    })
}
