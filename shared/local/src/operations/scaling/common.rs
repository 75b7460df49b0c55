//! Members that all operations share: namespace, resource, dimension.

use headroom_simulator::service::Service;

use crate::failure::Failure;
use crate::operations::call::Call;
use crate::operations::page::Paging;
use crate::place::Place;
use crate::value::Map;

/// ServiceNamespace.
pub(super) const NAMESPACE: &str = "ecs";
/// ScalableDimension.
pub(super) const DIMENSION: &str = "ecs:service:DesiredCount";

/// Pages of the service's lists.
pub(super) const PAGING: Paging = Paging {
    size: "MaxResults",
    token: "NextToken",
    usual: 50,
    most: 50,
    bad_token: "InvalidNextTokenException",
    bad_size: "ValidationException",
};

/// ValidationException, as the service words a violated constraint.
pub(super) fn validation(message: impl Into<String>) -> Failure {
    Failure::sender("ValidationException", message)
}

/// A missing member.
pub(super) fn missing(name: &str) -> Failure {
    let mut member = name.to_owned();
    if let Some(first) = member.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The namespace must be ECS's: nothing else is in this world.
pub(super) fn namespace(input: &Map) -> Result<(), Failure> {
    let found = input.required("ServiceNamespace", missing)?;
    if found == NAMESPACE {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value '{found}' at 'serviceNamespace' failed to satisfy constraint: Member must \
         satisfy enum value set: [{NAMESPACE}]"
    )))
}

/// The dimension, where it is named.
pub(super) fn dimension(input: &Map) -> Result<(), Failure> {
    match input.text("ScalableDimension")? {
        Some(found) if found != DIMENSION => {
            Err(validation(format!("Unsupported service namespace, resource type or scalable dimension: {found}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// The service behind a resource id, for calls that name one of namespace, resource and dimension.
pub(super) fn resource(call: &Call<'_>) -> Result<(usize, String), Failure> {
    namespace(call.input)?;
    call.input.required("ScalableDimension", missing)?;
    dimension(call.input)?;
    let id = call.input.required("ResourceId", missing)?.into_owned();
    let index = by_id(call, &id)?.ok_or_else(|| validation(format!("ECS service doesn't exist: {id}")))?;
    Ok((index, id))
}

/// The service of `service/cluster/name`.
pub(super) fn by_id(call: &Call<'_>, id: &str) -> Result<Option<usize>, Failure> {
    match id.split('/').collect::<Vec<_>>().as_slice() {
        ["service", cluster, name] => Ok(call.service(cluster, name)),
        _ => Err(validation(format!("Unsupported service namespace, resource type or scalable dimension: {id}"))),
    }
}

/// ARN of a scalable target: its id follows from what it is the target of.
pub(super) fn target_arn(service: &Service) -> String {
    let id = &service.spec.id;
    let hash = id
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    Place::of(id).arn("application-autoscaling", &format!("scalable-target/0ec5{hash:016x}"))
}

/// The service-linked role that AWS always uses for ECS (AWS_FACTS 2.1).
pub(super) fn role(service: &Service) -> String {
    format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        service.spec.id.account
    )
}
