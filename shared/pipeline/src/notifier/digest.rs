//! A notice that waits for a digest. It is counted first; then one of the waiting, whoever claims it, carries the digest:
//! its delivery waits in the queue until the digest is due, and sends it.

use headroom_core::channel::{Card, DIGEST_MEMBERS_MAX, Digest, Why};
use headroom_core::time::{Seconds, elapsed};

use super::admit::member;
use super::deliver::{Outcome, To, Whose, deliver};
use super::ports::{Held, Place, Speaker};
use crate::ports::PortError;

/// SQS hides a message for 12 h at most; a little less, for it counts from the receipt.
const HIDDEN_MAX: Seconds = Seconds(11 * 3_600 + 1_800);
/// Claims of a digest that lose to another's are tried again so often.
const CLAIMS_MAX: u32 = 5;
/// What comes while the digest is sent is added by an edit, so often in one delivery.
const EDITS_MAX: u32 = 3;
const PAUSE: Seconds = Seconds(5);

pub(super) async fn hold<P: Speaker>(
    ports: &P,
    card: &Card,
    to: To<'_>,
    place: &Place,
    digest: &Digest,
    owner: &str,
) -> Result<Outcome, PortError> {
    let set = format!("{}/{}/told", digest.incident(), to.channel.name);
    // One that finds no room is in the count's "at least".
    ports.add(&set, &member(card).text(), DIGEST_MEMBERS_MAX).await?;
    let outcome = carried(ports, card, to, digest, &set, owner).await?;
    if let Outcome::Later { .. } = outcome {
        return Ok(outcome);
    }
    let Held { mut thread, revision, .. } = ports.thread(place).await?;
    thread.digested(card);
    if ports.keep(place, &thread, revision).await? {
        return Ok(Outcome::Done(Why::Digested));
    }
    Ok(Outcome::later(PAUSE, "another delivery of the same incident came between"))
}

/// Done once somebody else carries the digest, or it is sent with this notice in it.
async fn carried<P: Speaker>(
    ports: &P,
    card: &Card,
    to: To<'_>,
    digest: &Digest,
    set: &str,
    owner: &str,
) -> Result<Outcome, PortError> {
    let of_digest = Place { incident: digest.incident(), channel: to.channel.name.clone() };
    for _ in 0..CLAIMS_MAX {
        let Held { mut thread, revision, .. } = ports.thread(&of_digest).await?;
        let begun = thread.shown > 0 || !thread.said.is_empty() || thread.sending.is_some();
        match &thread.carrier {
            None => {
                thread.carrier = Some(card.key());
                let _read_again = ports.keep(&of_digest, &thread, revision).await?;
            }
            Some(carrier) if *carrier == card.key() => {
                let now = ports.now();
                if now < digest.due() {
                    let after = elapsed(now, digest.due()).max(Seconds(1)).min(HIDDEN_MAX);
                    return Ok(Outcome::waits(after, "carries a digest that is not due yet"));
                }
                return send(ports, to, digest, set, owner).await;
            }
            // Its carrier read the notices before this one was among them.
            Some(_) if begun => return send(ports, to, digest, set, owner).await,
            Some(_) => return Ok(Outcome::Done(Why::Digested)),
        }
    }
    Ok(Outcome::later(PAUSE, "others claim the same digest"))
}

async fn send<P: Speaker>(
    ports: &P,
    to: To<'_>,
    digest: &Digest,
    set: &str,
    owner: &str,
) -> Result<Outcome, PortError> {
    let whose = Whose { environment: &digest.environment, timezone: "" };
    let mut told = 0;
    for _ in 0..EDITS_MAX {
        let members = ports.members(set).await?;
        if members.len() == told {
            break;
        }
        told = members.len();
        // A digest is delivered as a notice is; it waits for no other.
        let outcome = Box::pin(deliver(ports, &digest.card(&members), to.channel, whose, owner)).await;
        if let Outcome::Later { after, why, waits } = outcome {
            // As a dead letter it stands for all of them: redriven, it sends the digest.
            return Ok(Outcome::Later { after, why: format!("carries a digest of {told} notices: {why}"), waits });
        }
    }
    Ok(Outcome::Done(Why::Digested))
}
