//! The minute: episodes that are due, and a fifteenth of the fleet (SEMANTICS 25).

use std::collections::BTreeSet;

use futures_util::future;
use futures_util::stream::{self, StreamExt};
use headroom_core::at_max::{POLL_PARTS, part_of_minute, worth_a_look};
use headroom_core::fleet::{AlertKind, Fleet};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::time::{Seconds, elapsed};
use jiff::Timestamp;

use super::look::look_at;
use super::ports::CapacityPorts;
use super::tell::left_to_tell;
use crate::ports::PortError;

/// Services at once: more would only wait for the same table and the same throttle.
const AT_ONCE: usize = 8;
/// Nothing is begun after this: the function ends at 30 s, and a begun look takes at most a few.
const TIME_MAX: Seconds = Seconds(20);
/// So many further on begins each round among what was found: fewer than a minute has time for, so that none is left out.
const STEP: usize = 37;

/// What one minute did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Polled {
    /// Services of this minute's part.
    pub screened: u32,
    /// Calls that it took to read them, without what was read closely.
    pub calls: u32,
    /// Services that were looked at closely.
    pub looked: u32,
    /// Left for want of time; an episode stays due, another service waits for its next turn.
    pub left: u32,
    /// Failed, likewise.
    pub failed: u32,
}

/// Looks at every service whose episode is due, and at those of this minute's part that may be at their max.
///
/// # Errors
/// The index of what is due could not be read; nothing was done. What fails of the rest is counted.
pub async fn capacity_pass<P: CapacityPorts>(ports: &P, fleet: &Fleet, owner: &str) -> Result<Polled, PortError> {
    let begun = ports.now();
    let mut polled = Polled::default();
    let part: Vec<ServiceId> =
        part_of_minute(fleet.services.len(), begun).filter_map(|i| fleet.services.get(i)).map(ServiceId::of).collect();
    polled.screened = count(part.len());
    let open = async { Ok::<_, PortError>(due(ports, fleet, &ports.episodes(begun).await?, begun).await) };
    let (open, screened) = future::join(open, ports.screen(&part)).await;
    let mut goes_on = Vec::new();
    for told in open? {
        match told {
            Told::GoesOn(service) => goes_on.push(service),
            Told::Over => {}
            Told::Left => polled.left += 1,
            Told::Failed => polled.failed = polled.failed.saturating_add(1),
        }
    }
    let (mut near_max, mut hints) = (Vec::new(), Vec::new());
    // A part that cannot be read must not stop the episodes that are open.
    match screened {
        Ok(screened) => {
            polled.calls = screened.calls;
            let after = fleet.alerts.get(AlertKind::StillHigh).after.unwrap_or(Seconds(600));
            let near = part.iter().zip(&screened.counts).filter(|(_, seen)| worth_a_look(seen, after, begun));
            near_max.extend(near.map(|(id, _)| id.clone()));
            hints.extend(screened.failed.into_iter().filter_map(|id| in_the_fleet(fleet, id)));
            // An alarm that scaling answers is quiet again soon.
            let lasting = screened.high.into_iter().filter(|(_, since)| elapsed(*since, begun) >= after);
            hints.extend(lasting.filter_map(|(id, _)| in_the_fleet(fleet, id)));
        }
        Err(error) => {
            polled.failed = polled.failed.saturating_add(1);
            tracing::warn!(%error, "this minute's part of the fleet was not read");
        }
    }
    let mut services = in_turn(goes_on, near_max, hints, begun);
    let mut once = BTreeSet::new();
    services.retain(|id| once.insert(id.clone()));
    let jobs = services.iter().map(|id| async move {
        if elapsed(begun, ports.now()) >= TIME_MAX {
            return (id, None);
        }
        (id, Some(look_at(ports, fleet, id, owner, false).await))
    });
    let done: Vec<_> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    for (id, outcome) in done {
        match outcome {
            None => polled.left += 1,
            Some(Ok(())) => polled.looked += 1,
            Some(Err(error)) => {
                polled.failed = polled.failed.saturating_add(1);
                tracing::warn!(service = %id, %error, "failed; looked at again");
            }
        }
    }
    Ok(polled)
}

