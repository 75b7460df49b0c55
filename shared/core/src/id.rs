//! Identifiers, made once at the edge; inside, a name can no longer be mistaken for another.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fleet::Service;
use crate::signal::Identity;

/// One ECS service in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceId {
    /// Twelve digits.
    pub account: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// ECS cluster name.
    pub cluster: String,
    /// ECS service name.
    pub service: String,
}

impl ServiceId {
    /// The identity of a service of the fleet.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self {
            account: service.account.clone(),
            region: service.region.clone(),
            cluster: service.cluster.clone(),
            service: service.service.clone(),
        }
    }

    /// Reads back the partition key that [`fmt::Display`] writes.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix("S#")?.split('#').map(str::to_owned);
        let id = Self { account: parts.next()?, region: parts.next()?, cluster: parts.next()?, service: parts.next()? };
        parts.next().is_none().then_some(id)
    }

    /// The scalable target's resource id: `service/<cluster>/<service>`.
    #[must_use]
    pub fn resource_id(&self) -> String {
        format!("service/{}/{}", self.cluster, self.service)
    }
}

impl fmt::Display for ServiceId {
    /// The partition key of the service's state: `S#account#region#cluster#service`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S#{}#{}#{}#{}", self.account, self.region, self.cluster, self.service)
    }
}

/// What makes two deliveries the same case (SEMANTICS 16): the transition itself, never a message id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseKey(pub String);

impl CaseKey {
    /// The key of one alarm transition for one service and remedy.
    #[must_use]
    pub fn of_transition(alarm_arn: &str, firing: bool, at: Timestamp, service: &ServiceId, remedy: &str) -> Self {
        Self(hash(&[
            "alarm",
            alarm_arn,
            if firing { "firing" } else { "quiet" },
            &at.as_millisecond().to_string(),
            &service.to_string(),
            remedy,
        ]))
    }

    /// The key of any other event for one service and remedy.
    #[must_use]
    pub fn of_event(identity: &Identity, service: &ServiceId, remedy: &str) -> Self {
        let service = service.to_string();
        let mut parts = identity.parts();
        parts.extend([service.as_str(), remedy]);
        Self(hash(&parts))
    }

    /// The key of an event that is matched to nothing: only for comparing two deliveries of it.
    #[must_use]
    pub fn unmatched(identity: &Identity) -> Self {
        Self(hash(&identity.parts()))
    }

    /// The key of one change that the reconciler makes: the service and the generation that it starts from.
    #[must_use]
    pub fn of_pass(service: &ServiceId, generation: u64) -> Self {
        Self(hash(&["pass", &service.to_string(), &generation.to_string()]))
    }

    /// The key under which a deferred case is judged again; a second delivery maps to the same one.
    #[must_use]
    pub fn later(&self) -> Self {
        Self(format!("{}/later", self.0))
    }

    /// The short id that people read and type.
    #[must_use]
    pub fn decision(&self) -> DecisionId {
        DecisionId(format!("D-{}", short(&self.0)))
    }
}

impl fmt::Display for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A decision as people type it: `D-5H2WC`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(pub String);

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A capacity lease as people type it, `L-8TM4R`: one per source, so that repeats renew and never stack.
#[must_use]
pub fn lease_id(service: &ServiceId, source: &str) -> String {
    format!("L-{}", short(&hash(&["lease", &service.to_string(), source])))
}

/// SHA-256 over length-prefixed parts, in hex: no two lists of parts share a text.
fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut out = String::with_capacity(64);
    for byte in digest.finalize() {
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
    out
}

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Crockford's alphabet: no I, L, O, U, so that an id read aloud at night is typed right.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five characters: 33 million ids; the journal holds the whole key beside it.
const SHORT_CHARS: usize = 5;

fn short(text: &str) -> String {
    let mut n = 0_u64;
    for byte in Sha256::digest(text.as_bytes()).iter().take(8) {
        n = n << 8 | u64::from(*byte);
    }
    (0..SHORT_CHARS)
        .map(|i| {
            let five_bits = (n >> (5 * i)) & 31;
            CROCKFORD.get(usize::try_from(five_bits).unwrap_or_default()).map_or('0', |b| char::from(*b))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web() -> ServiceId {
        ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() }
    }

    #[test]
    fn a_state_key_reads_back_to_the_same_service() {
        assert_eq!(ServiceId::from_key(&web().to_string()), Some(web()));
        assert_eq!(ServiceId::from_key("S#1#r#c"), None);
        assert_eq!(ServiceId::from_key("C#1#r#c#s"), None);
    }

    #[test]
    fn the_same_transition_has_one_key_and_any_other_has_another() {
        let at = Timestamp::from_millisecond(1_000).unwrap();
        let key = |arn: &str, firing, at, remedy: &str| CaseKey::of_transition(arn, firing, at, &web(), remedy);
        assert_eq!(key("a", true, at, "r"), key("a", true, at, "r"));
        let next = Timestamp::from_millisecond(1_001).unwrap();
        for other in
            [key("b", true, at, "r"), key("a", false, at, "r"), key("a", true, next, "r"), key("a", true, at, "q")]
        {
            assert_ne!(key("a", true, at, "r"), other);
        }
    }

    #[test]
    fn ids_that_people_type_hold_no_character_that_is_misread() {
        let id = CaseKey("x".into()).decision().0;
        assert_eq!(id.len(), 7);
        assert!(id.chars().skip(2).all(|c| c.is_ascii_alphanumeric() && !"ILOU".contains(c)), "{id}");
    }
}
