//! Identifiers, made once at the edge; inside, a name can no longer be mistaken for another.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fleet::{Mode, Service};
use crate::rollback::Quarantined;
use crate::signal::{AlarmEvent, Identity};

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
    /// The key of one transition of an alarm, or of a contributor, for one service and remedy: the same by
    /// whatever channel it came. Without a time of its own it counts in the message's id.
    #[must_use]
    pub fn of_alarm(alarm: &AlarmEvent, service: &ServiceId, remedy: &str) -> Self {
        let (mut parts, service) = (alarm.identity(), service.to_string());
        parts.extend([service, remedy.to_owned()]);
        Self(hash(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// The key of any other event for one service and remedy.
    #[must_use]
    pub fn of_event(identity: &Identity, service: &ServiceId, remedy: &str) -> Self {
        let service = service.to_string();
        let mut parts = identity.parts();
        parts.extend([service.as_str(), remedy]);
        Self(hash(&parts))
    }

    /// The key of a watch over one service deployment: the same whatever woke it (SEMANTICS 19).
    #[must_use]
    pub fn of_deployment(deployment: &str, service: &ServiceId, remedy: &str) -> Self {
        Self(hash(&["deployment", deployment, &service.to_string(), remedy]))
    }

    /// The key of an episode: of one topic and service, begun over one generation of its state.
    #[must_use]
    pub fn of_episode(topic: &str, service: &ServiceId, generation: u64) -> Self {
        Self(hash(&["episode", topic, &service.to_string(), &generation.to_string()]))
    }

    /// The key of a release from quarantine: each time in quarantine is released once.
    #[must_use]
    pub fn of_release(service: &ServiceId, revisions: &[Quarantined]) -> Self {
        let service = service.to_string();
        let times: Vec<String> = revisions.iter().map(|q| q.at.as_millisecond().to_string()).collect();
        let mut parts = vec!["release", service.as_str()];
        parts.extend(revisions.iter().zip(&times).flat_map(|(q, at)| [q.revision.as_str(), at]));
        Self(hash(&parts))
    }

    /// The key of an event that is matched to nothing: only for comparing two deliveries of it.
    #[must_use]
    pub fn unmatched(identity: &Identity) -> Self {
        Self(hash(&identity.parts()))
    }

    /// The key of one window of a schedule for one service, in the mode of that time: a window that was recorded only is
    /// granted when its mode changes. `ended` is when an earlier lease of the same window ended.
    #[must_use]
    pub fn of_window(
        service: &ServiceId,
        schedule: &str,
        opens: Timestamp,
        mode: Mode,
        ended: Option<Timestamp>,
    ) -> Self {
        let (service, opens, mode) = (service.to_string(), opens.as_second().to_string(), mode.to_string());
        let ended = ended.map_or_else(String::new, |at| at.as_millisecond().to_string());
        Self(hash(&["window", &service, schedule, &opens, &mode, &ended]))
    }

    /// The key of one change that the reconciler makes: the service and the generation that it starts from.
    #[must_use]
    pub fn of_pass(service: &ServiceId, generation: u64) -> Self {
        Self(hash(&["pass", &service.to_string(), &generation.to_string()]))
    }

    /// The key of one change that a person makes: what they typed, of which service, and which run of it.
    #[must_use]
    pub fn of_person(service: &ServiceId, what: &str, run: &str) -> Self {
        Self(hash(&["person", &service.to_string(), what, run]))
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

impl DecisionId {
    /// The first character of what follows `D-`, one of [`ID_CHARACTERS`]: ids fall into so many parts alike.
    #[must_use]
    pub fn shard(&self) -> String {
        self.0.chars().nth(2).map(String::from).unwrap_or_default()
    }
}

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
pub const ID_CHARACTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
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
            ID_CHARACTERS.chars().nth(usize::try_from(five_bits).unwrap_or_default()).unwrap_or('0')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::signal::AlarmState;
    use crate::signal::alarm::{Contributor, state_change};

    fn web() -> ServiceId {
        ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() }
    }

    #[test]
    fn a_state_key_reads_back_to_the_same_service() {
        assert_eq!(ServiceId::from_key(&web().to_string()), Some(web()));
        assert_eq!(ServiceId::from_key("S#1#r#c"), None);
        assert_eq!(ServiceId::from_key("C#1#r#c#s"), None);
    }

    fn change() -> AlarmEvent {
        let event = serde_json::json!({
            "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
            "account": "222222222222", "region": "eu-west-1", "id": "m1", "time": "2026-11-23T02:00:32Z",
            "resources": ["arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a"],
            "detail": { "alarmName": "a", "state": { "value": "ALARM", "timestamp": "2026-11-23T02:00:31.250+0000" } }
        });
        state_change::decode(&event).unwrap()
    }

    #[test]
    fn the_same_transition_has_one_key_and_any_other_has_another() {
        let key = |alarm: &AlarmEvent, remedy: &str| CaseKey::of_alarm(alarm, &web(), remedy);
        let first = change();
        assert_eq!(key(&first, "r"), key(&AlarmEvent { reason: None, ..first.clone() }, "r"));
        let contributor = |id: &str| Some(Contributor { id: id.into(), attributes: BTreeMap::new() });
        let others = [
            AlarmEvent { arn: "b".into(), ..first.clone() },
            AlarmEvent { state: AlarmState::Ok, ..first.clone() },
            AlarmEvent { at: first.at + jiff::SignedDuration::from_millis(1), ..first.clone() },
            AlarmEvent { contributor: contributor("1"), ..first.clone() },
            AlarmEvent { contributor: contributor("2"), ..first.clone() },
            AlarmEvent { message: Some("m1".into()), ..first.clone() },
            AlarmEvent { message: Some("m2".into()), ..first.clone() },
        ];
        let mut keys: Vec<CaseKey> = others.iter().map(|o| key(o, "r")).collect();
        keys.extend([key(&first, "r"), key(&first, "q")]);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 2);
    }

    #[test]
    fn keys_of_an_earlier_release_still_mean_the_same_case() {
        let key = CaseKey::of_alarm(&change(), &web(), "r").0;
        let parts =
            ["alarm", "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a", "firing", "1795399231250", "S#1#r#c#s", "r"];
        assert_eq!(key, hash(&parts));
    }

    #[test]
    fn ids_that_people_type_hold_no_character_that_is_misread() {
        let id = CaseKey("x".into()).decision().0;
        assert_eq!(id.len(), 7);
        assert!(id.chars().skip(2).all(|c| c.is_ascii_alphanumeric() && !"ILOU".contains(c)), "{id}");
        assert!(ID_CHARACTERS.contains(&CaseKey("x".into()).decision().shard()));
    }
}
