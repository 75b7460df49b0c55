//! All floors of a minute: read together, looked at in one question, granted some services at a time.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use headroom_core::fleet::Fleet;
use headroom_core::id::ServiceId;
use headroom_core::seen::Seen;
use tracing::Instrument;

use super::foretell::foretell;
use super::ready::{Ready, ready};
use super::wanted::Wanted;
use crate::ports::{PortError, Ports};
use crate::span;
use crate::sweep::AT_ONCE;

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Warmed {
    /// Calls that changed AWS.
    pub(crate) changes: u32,
    /// What waits, or was written by somebody else: the next minute looks again.
    pub(crate) left: u32,
    /// What failed.
    pub(crate) failed: u32,
}

/// Grants what is wanted: all states are read, all services looked at in one question, then each is decided.
pub(crate) async fn grant_all<P: Ports>(
    ports: &P,
    fleet: &Fleet,
    wanted: Wanted<'_>,
    owner: &str,
    late: impl Fn() -> bool,
) -> Warmed {
    let mut warmed = Warmed::default();
    let floors = wanted
        .into_iter()
        .flat_map(|(id, (service, all))| all.into_values().map(move |asked| (id.clone(), service, asked)));
    let reads = floors.map(|(id, service, asked)| async {
        if late() { Ok(None) } else { ready(ports, fleet, id, service, asked).await }
    });
    let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    let mut all = Vec::new();
    for read in read {
        match read {
            Ok(Some(ready)) => all.push(ready),
            Ok(None) => {}
            Err(error) => warmed.fail(&error),
        }
    }
    all.sort_by(|a, b| (&a.id, &a.asked.schedule).cmp(&(&b.id, &b.asked.schedule)));
    let questions: Vec<_> = all.iter().map(|ready| ready.opening(fleet).question()).collect();
    let seen: Vec<Option<Seen>> = match ports.ask(&questions).await {
        _ if questions.is_empty() => return warmed,
        Ok(seen) => seen.into_iter().map(Some).collect(),
        Err(error) => {
            // One service that cannot be read must not leave the others cold.
            tracing::warn!(%error, "looking at each service alone");
            all.iter().map(|_| None).collect()
        }
    };
    let mut all: Vec<(Ready<'_>, Option<Seen>)> = all.into_iter().zip(seen).collect();
    foretell(ports, fleet, &mut all).await;
    let mut by_service: BTreeMap<ServiceId, Vec<(Ready<'_>, Option<Seen>)>> = BTreeMap::new();
    for (ready, seen) in all {
        by_service.entry(ready.id.clone()).or_default().push((ready, seen));
    }
    let late = &late;
    let jobs = by_service.into_values().map(|floors| async move {
        let mut warmed = Warmed::default();
        let mut first = true;
        for (ready, seen) in floors {
            if late() {
                warmed.left += 1;
                continue;
            }
            let span = span::of_service(&ready.service.label(), owner);
            let alone = !std::mem::take(&mut first);
            match ready.again(ports, fleet, seen, owner, alone).instrument(span).await {
                Ok(Some(changes)) => warmed.changes += changes,
                Ok(None) => warmed.left += 1,
                Err(error) => warmed.fail(&error),
            }
        }
        warmed
    });
    let done: Vec<Warmed> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().for_each(|one| warmed.add(one));
    warmed
}

impl Warmed {
    fn fail(&mut self, error: &PortError) {
        self.failed += 1;
        tracing::warn!(%error, "a floor of the clock failed; the next minute tries again");
    }

    fn add(&mut self, other: Self) {
        self.changes += other.changes;
        self.left += other.left;
        self.failed += other.failed;
    }
}
