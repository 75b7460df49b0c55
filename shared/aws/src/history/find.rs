//! Finds entries through the index: by time, newest first, in one of its parts.

use aws_sdk_dynamodb::types::AttributeValue;
use headroom_core::id::DecisionId;
use headroom_pipeline::{Named, PortError, Retry};
use jiff::Timestamp;

use super::reader::Reader;
use crate::journal::{DECISION, ENTRIES_INDEX, ENTRY_AT, ENTRY_SHARD, Item, LABEL, PK, SK, number, text};

pub(super) const QUERY: &str = "dynamodb:Query";
/// Pages of one part, of 1 MB each: 90 days of ten thousand services with one entry a day are six.
const PAGES: u32 = 100;

/// An entry that the index names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pointer {
    pub(super) named: Named,
    /// Primary key of the entry.
    pub(super) key: Item,
}

/// What to find in one part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) shard: &'a str,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) service: Option<&'a str>,
    /// At most so many, the newest.
    pub(super) most: usize,
}

impl Reader {
    pub(super) async fn find(&self, sought: Sought<'_>) -> Result<Vec<Pointer>, PortError> {
        let mut found = Vec::new();
        let mut start: Option<Item> = None;
        for _ in 0..PAGES {
            let mut query = self
                .dynamodb
                .query()
                .table_name(&self.table)
                .index_name(ENTRIES_INDEX)
                .scan_index_forward(false)
                .key_condition_expression("#shard = :shard AND #at BETWEEN :since AND :until")
                .expression_attribute_names("#shard", ENTRY_SHARD)
                .expression_attribute_names("#at", ENTRY_AT)
                .expression_attribute_values(":shard", text(sought.shard))
                .expression_attribute_values(":since", number(sought.since.as_millisecond()))
                .expression_attribute_values(":until", number(sought.until.as_millisecond()))
                .set_exclusive_start_key(start);
            query = match sought.service {
                Some(service) => query
                    .filter_expression("#label = :label")
                    .expression_attribute_names("#label", LABEL)
                    .expression_attribute_values(":label", text(service)),
                // A limit counts what is read before the filter.
                None => query.set_limit(i32::try_from(sought.most).ok()),
            };
            let page = query.send().await.map_err(|error| self.failed(QUERY, &error))?;
            for item in page.items.unwrap_or_default() {
                found.push(pointer(&item)?);
            }
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || found.len() >= sought.most {
                found.truncate(sought.most);
                return Ok(found);
            }
        }
        let cause = format!("more than {PAGES} pages; a later --since reads less");
        Err(PortError { place: QUERY.to_owned(), cause, retry: Retry::Never })
    }
}

/// The table's entry behind an item of the index.
fn pointer(item: &Item) -> Result<Pointer, PortError> {
    let of = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    let at = item.get(ENTRY_AT).and_then(|v| v.as_n().ok()?.parse().ok());
    let at = at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let (Some(pk), Some(sk), Some(decision), Some(service), Some(at)) = (of(PK), of(SK), of(DECISION), of(LABEL), at)
    else {
        let cause = format!("an item of the index {ENTRIES_INDEX} lacks what it must hold");
        return Err(PortError { place: QUERY.to_owned(), cause, retry: Retry::Never });
    };
    let key = [(PK, pk), (SK, sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    Ok(Pointer { named: Named { at, decision: DecisionId(decision), service }, key: key.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_of_the_index_leads_to_its_entry() {
        let item = Item::from(
            [(PK, text("C#k")), (SK, text("CASE")), (DECISION, text("D-5H2WC")), (LABEL, text("e/s"))]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        assert!(pointer(&item).is_err(), "no time");
        let mut item = item;
        item.insert(ENTRY_AT.to_owned(), number(1_500));
        let found = pointer(&item).unwrap();
        assert_eq!((found.named.at.as_millisecond(), found.named.service.as_str()), (1_500, "e/s"));
        assert_eq!(found.key, Item::from([(PK.to_owned(), text("C#k")), (SK.to_owned(), text("CASE"))]));
    }
}
