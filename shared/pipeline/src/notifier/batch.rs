//! One invocation: each message of the queue, one after another, to each of its channels.

use std::collections::BTreeSet;

use headroom_core::channel::{Around, Card, Way, incoming, place, ways};
use headroom_core::entry::Entry;
use headroom_core::fleet::Fleet;
use headroom_core::notice::Notice;
use headroom_core::time::Seconds;
use jiff::Timestamp;
use serde_json::Value;

use super::deliver::{Outcome, Whose, deliver};
use super::ports::{Record, Speaker};

/// Deliveries of a message before it is a dead letter: with the pauses below, about five hours of a service that is
/// down. The queue's own limit is higher, so that a letter has its reason.
pub const RECEIVES_MAX: u32 = 25;
/// First pause after a failed delivery; doubles with each.
const BACKOFF: u32 = 30;
/// Longest pause: a service that is back has its notices within it.
const BACKOFF_MAX: u32 = 900;
/// The longest that SQS hides a message.
const HIDDEN_MAX: Seconds = Seconds(43_200);

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// It is in every channel where it belongs.
    Done,
    /// It comes again.
    Again {
        /// After so long.
        after: Seconds,
        /// Why.
        why: String,
    },
    /// It lies among the dead letters, with the reason.
    Dead {
        /// The reason.
        reason: String,
    },
}

/// Handles every message of an event of the queue; ids of those that must come again.
pub async fn notify<P: Speaker>(
    ports: &P,
    fleet: &Fleet,
    payload: &Value,
    owner: &str,
    until: Timestamp,
) -> Vec<(String, Handled)> {
    let mut all = Vec::new();
    for (n, record) in records(payload).into_iter().enumerate() {
        // A lock that an earlier message of this invocation left behind stops the next.
        let owner = format!("{owner}/{n}");
        let handled = if n > 0 && ports.now() >= until {
            // A channel that hangs takes the time of those behind it: they come again at once, tried by nobody.
            again(ports, &record, Seconds(1), "the invocation had no time left for it".to_owned()).await
        } else {
            one(ports, fleet, &record, &owner, until).await
        };
        let queued = record.id.as_str();
        match &handled {
            Handled::Done => tracing::debug!(queued, "told"),
            Handled::Again { after, why } => {
                tracing::warn!(queued, receives = record.receives, after_s = after.0, why, "told later");
            }
            Handled::Dead { reason } => tracing::error!(queued, reason, "not told: a dead letter"),
        }
        all.push((record.id, handled));
    }
    all
}

async fn one<P: Speaker>(ports: &P, fleet: &Fleet, record: &Record, owner: &str, until: Timestamp) -> Handled {
    let (after, why, waits) = match incoming(&record.body) {
        Err(why) => return dead(ports, record, why.to_owned()).await,
        Ok(None) => return Handled::Done,
        Ok(Some(notice)) => match tell(ports, fleet, &notice, owner, until).await {
            Outcome::Done(_) => return Handled::Done,
            Outcome::Later { after, why, waits } => (after, why, waits),
        },
    };
    if record.receives >= RECEIVES_MAX && !waits {
        return dead(ports, record, why).await;
    }
    let after = if waits { after } else { after.max(backoff(record.receives)) }.min(HIDDEN_MAX);
    again(ports, record, after, why).await
}

