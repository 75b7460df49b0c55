//! A person's word that they have seen a notice: its kind is not said again in its incident.

use headroom_core::channel::Ack;
use headroom_core::entry::Entry;
use headroom_core::notice::{Kind, Phase};

use super::ports::Acks;
use crate::ports::{Clock, PortError, Retry};

/// Other people may acknowledge at the same time, this often.
const TRIES: u32 = 5;

/// What is silent from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    /// The incident.
    pub incident: String,
    /// The acknowledgements of what the decision told, with whoever was first.
    pub acks: Vec<Ack>,
}

/// What a decision has told, without what only says that it is over: by incident.
#[must_use]
pub fn repeats(entry: &Entry) -> Vec<(String, Vec<Kind>)> {
    let told = entry.told.iter().map(|told| (&told.incident, told.kind));
    let waiting = entry.outbox.iter().map(|notice| (&notice.incident, notice.kind));
    let mut found: Vec<(String, Vec<Kind>)> = Vec::new();
    for (incident, kind) in told.chain(waiting).filter(|(_, kind)| kind.phase() != Phase::Closed) {
        match found.iter_mut().find(|(of, _)| of == incident) {
            Some((_, kinds)) if kinds.contains(&kind) => {}
            Some((_, kinds)) => kinds.push(kind),
            None => found.push((incident.clone(), vec![kind])),
        }
    }
    found
}

/// Acknowledges what a decision has told; one that has told nothing yields nothing. Twice is once: the first name stays.
///
/// # Errors
/// A port failed, or others acknowledged again and again.
pub async fn ack<P: Clock + Acks>(ports: &P, entry: &Entry, by: &str) -> Result<Vec<Acked>, PortError> {
    let mut done = Vec::new();
    for (incident, kinds) in repeats(entry) {
        done.push(one(ports, incident, &kinds, by).await?);
    }
    Ok(done)
}

async fn one<P: Clock + Acks>(ports: &P, incident: String, kinds: &[Kind], by: &str) -> Result<Acked, PortError> {
    for _ in 0..TRIES {
        let before = ports.acks(&incident).await?;
        let new = kinds.iter().filter(|kind| before.iter().all(|ack| ack.kind != **kind));
        let new = new.map(|kind| Ack { kind: *kind, by: by.to_owned(), at: ports.now() });
        let after: Vec<Ack> = before.iter().cloned().chain(new).collect();
        if after == before || ports.put_acks(&incident, &after, &before).await? {
            let acks = after.into_iter().filter(|ack| kinds.contains(&ack.kind)).collect();
            return Ok(Acked { incident, acks });
        }
    }
    let cause = format!("others acknowledged {incident} {TRIES} times; try again");
    Err(PortError { place: "acknowledgements".to_owned(), cause, retry: Retry::Later })
}
