//! Members that all operations share: namespace, resource, dimension.

use headroom_simulator::deploy::digest_of;
use headroom_simulator::scaling::Refused;
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

/// As [`resource`], where a scalable target must be registered.
pub(super) fn registered(call: &Call<'_>) -> Result<(usize, String), Failure> {
    namespace(call.input)?;
    call.input.required("ScalableDimension", missing)?;
    dimension(call.input)?;
    let id = call.input.required("ResourceId", missing)?.into_owned();
    let index = by_id(call, &id)?;
    let index = index.filter(|i| call.world.read(|all| all.get(*i).is_some_and(|s| s.target.is_registered())));
    let words = format!("No scalable target registered for {}", of(&id));
    Ok((index.ok_or_else(|| Failure::sender("ObjectNotFoundException", words))?, id))
}

/// What AWS's messages name a target by.
pub(super) fn of(id: &str) -> String {
    format!("service namespace: {NAMESPACE}, resource ID: {id}, scalable dimension: {DIMENSION}")
}

/// What the world refused.
pub(super) fn refused(refused: &Refused) -> Failure {
    Failure::sender(refused.code.name(), refused.message.as_str())
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

/// An id that follows from a name, in the form of a UUID.
pub(super) fn uuid(name: &str) -> String {
    let digest = digest_of(name);
    let hex = digest.trim_start_matches("sha256:");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}
