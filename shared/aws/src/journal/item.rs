//! Items from entries and states, and back.

use aws_sdk_dynamodb::types::AttributeValue;
use headroom_core::capacity::{ServiceState, State};
use headroom_core::control::{Control, Pause};
use headroom_core::entry::Entry;
use headroom_core::id::ServiceId;
use headroom_core::time::{Seconds, after};
use headroom_pipeline::PortError;

use super::key::{
    DECISION, DOC, DUE, DUE_SHARD, DUE_SHARD_VALUE, ENTRY_AT, ENTRY_SHARD, EPISODE_SHARD_VALUE, EXPIRES, GENERATION,
    Item, Key, LABEL, PAUSES, REVISION, STATUS, STOP, SWITCHED, USED, WATCH_SHARD_VALUE, number, text,
};
use crate::error::unusable;

/// How long an entry is kept: ECS keeps its own deployment history as long.
const ENTRY_KEPT: Seconds = Seconds(90 * 86_400);
/// A state that keeps bounds is due each minute: any time in the past says so.
const EACH_MINUTE: i64 = 0;

pub(super) fn entry_item(entry: &Entry, revision: u64) -> Result<Item, PortError> {
    let mut item = Key::case(&entry.key).item();
    let doc = serde_json::to_string(entry).map_err(|error| unreadable(&item, &error.to_string()))?;
    item.extend([
        (DOC.to_owned(), text(doc)),
        (REVISION.to_owned(), number(revision)),
        (STATUS.to_owned(), text(entry.status.name())),
        (EXPIRES.to_owned(), number(after(entry.at, ENTRY_KEPT).as_second())),
        (ENTRY_SHARD.to_owned(), text(entry.decision.shard())),
        (ENTRY_AT.to_owned(), number(entry.at.as_millisecond())),
        (DECISION.to_owned(), text(entry.decision.0.clone())),
        (LABEL.to_owned(), text(entry.label.clone())),
    ]);
    if let Some(due) = entry.due {
        let shard = match (&entry.watch, &entry.episode) {
            (Some(_), _) => WATCH_SHARD_VALUE,
            (None, Some(_)) => EPISODE_SHARD_VALUE,
            (None, None) => DUE_SHARD_VALUE,
        };
        item.extend(due_at(due.as_second(), shard));
    }
    Ok(item)
}

pub(super) fn state_item(service: &ServiceId, state: &ServiceState, generation: u64) -> Result<Item, PortError> {
    let mut item = Key::state(service).item();
    let doc = serde_json::to_string(state).map_err(|error| unreadable(&item, &error.to_string()))?;
    item.extend([(DOC.to_owned(), text(doc)), (GENERATION.to_owned(), number(generation))]);
    if state.kept.is_some() {
        item.extend(due_at(EACH_MINUTE, DUE_SHARD_VALUE));
    }
    Ok(item)
}

fn due_at(seconds: i64, shard: &str) -> [(String, AttributeValue); 2] {
    [(DUE.to_owned(), number(seconds)), (DUE_SHARD.to_owned(), text(shard))]
}

pub(crate) fn entry_of(item: &Item) -> Result<(Entry, u64), PortError> {
    let entry = serde_json::from_str(doc(item)?).map_err(|error| unreadable(item, &error.to_string()))?;
    Ok((entry, whole(item, REVISION)?))
}

pub(super) fn state_of(item: &Item) -> Result<State, PortError> {
    let service = serde_json::from_str(doc(item)?).map_err(|error| unreadable(item, &error.to_string()))?;
    Ok(State { generation: whole(item, GENERATION)?, service })
}

/// A switch that is there and cannot be read counts as pulled, as in the transaction's own check.
/// Pauses that cannot be read pause everything: they stop no give-back, as an error of every look would.
pub(super) fn control_of(item: &Item) -> Result<Control, PortError> {
    let stopped = item.get(STOP).is_some_and(|stop| stop.as_bool().copied().unwrap_or(true));
    let pauses = match item.get(PAUSES) {
        None => Vec::new(),
        Some(value) => value.as_s().ok().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| {
            let by = "pauses in the table that cannot be read".to_owned();
            vec![Pause { service: None, remedy: None, until: None, by }]
        }),
    };
    let revision = if item.contains_key(REVISION) { whole(item, REVISION)? } else { 0 };
    let switched = item.get(SWITCHED).and_then(|value| serde_json::from_str(value.as_s().ok()?).ok());
    Ok(Control { stopped, pauses, revision, switched: switched.unwrap_or_default() })
}

pub(super) fn used_of(item: &Item) -> Result<u32, PortError> {
    let used = whole(item, USED)?;
    u32::try_from(used).map_err(|_| unreadable(item, "used is too large"))
}