/// One that goes on, one that was found, in turn: with a thousand at max at once neither waits for all of the other. What
/// goes on comes the longest due first. Of those that were found, this minute's part comes before the hints, which name
/// services of the whole account each minute; and each round begins elsewhere among them.
fn in_turn(goes_on: Vec<ServiceId>, part: Vec<ServiceId>, hints: Vec<ServiceId>, begun: Timestamp) -> Vec<ServiceId> {
    let round = usize::try_from(begun.as_second().div_euclid(60 * POLL_PARTS as i64)).unwrap_or_default();
    let open: BTreeSet<&ServiceId> = goes_on.iter().collect();
    let from_elsewhere = |mut found: Vec<ServiceId>| {
        found.retain(|id| !open.contains(id));
        let first = round.wrapping_mul(STEP).checked_rem(found.len()).unwrap_or_default();
        found.rotate_left(first);
        found
    };
    let new = [from_elsewhere(part), from_elsewhere(hints)].concat();
    let longer = goes_on.len().max(new.len());
    let (mut goes_on, mut new) = (goes_on.into_iter(), new.into_iter());
    (0..longer).flat_map(|_| goes_on.next().into_iter().chain(new.next()).collect::<Vec<_>>()).collect()
}

/// What came of an episode that is due.
enum Told {
    /// Its service is looked at.
    GoesOn(ServiceId),
    /// It was told of, and needs no look.
    Over,
    /// Left for want of time; it stays due.
    Left,
    /// Failed; it stays due.
    Failed,
}

/// Reads the episodes that are due, in order, some at a time. One that has ended is only told of.
async fn due<P: CapacityPorts>(ports: &P, fleet: &Fleet, keys: &[CaseKey], begun: Timestamp) -> Vec<Told> {
    let jobs = keys.iter().map(|key| async move {
        if elapsed(begun, ports.now()) >= TIME_MAX {
            return Told::Left;
        }
        match left_to_tell(ports, fleet, key).await {
            Ok(Some(service)) => Told::GoesOn(service),
            Ok(None) => Told::Over,
            Err(error) => {
                tracing::warn!(%key, %error, "failed; stays due");
                Told::Failed
            }
        }
    });
    stream::iter(jobs).buffered(AT_ONCE).collect().await
}

/// A service that a hint names: the names of activities and alarms have no account, and in a minute whose part of the fleet
/// is empty nobody else says it. `None` where the fleet has none of that name, or several.
fn in_the_fleet(fleet: &Fleet, hint: ServiceId) -> Option<ServiceId> {
    if !hint.account.is_empty() {
        return Some(hint);
    }
    let same = |id: &ServiceId| (&id.region, &id.cluster, &id.service) == (&hint.region, &hint.cluster, &hint.service);
    let mut named = fleet.services.iter().map(ServiceId::of).filter(same);
    named.next().filter(|_| named.next().is_none())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_without_an_account_is_the_one_service_of_its_name() {
        let text = "version: 1\nfleet: f\nenvironments:\n  - { name: a, account: \"111111111111\", region: eu-west-1 }\n  \
                    - { name: b, account: \"222222222222\", region: eu-west-1 }\n\
                    defaults: { cluster: shared, service: \"{name}\" }\nservices:\n  \
                    web: { capacity: { min: 1, max: 2 }, in: { a: { service: own } } }\n  \
                    api: { capacity: { min: 1, max: 2 } }\n";
        let fleet = headroom_core::fleet::parse(text, "f").unwrap();
        let hint = |account: &str, service: &str| ServiceId {
            account: account.to_owned(),
            region: "eu-west-1".to_owned(),
            cluster: "shared".to_owned(),
            service: service.to_owned(),
        };
        assert_eq!(in_the_fleet(&fleet, hint("", "own")).map(|id| id.account), Some("111111111111".to_owned()));
        assert_eq!(in_the_fleet(&fleet, hint("", "api")), None, "two accounts have it");
        assert_eq!(in_the_fleet(&fleet, hint("", "other")), None);
        assert_eq!(in_the_fleet(&fleet, hint("3", "x")), Some(hint("3", "x")));
    }
}
