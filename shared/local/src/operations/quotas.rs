//! Service Quotas: Fargate's vCPU quota, the one that this world knows.

use headroom_simulator::tasks::UNLIMITED_VCPU;

use super::call::{Answer, Call, Operation};
use super::page::Paging;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// What is served.
pub(super) const OPERATIONS: &[Operation] =
    &[Operation::reads("GetServiceQuota", get), Operation::reads("ListServiceQuotas", list)];

const SERVICE: &str = "fargate";
/// "Fargate On-Demand vCPU resource count" (Amazon ECS endpoints and quotas).
const CODE: &str = "L-3032A538";

const PAGING: Paging = Paging {
    size: "MaxResults",
    token: "NextToken",
    usual: 100,
    most: 100,
    bad_token: "InvalidPaginationTokenException",
    bad_size: "IllegalArgumentException",
};

fn missing(name: &str) -> Failure {
    Failure::sender("IllegalArgumentException", format!("{name} is required."))
}

fn absent() -> Failure {
    Failure::sender("NoSuchResourceException", "The request failed because the specified service quota does not exist.")
}

fn get(call: &mut Call<'_>) -> Answer {
    let (service, code) = (call.input.required("ServiceCode", missing)?, call.input.required("QuotaCode", missing)?);
    if service != SERVICE || code != CODE {
        return Err(absent());
    }
    Ok(Map::new().with("Quota", quota(call)).into())
}

fn list(call: &mut Call<'_>) -> Answer {
    if call.input.required("ServiceCode", missing)? != SERVICE {
        return Err(absent());
    }
    let wanted = call.input.text("QuotaCode")?;
    let quotas = if wanted.is_none_or(|code| code == CODE) { vec![quota(call)] } else { Vec::new() };
    let (page, next) = PAGING.page(call.input, quotas)?;
    Ok(Map::new().with("Quotas", page).with("NextToken", next).into())
}

fn quota(call: &Call<'_>) -> Value {
    let account = call.world.read(|all| all.iter().find(|s| call.is_here(s)).map(|s| s.account));
    let limit = account.and_then(|account| call.world.limits(account, |limits| limits.vcpu_quota)).flatten();
    let dimensions = Map::new()
        .with("Class", "Standard/OnDemand")
        .with("Resource", "vCPU")
        .with("Service", "Fargate")
        .with("Type", "Resource");
    let usage = Map::new()
        .with("MetricNamespace", "AWS/Usage")
        .with("MetricName", "ResourceCount")
        .with("MetricDimensions", dimensions)
        .with("MetricStatisticRecommendation", "Maximum");
    Map::new()
        .with("ServiceCode", SERVICE)
        .with("ServiceName", "AWS Fargate")
        .with("QuotaArn", call.place.arn("servicequotas", &format!("{SERVICE}/{CODE}")))
        .with("QuotaCode", CODE)
        .with("QuotaName", "Fargate On-Demand vCPU resource count")
        .with("Value", limit.unwrap_or(UNLIMITED_VCPU))
        .with("Unit", "None")
        .with("Adjustable", true)
        .with("GlobalQuota", false)
        .with("UsageMetric", usage)
        .with("QuotaAppliedAtLevel", "ACCOUNT")
        .into()
}
