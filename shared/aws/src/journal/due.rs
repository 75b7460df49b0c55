//! Finds what is due through the sparse index.

use headroom_core::id::{CaseKey, ServiceId};
use headroom_pipeline::{Due, PortError};
use jiff::Timestamp;

use super::key::{
    DUE, DUE_INDEX, DUE_SHARD, DUE_SHARD_VALUE, EPISODE_SHARD_VALUE, Item, PK, WATCH_SHARD_VALUE, case_of, number, text,
};
use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "dynamodb Query";
/// Pages of one look, of 1 MB each: far more than one minute can carry out. The rest waits for the next.
const PAGES: u32 = 10;

pub(super) async fn due(aws: &Aws, now: Timestamp) -> Result<Due, PortError> {
    of_shard(aws, DUE_SHARD_VALUE, now).await
}

/// The watches over deployments that are due.
pub(crate) async fn watches(aws: &Aws, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
    Ok(of_shard(aws, WATCH_SHARD_VALUE, now).await?.cases)
}

/// The episodes that are due.
pub(crate) async fn episodes(aws: &Aws, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
    Ok(of_shard(aws, EPISODE_SHARD_VALUE, now).await?.cases)
}

async fn of_shard(aws: &Aws, shard: &str, now: Timestamp) -> Result<Due, PortError> {
    let mut due = Due::default();
    let mut start: Option<Item> = None;
    for _ in 0..PAGES {
        let page = aws
            .dynamodb()
            .query()
            .table_name(aws.table())
            .index_name(DUE_INDEX)
            .key_condition_expression("#shard = :shard AND #due <= :now")
            .projection_expression("#pk")
            .expression_attribute_names("#shard", DUE_SHARD)
            .expression_attribute_names("#due", DUE)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":now", number(now.as_second()))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        for item in page.items.unwrap_or_default() {
            add(&mut due, &item);
        }
        start = page.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            return Ok(due);
        }
    }
    tracing::warn!(services = due.services.len(), cases = due.cases.len(), "more is due than one look takes");
    Ok(due)
}

fn add(due: &mut Due, item: &Item) {
    let Some(pk) = item.get(PK).and_then(|pk| pk.as_s().ok()) else { return };
    if let Some(service) = ServiceId::from_key(pk) {
        due.services.push(service);
    } else if let Some(case) = case_of(pk) {
        due.cases.push(case);
    } else {
        tracing::warn!(pk, "due, and neither a service nor a case");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_cases_are_told_apart_by_their_key() {
        let mut due = Due::default();
        for pk in ["S#1#eu-west-1#c#s", "C#abc/later", "X#?"] {
            add(&mut due, &Item::from([(PK.to_owned(), text(pk))]));
        }
        assert_eq!(due.services.iter().map(ToString::to_string).collect::<Vec<_>>(), ["S#1#eu-west-1#c#s"]);
        assert_eq!(due.cases.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(), ["abc/later"]);
    }
}
