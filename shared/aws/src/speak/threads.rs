//! Threads and digests as items of the table.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use headroom_core::channel::{Ack, Thread};
use headroom_core::entry::Entry;
use headroom_core::id::DecisionId;
use headroom_core::time::{Seconds, after};
use headroom_pipeline::notifier::{Held, Place, Threads};
use headroom_pipeline::{Clock as _, PortError};
use jiff::Timestamp;

use super::speaker::Speaker;
use crate::error::{failed, unusable};
use crate::journal::{
    DECISION, DOC, ENTRIES_INDEX, ENTRY_AT, ENTRY_SHARD, EXPIRES, Item, PK, REVISION, SK, entry_of, number, text,
};

const GET: &str = "dynamodb GetItem";
const PUT: &str = "dynamodb PutItem";
const ADD: &str = "dynamodb UpdateItem";
const FIND: &str = "dynamodb Query";
/// Sort key of what people acknowledged.
const ACK: &str = "ACK";
const SET: &str = "SET";
const MEMBERS: &str = "members";
/// A thread outlives its entries: an incident may open again.
pub(crate) const THREAD_KEPT: Seconds = Seconds(90 * 86_400);
/// A digest is looked at for as long as its messages may wait in the queue.
const SET_KEPT: Seconds = Seconds(15 * 86_400);
/// A lease is an incident of hours; of what is older, the notice tells without its entry.
const ENTRIES_SINCE: Seconds = Seconds(2 * 86_400);
/// One page of one of the index's parts: thousands of entries. What is not on it, the notice tells alone.
const ENTRIES_MAX: i32 = 2_000;

impl Threads for Speaker {
    async fn thread(&self, place: &Place) -> Result<Held, PortError> {
        let (thread, acks) = futures_util::try_join!(self.get(key(place)), self.get(acks(place)))?;
        let (thread, revision) = match thread {
            Some(item) => (doc(&item)?, revision(&item)?),
            None => (Thread::default(), 0),
        };
        let acks: Vec<Ack> = acks.as_ref().map(doc).transpose()?.unwrap_or_default();
        Ok(Held { thread, revision, acks })
    }

    /// An attempt of the SDK's that was taken without an answer is answered as a condition that failed: the caller
    /// reads again, and finds its own call written ahead.
    async fn keep(&self, place: &Place, thread: &Thread, expect: u64) -> Result<bool, PortError> {
        let mut item = key(place);
        let written = serde_json::to_string(thread).map_err(|error| unusable(PUT, error.to_string()))?;
        item.insert(DOC.to_owned(), text(written));
        item.insert(REVISION.to_owned(), number(expect + 1));
        item.insert(EXPIRES.to_owned(), number(after(self.now(), THREAD_KEPT).as_second()));
        let call = self.aws.dynamodb().put_item().table_name(self.aws.table()).set_item(Some(item));
        let call = match expect {
            0 => call.condition_expression("attribute_not_exists(#n)").expression_attribute_names("#n", PK),
            seen => call
                .condition_expression("#n = :seen")
                .expression_attribute_names("#n", REVISION)
                .expression_attribute_values(":seen", number(seen)),
        };
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failed(PUT, &error)),
        }
    }

    async fn add(&self, set: &str, member: &str, members_max: u32) -> Result<bool, PortError> {
        let call = self
            .aws
            .dynamodb()
            .update_item()
            .table_name(self.aws.table())
            .set_key(Some(of_set(set)))
            .update_expression("ADD #members :one SET #expires = :expires")
            .condition_expression(
                "attribute_not_exists(#members) OR contains(#members, :member) OR size(#members) < :most",
            )
            .expression_attribute_names("#members", MEMBERS)
            .expression_attribute_names("#expires", EXPIRES)
            .expression_attribute_values(":one", AttributeValue::Ss(vec![member.to_owned()]))
            .expression_attribute_values(":member", text(member))
            .expression_attribute_values(":most", number(members_max))
            .expression_attribute_values(":expires", number(after(self.now(), SET_KEPT).as_second()));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failed(ADD, &error)),
        }
    }

    async fn members(&self, set: &str) -> Result<BTreeSet<String>, PortError> {
        let item = self.get(of_set(set)).await?;
        let members = item.as_ref().and_then(|item| item.get(MEMBERS)).and_then(|members| members.as_ss().ok());
        Ok(members.into_iter().flatten().cloned().collect())
    }

    async fn entry(&self, decision: &DecisionId) -> Result<Option<Entry>, PortError> {
        let since = Timestamp::from_second(self.now().as_second() - i64::from(ENTRIES_SINCE.0)).unwrap_or_default();
        let page = self
            .aws
            .dynamodb()
            .query()
            .table_name(self.aws.table())
            .index_name(ENTRIES_INDEX)
            .scan_index_forward(false)
            .limit(ENTRIES_MAX)
            .key_condition_expression("#shard = :shard AND #at >= :since")
            .filter_expression("#decision = :decision")
            .expression_attribute_names("#shard", ENTRY_SHARD)
            .expression_attribute_names("#at", ENTRY_AT)
            .expression_attribute_names("#decision", DECISION)
            .expression_attribute_values(":shard", text(decision.shard()))
            .expression_attribute_values(":since", number(since.as_millisecond()))
            .expression_attribute_values(":decision", text(decision.0.clone()))
            .send()
            .await
            .map_err(|error| failed(FIND, &error))?;
        let Some(found) = page.items.unwrap_or_default().into_iter().next() else { return Ok(None) };
        let key: Item = found.into_iter().filter(|(name, _)| name == PK || name == SK).collect();
        let item = self.get(key).await?;
        item.map(|item| entry_of(&item).map(|(entry, _)| entry)).transpose()
    }
}

