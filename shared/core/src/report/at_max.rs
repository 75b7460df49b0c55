//! How long services were at their max, from their episodes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::at_max::{Episode, Stage, Topic};
use crate::entry::Entry;
use crate::time::elapsed;

/// One service that was at its max.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtMax {
    /// `prod-eu/web`.
    pub service: String,
    /// Whole minutes at max, from when a look or an event could tell until a look found it over. What ended within ten minutes
    /// and began again is one.
    pub minutes: u32,
    /// So many times.
    pub episodes: u32,
}

/// The services with an episode among these entries, by name. One that goes on counts up to `until`.
pub(super) fn at_max(entries: &[&Entry], since: Timestamp, until: Timestamp) -> Vec<AtMax> {
    let mut of: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for entry in entries {
        let episode = entry.episode.as_deref().filter(|episode| episode.topic == Topic::AtMax);
        let Some((from, to)) = episode.and_then(|episode| span(episode, until)) else { continue };
        let minutes = elapsed(from.max(since), to.min(until)).0 / 60;
        let (sum, episodes) = of.entry(&entry.label).or_default();
        (*sum, *episodes) = (sum.saturating_add(minutes), *episodes + 1);
    }
    let named = of.into_iter().map(|(service, (minutes, episodes))| (service.to_owned(), minutes, episodes));
    named.map(|(service, minutes, episodes)| AtMax { service, minutes, episodes }).collect()
}

/// When max was reached and left; `None`: it was only near.
fn span(episode: &Episode, until: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let to = match episode.stage {
        Stage::Ended => episode.over_since.unwrap_or(until),
        Stage::New | Stage::Warned | Stage::Opened | Stage::Paged => until,
    };
    Some((episode.full_since?, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Mode;
    use crate::id::{CaseKey, ServiceId};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn entry(label: &str, from: i64, full: Option<i64>, over: Option<i64>) -> Entry {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let key = CaseKey(format!("{label}{from}"));
        let mut entry = Entry::new(key, id, label.to_owned(), "at-max".to_owned(), Mode::Observe, at(from));
        let stage = if over.is_some() { Stage::Ended } else { Stage::Opened };
        let (full_since, over_since) = (full.map(at), over.map(at));
        let episode = Episode { stage, full_since, over_since, ..Episode::new(Topic::AtMax, at(from)) };
        entry.episode = Some(Box::new(episode));
        entry
    }

    #[test]
    fn each_service_has_its_minutes_and_what_goes_on_counts_until_now() {
        let entries = [
            entry("a", 100, Some(100), Some(130)),
            entry("a", 200, Some(205), Some(210)),
            entry("b", 300, Some(300), None),
            entry("near", 300, None, Some(310)),
        ];
        let found = at_max(&entries.iter().collect::<Vec<_>>(), at(110), at(360));
        let of = |service: &str, minutes, episodes| AtMax { service: service.to_owned(), minutes, episodes };
        assert_eq!(found, [of("a", 25, 2), of("b", 60, 1)]);
    }
}
