//! Whether a notice has a message of its own: not in quiet hours, unless it pages, and not beyond what a minute may have.

use headroom_core::channel::{Card, Digest, Member, Thread};
use headroom_core::fleet::Channel;
use headroom_core::notice::{Kind, Severity};
use jiff::Timestamp;

use super::deliver::Whose;
use super::ports::Speaker;
use crate::ports::PortError;

/// Where a notice goes.
pub(super) enum Admitted {
    /// It has a message of its own.
    Own,
    /// It waits for this digest.
    Held(Digest),
}

pub(super) async fn admit<P: Speaker>(
    ports: &P,
    card: &Card,
    thread: &Thread,
    channel: &Channel,
    whose: Whose<'_>,
    now: Timestamp,
) -> Result<Admitted, PortError> {
    // A digest is itself; what was admitted stays so however often it comes again.
    if card.kind == Kind::Digest || thread.admitted >= card.revision {
        return Ok(Admitted::Own);
    }
    if card.severity < Severity::Page
        && let Some(hours) = channel.quiet_hours
        && let Some(zone) = ports.zone(whose.timezone)
        && let Some(digest) = Digest::of_quiet_hours(whose.environment, hours, now, &zone)
    {
        return Ok(Admitted::Held(digest));
    }
    let digest = Digest::of_minute(whose.environment, now);
    let counted = format!("{}/{}/counted", digest.incident(), channel.name);
    let fits = ports.add(&counted, &member(card).text(), channel.per_minute_max).await?;
    Ok(if fits { Admitted::Own } else { Admitted::Held(digest) })
}

/// The notice as a digest counts it.
pub(super) fn member(card: &Card) -> Member {
    Member { severity: card.severity, kind: card.kind, key: card.key() }
}
