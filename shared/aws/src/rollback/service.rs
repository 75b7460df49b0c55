//! The service with its controller and target groups.

use aws_sdk_ecs::types::{DeploymentControllerType, Service};
use headroom_core::id::ServiceId;
use headroom_core::rollback::ECS;
use headroom_core::seen::{Reading, ServiceSeen};
use headroom_pipeline::{PortError, Retry};
use jiff::Timestamp;

use crate::ask;
use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "ecs DescribeServices";

/// What stands behind a service's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) service: Reading<ServiceSeen>,
    pub(super) controller: String,
    /// ARNs of its target groups, in the order of its load balancers.
    pub(super) target_groups: Vec<String>,
}

pub(super) async fn service(aws: &Aws, id: &ServiceId) -> Result<Found, PortError> {
    let answer = aws.ecs().describe_services().cluster(&id.cluster).services(&id.service).send().await;
    let answer = answer.map_err(|error| failed(PLACE, &error))?;
    if let Some(service) = answer.services().iter().find(|s| s.service_name() == Some(&id.service)) {
        return found(service);
    }
    match answer.failures().first().and_then(|f| f.reason()) {
        Some("MISSING") => {
            Ok(Found { service: Reading::Absent, controller: ECS.to_owned(), target_groups: Vec::new() })
        }
        other => Err(PortError {
            place: PLACE.to_owned(),
            cause: format!("{}: {}", id.service, other.unwrap_or("not answered")),
            retry: Retry::Later,
        }),
    }
}

fn found(service: &Service) -> Result<Found, PortError> {
    let inactive = service.status() == Some("INACTIVE");
    let kind = service.deployment_controller().map(|c| c.r#type().clone());
    Ok(Found {
        service: if inactive { Reading::Absent } else { Reading::Known(ask::seen(service)?) },
        controller: kind.unwrap_or(DeploymentControllerType::Ecs).as_str().to_owned(),
        target_groups: service
            .load_balancers()
            .iter()
            .filter_map(|b| b.target_group_arn().map(str::to_owned))
            .collect(),
    })
}

/// A time of AWS.
pub(super) fn time(at: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}