impl Speaker {
    async fn get(&self, key: Item) -> Result<Option<Item>, PortError> {
        let call = self.aws.dynamodb().get_item().table_name(self.aws.table()).set_key(Some(key)).consistent_read(true);
        call.send().await.map(|answer| answer.item).map_err(|error| failed(GET, &error))
    }
}

fn pair(pk: String, sk: &str) -> Item {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

fn key(place: &Place) -> Item {
    // A channel's name begins with a small letter, so none is `ACK`.
    pair(format!("I#{}", place.incident), &place.channel)
}

fn acks(place: &Place) -> Item {
    acks_of(&place.incident)
}

/// The key of what people acknowledged of an incident.
pub(crate) fn acks_of(incident: &str) -> Item {
    pair(format!("I#{incident}"), ACK)
}

fn of_set(set: &str) -> Item {
    pair(format!("N#{set}"), SET)
}

fn doc<T: serde::de::DeserializeOwned>(item: &Item) -> Result<T, PortError> {
    let text = item.get(DOC).and_then(|doc| doc.as_s().ok()).ok_or_else(|| unusable(GET, "a thread without doc"))?;
    serde_json::from_str(text).map_err(|error| unusable(GET, format!("a thread that cannot be read: {error}")))
}

fn revision(item: &Item) -> Result<u64, PortError> {
    let revision = item.get(REVISION).and_then(|n| n.as_n().ok()?.parse().ok());
    revision.ok_or_else(|| unusable(GET, "a thread without revision"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_and_what_was_acknowledged_of_it_are_two_items() {
        let place = Place { incident: "prod-eu/web/cpu@1".to_owned(), channel: "ops".to_owned() };
        assert_eq!(key(&place)[PK], acks(&place)[PK]);
        assert_ne!(key(&place)[SK], acks(&place)[SK]);
    }

    #[test]
    fn a_thread_that_cannot_be_read_is_no_new_one() {
        let item = HashMap::from([(DOC.to_owned(), text("{\"shown\": \"x\"}"))]);
        assert!(doc::<Thread>(&item).is_err(), "a new one would be a second message");
        assert!(revision(&item).is_err());
    }
}
