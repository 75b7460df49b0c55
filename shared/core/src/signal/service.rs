//! Which ECS service an event tells of, from the ARNs that it carries.

use super::arn::Arn;
use super::read::Envelope;
use super::refused::NotASignal;
use crate::id::ServiceId;

/// What a service's ARN looks like.
const SERVICE_ARN: &str = "an ARN of an ECS service";

/// The service whose ARN stands at `place`.
///
/// The old format `service/<name>` names no cluster (accounts before 2018 may still have it): then `clusterArn`
/// does, and without that nothing is guessed.
pub(super) fn at(envelope: &Envelope<'_>, place: &'static str) -> Result<ServiceId, NotASignal> {
    let refuse = || envelope.read.refuse(place, SERVICE_ARN);
    let arn = envelope.arn(place, SERVICE_ARN)?;
    let rest = arn.resource.strip_prefix("service/").filter(|_| arn.service == "ecs").ok_or_else(refuse)?;
    let mut parts = rest.split('/');
    let (cluster, service) = match (parts.next(), parts.next(), parts.next()) {
        (Some(cluster), Some(service), None) => (cluster, service),
        (Some(service), None, None) => (cluster(envelope, "detail.clusterArn")?, service),
        _ => return Err(refuse()),
    };
    if cluster.is_empty() || service.is_empty() {
        return Err(refuse());
    }
    if envelope.read.at("detail.clusterArn").is_some() {
        envelope.read.agree(place, cluster, "detail.clusterArn", self::cluster(envelope, "detail.clusterArn")?)?;
    }
    Ok(named(envelope, cluster, service))
}

/// The cluster whose ARN stands at `place`.
pub(super) fn cluster<'a>(envelope: &Envelope<'a>, place: &'static str) -> Result<&'a str, NotASignal> {
    const CLUSTER_ARN: &str = "an ARN of an ECS cluster";
    let arn = envelope.arn(place, CLUSTER_ARN)?;
    let name = arn.resource.strip_prefix("cluster/").filter(|n| arn.service == "ecs" && is_name(n));
    name.ok_or_else(|| envelope.read.refuse(place, CLUSTER_ARN))
}

/// A service of the envelope's account and region.
pub(super) fn named(envelope: &Envelope<'_>, cluster: &str, service: &str) -> ServiceId {
    ServiceId {
        account: envelope.account.to_owned(),
        region: envelope.region.to_owned(),
        cluster: cluster.to_owned(),
        service: service.to_owned(),
    }
}

/// `<prefix>/<cluster>/<service>/<id>`: the service of a deployment or of a revision.
pub(super) fn of_child(arn: &Arn<'_>, prefix: &str) -> Option<ServiceId> {
    let rest = arn.resource.strip_prefix(prefix)?.strip_prefix('/').filter(|_| arn.service == "ecs")?;
    let mut parts = rest.split('/');
    let (cluster, service, id) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && is_name(cluster) && is_name(service) && is_name(id);
    let (account, region) = (arn.account.to_owned(), arn.region.to_owned());
    whole.then(|| ServiceId { account, region, cluster: cluster.to_owned(), service: service.to_owned() })
}

/// One part of a path: there, and no path itself.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(service: &str, cluster: Option<&str>) -> Value {
        json!({ "account": "111122223333", "region": "eu-west-1", "detail": { "clusterArn": cluster },
            "resources": [service] })
    }

    fn read(event: &Value) -> Result<String, String> {
        let envelope = Envelope::read("k", event).unwrap();
        at(&envelope, "resources[0]").map(|s| s.resource_id()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_service_is_read_from_both_formats_of_its_arn() {
        let cluster = Some("arn:aws:ecs:eu-west-1:111122223333:cluster/c");
        let new = "arn:aws:ecs:eu-west-1:111122223333:service/c/s";
        let old = "arn:aws:ecs:eu-west-1:111122223333:service/s";
        for (arn, cluster) in [(new, None), (new, cluster), (old, cluster)] {
            assert_eq!(read(&event(arn, cluster)).as_deref(), Ok("service/c/s"), "{arn}");
        }
        assert!(read(&event(old, None)).is_err(), "no cluster is guessed");
    }

    #[test]
    fn what_is_no_service_of_this_account_is_refused() {
        let cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/other";
        let new = "arn:aws:ecs:eu-west-1:111122223333:service/c/s";
        let why = read(&event(new, Some(cluster))).unwrap_err();
        assert_eq!(why, "k: resources[0] says c, but detail.clusterArn says other");
        for arn in [
            "arn:aws:ecs:eu-west-1:111122223333:task/c/s",
            "arn:aws:ecs:eu-west-1:111122223333:service/c/s/x",
            "arn:aws:ecs:eu-west-1:111122223333:service//s",
            "arn:aws:ecs:eu-west-1:111122223333:service/c/",
            "arn:aws:rds:eu-west-1:111122223333:service/c/s",
            "arn:aws:ecs:eu-west-1:999999999999:service/c/s",
            "arn:aws:ecs:us-east-1:111122223333:service/c/s",
        ] {
            assert!(read(&event(arn, None)).is_err(), "{arn}");
        }
    }
}