/// To each channel; one that fails does not keep it from the others.
async fn tell<P: Speaker>(ports: &P, fleet: &Fleet, notice: &Notice, owner: &str, until: Timestamp) -> Outcome {
    let ways = ways(fleet, notice);
    let kind = notice.kind.name();
    if ways.is_empty() {
        tracing::warn!(kind, decision = notice.decision.0, "no route fits: nobody is told");
        return Outcome::Done(headroom_core::channel::Why::NotForThisChannel);
    }
    let entry = match ports.entry(&notice.decision).await {
        Ok(entry) => entry,
        Err(error) => {
            tracing::warn!(%error, "told without the journal's present state");
            None
        }
    };
    let mut worst: Option<Outcome> = None;
    for (n, way) in ways.into_iter().enumerate() {
        let outcome = if n > 0 && ports.now() >= until {
            Outcome::later(Seconds(1), "the invocation has no time left for this channel")
        } else {
            told(ports, fleet, notice, entry.as_ref(), way, &format!("{owner}/{n}")).await
        };
        let channel = way.channel.name.as_str();
        match &outcome {
            Outcome::Done(why) => tracing::info!(kind, channel, outcome = why.name(), "told"),
            Outcome::Later { after, why, .. } => tracing::info!(kind, channel, after_s = after.0, why, "later"),
        }
        worst = Some(later_of(worst, outcome, way.channel.name.as_str()));
    }
    worst.unwrap_or(Outcome::Done(headroom_core::channel::Why::NotForThisChannel))
}

async fn told<P: Speaker>(
    ports: &P,
    fleet: &Fleet,
    notice: &Notice,
    entry: Option<&Entry>,
    way: Way<'_>,
    owner: &str,
) -> Outcome {
    let (environment, name) = place(notice);
    let of = fleet.environments.iter().find(|e| e.name == environment);
    let service = fleet.services.iter().find(|s| s.environment == environment && Some(s.name.as_str()) == name);
    let around = Around { service, entry, redact: of.is_some_and(|e| e.redact) };
    let card = Card { follows: way.follows, ..Card::of(notice, way.severity, around) };
    let timezone = of.map_or("UTC", |e| e.timezone.as_str());
    deliver(ports, &card, way.channel, Whose { environment, timezone }, owner).await
}

/// What fails wins over what waits, and the sooner over the later.
fn later_of(worst: Option<Outcome>, next: Outcome, channel: &str) -> Outcome {
    let next = match next {
        Outcome::Later { after, why, waits } => Outcome::Later { after, why: format!("{channel}: {why}"), waits },
        done @ Outcome::Done(_) => done,
    };
    match (worst, next) {
        (Some(Outcome::Later { after, why, waits }), Outcome::Later { after: other, why: more, waits: also }) => {
            Outcome::Later { after: after.min(other), why: format!("{why}; {more}"), waits: waits && also }
        }
        (Some(later @ Outcome::Later { .. }), Outcome::Done(_)) | (_, later) => later,
    }
}

fn backoff(receives: u32) -> Seconds {
    let doubled = BACKOFF.saturating_mul(1_u32.checked_shl(receives.saturating_sub(1)).unwrap_or(u32::MAX));
    Seconds(doubled.min(BACKOFF_MAX))
}

async fn again<P: Speaker>(ports: &P, record: &Record, after: Seconds, why: String) -> Handled {
    if let Err(error) = ports.later(record, after).await {
        // The queue's own time-out brings it again.
        tracing::warn!(%error, "cannot say when a message comes again");
    }
    Handled::Again { after, why }
}

async fn dead<P: Speaker>(ports: &P, record: &Record, reason: String) -> Handled {
    match ports.dead(record, &reason).await {
        Ok(()) => Handled::Dead { reason },
        Err(error) => {
            tracing::error!(%error, reason, "cannot send a dead letter; the queue does at last, without the reason");
            Handled::Again { after: Seconds(BACKOFF), why: reason }
        }
    }
}

/// The messages; one without an id cannot be named to the queue and one without a body is no notice.
fn records(payload: &Value) -> Vec<Record> {
    let records = payload.get("Records").and_then(Value::as_array);
    let text = |record: &Value, key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let receives = |record: &Value| {
        let count = record.pointer("/attributes/ApproximateReceiveCount").and_then(Value::as_str);
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    };
    let mut ids = BTreeSet::new();
    records
        .into_iter()
        .flatten()
        .map(|record| Record {
            id: text(record, "messageId"),
            receipt: text(record, "receiptHandle"),
            receives: receives(record),
            body: text(record, "body"),
        })
        .filter(|record| ids.insert(record.id.clone()))
        .collect()
}