fn doc(item: &Item) -> Result<&str, PortError> {
    item.get(DOC).and_then(|doc| doc.as_s().ok()).map(String::as_str).ok_or_else(|| unreadable(item, "no doc"))
}

fn whole(item: &Item, name: &str) -> Result<u64, PortError> {
    item.get(name)
        .and_then(|n| n.as_n().ok()?.parse().ok())
        .ok_or_else(|| unreadable(item, &format!("{name} is no whole number")))
}

fn unreadable(item: &Item, cause: &str) -> PortError {
    let key = Key::of(item).map_or_else(|| "without key".to_owned(), |key| format!("{} {}", key.pk, key.sk));
    unusable(&format!("table item {key}"), cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::capacity::{Bounds, Kept};
    use headroom_core::fleet::Mode;
    use headroom_core::id::CaseKey;
    use jiff::Timestamp;

    fn web() -> ServiceId {
        ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() }
    }

    fn entry(due: Option<i64>) -> Entry {
        let at = Timestamp::from_second(1_000).unwrap();
        let mut entry = Entry::new(CaseKey("k".into()), web(), "e/s".into(), "cpu".into(), Mode::Act, at);
        entry.due = due.map(|due| Timestamp::from_second(due).unwrap());
        entry
    }

    #[test]
    fn an_entry_reads_back_with_its_revision() {
        let item = entry_item(&entry(Some(1_060)), 7).unwrap();
        assert_eq!(entry_of(&item).unwrap(), (entry(Some(1_060)), 7));
        assert_eq!(item[DUE], number(1_060));
        assert_eq!(item[EXPIRES], number(1_000 + 90 * 86_400));
        assert_eq!(item[STATUS], text("planned"));
    }

    #[test]
    fn the_index_of_entries_sees_every_entry_once_and_no_state() {
        let (first, mut closed) = (entry(Some(1_060)), entry(None));
        closed.status = headroom_core::entry::Status::Acted;
        let (first, closed) = (entry_item(&first, 1).unwrap(), entry_item(&closed, 2).unwrap());
        for held in [ENTRY_SHARD, ENTRY_AT, DECISION, LABEL] {
            assert_eq!(first[held], closed[held], "{held}: a change of it would write the index again");
        }
        assert_eq!(first[ENTRY_AT], number(1_000_000));
        let state = state_item(&web(), &ServiceState::default(), 1).unwrap();
        assert!(!state.contains_key(ENTRY_SHARD) && !state.contains_key(ENTRY_AT));
    }

    #[test]
    fn only_what_is_due_enters_the_sparse_index() {
        let item = entry_item(&entry(None), 1).unwrap();
        assert!(!item.contains_key(DUE) && !item.contains_key(DUE_SHARD));
        let resting = state_item(&web(), &ServiceState::default(), 1).unwrap();
        assert!(!resting.contains_key(DUE) && !resting.contains_key(DUE_SHARD) && !resting.contains_key(EXPIRES));
        let kept = Some(Kept::at(Bounds { min: 2, max: 10, scale_in_suspended: false }));
        let state = ServiceState { kept, ..ServiceState::default() };
        let item = state_item(&web(), &state, 3).unwrap();
        assert!(item.contains_key(DUE) && item.contains_key(DUE_SHARD) && !item.contains_key(EXPIRES));
        assert_eq!(state_of(&item).unwrap(), State { generation: 3, service: state });
    }

    #[test]
    fn a_stop_switch_that_cannot_be_read_is_pulled() {
        let with = |stop| Item::from([(STOP.to_owned(), stop)]);
        let stopped = |item: &Item| control_of(item).unwrap().stopped;
        assert!(!stopped(&Item::new()));
        assert!(!stopped(&with(AttributeValue::Bool(false))));
        assert!(stopped(&with(AttributeValue::Bool(true))));
        assert!(stopped(&with(text("yes"))));
        let pauses = |doc: &str| Item::from([(PAUSES.to_owned(), text(doc)), (REVISION.to_owned(), number(3))]);
        let read = control_of(&pauses(r#"[{"service":"web","by":"ana"}]"#)).unwrap();
        assert_eq!((read.pauses[0].by.as_str(), read.revision), ("ana", 3));
        let unreadable = control_of(&pauses("no list")).unwrap();
        assert_eq!(unreadable.pauses.len(), 1, "pauses that cannot be read are never no pause");
        assert!(unreadable.pauses[0].service.is_none() && !unreadable.stopped);
    }

    #[test]
    fn an_item_that_cannot_be_read_is_named() {
        let mut item = entry_item(&entry(None), 1).unwrap();
        item.insert(DOC.to_owned(), text("{}"));
        let error = entry_of(&item).unwrap_err().to_string();
        assert!(error.contains("C#k CASE"), "{error}");
    }
}
