//! The calls that take a deployment back. Sent once each; the SDK never repeats them.

use std::error::Error;

use aws_sdk_ecs::types::{DeploymentLifecycleHookAction, StopServiceDeploymentStopType};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use headroom_core::id::ServiceId;
use headroom_core::rollback::{Call, DeploymentStatus};
use headroom_pipeline::{Disrupted, PortError};

use crate::aws::Aws;
use crate::disrupt::{once, primary};
use crate::error::{failed, unusable};

const READ: &str = "ecs DescribeServiceDeployments";
const STOP: &str = "ecs StopServiceDeployment";
const CONTINUE: &str = "ecs ContinueServiceDeployment";
const UPDATE: &str = "ecs UpdateService";
const STOPPABLE: &str = "PENDING or IN_PROGRESS";

pub(crate) async fn roll_back(aws: &Aws, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
    match call {
        Call::Stop { deployment } => {
            if let Some(conflict) = no_longer_stoppable(aws, service, deployment).await? {
                return Ok(conflict);
            }
            let call = aws.ecs().stop_service_deployment().service_deployment_arn(deployment);
            let call = call.stop_type(StopServiceDeploymentStopType::Rollback);
            let sent = call.customize().config_override(once()).send().await;
            done(STOP, STOPPABLE, sent.map(drop))
        }
        Call::Continue { deployment, hook } => {
            if let Some(conflict) = no_longer_stoppable(aws, service, deployment).await? {
                return Ok(conflict);
            }
            let call = aws.ecs().continue_service_deployment().service_deployment_arn(deployment).hook_id(hook);
            // Without an action AWS goes on with the deployment (TRAPS 11).
            let call = call.action(DeploymentLifecycleHookAction::Rollback);
            let sent = call.customize().config_override(once()).send().await;
            done(CONTINUE, STOPPABLE, sent.map(drop))
        }
        Call::Update { primary: expected, replaces, task_definition } => {
            let found = primary(aws, service).await?;
            // A deployment of somebody else may be primary before it is listed: its task definition tells.
            if !found.as_ref().is_some_and(|p| p.id == *expected && p.task_definition == *replaces) {
                let found = found.map_or_else(
                    || "no primary deployment".to_owned(),
                    |p| format!("{} of {}", p.id, p.task_definition),
                );
                return Ok(Disrupted::Conflict { expected: format!("{expected} of {replaces}"), found });
            }
            let call = aws.ecs().update_service().cluster(&service.cluster).service(&service.service);
            let sent = call.task_definition(task_definition).customize().config_override(once()).send().await;
            done(UPDATE, expected, sent.map(drop))
        }
    }
}

/// A deployment that ended, or a service that somebody else changes, between the look and the call is a conflict: nothing
/// took effect, and the next look finds what became of it (SEMANTICS 10).
fn done<E>(place: &str, expected: &str, sent: Result<(), SdkError<E, HttpResponse>>) -> Result<Disrupted, PortError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match sent {
        Ok(()) => Ok(Disrupted::Done),
        Err(SdkError::ServiceError(service)) if service.err().meta().code() == Some("ConflictException") => {
            let found = service.err().meta().message().unwrap_or("ConflictException").to_owned();
            Ok(Disrupted::Conflict { expected: expected.to_owned(), found })
        }
        Err(error) => Err(failed(place, &error)),
    }
}

/// Read once more, right before: what ended or goes back already is not stopped (SEMANTICS 10).
async fn no_longer_stoppable(aws: &Aws, service: &ServiceId, arn: &str) -> Result<Option<Disrupted>, PortError> {
    let home = format!(":service-deployment/{}/{}/", service.cluster, service.service);
    if !arn.contains(&home) {
        return Err(unusable(STOP, format!("{arn} is no deployment of {}", service.resource_id())));
    }
    let answer = aws.ecs().describe_service_deployments().service_deployment_arns(arn).send().await;
    let answer = answer.map_err(|error| failed(READ, &error))?;
    let found = answer.service_deployments().first().and_then(|d| d.status()).map(|s| s.as_str().to_owned());
    let stoppable = found.as_deref().and_then(DeploymentStatus::from_name).is_some_and(DeploymentStatus::stoppable);
    Ok((!stoppable).then(|| Disrupted::Conflict {
        expected: STOPPABLE.to_owned(),
        found: found.unwrap_or_else(|| "no such deployment".to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::operation::stop_service_deployment::StopServiceDeploymentError;
    use aws_sdk_ecs::operation::update_service::UpdateServiceError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn refused<E>(error: E) -> SdkError<E, HttpResponse> {
        SdkError::service_error(error, HttpResponse::new(400_u16.try_into().unwrap(), SdkBody::empty()))
    }

    fn meta(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).message("it is SUCCESSFUL").build()
    }

    #[test]
    fn semantics_10_a_conflict_of_either_call_is_none_of_its_failures() {
        let stop = StopServiceDeploymentError::generic(meta("ConflictException"));
        let update = UpdateServiceError::generic(meta("ConflictException"));
        for sent in [done(STOP, STOPPABLE, Err(refused(stop))), done(UPDATE, "ecs-svc/1", Err(refused(update)))] {
            let Ok(Disrupted::Conflict { found, .. }) = sent else { panic!("{sent:?}") };
            assert_eq!(found, "it is SUCCESSFUL");
        }
        let denied = UpdateServiceError::generic(meta("AccessDeniedException"));
        assert!(done(UPDATE, "ecs-svc/1", Err(refused(denied))).is_err());
    }
}
