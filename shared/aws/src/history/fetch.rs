//! Fetches the entries that the index named.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use headroom_core::entry::Entry;
use headroom_pipeline::{PortError, Retry};

use super::find::Pointer;
use super::reader::Reader;
use crate::journal::{Item, entry_of};

const FETCH: &str = "dynamodb:BatchGetItem";
/// DynamoDB's own limit.
const KEYS_MAX: usize = 100;
/// An answer ends at 16 MB, and under load earlier: the rest is asked for again this often.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

impl Reader {
    /// The entries, oldest first. One that has expired meanwhile is missing.
    pub(super) async fn fetch(&self, pointers: &[Pointer]) -> Result<Vec<Entry>, PortError> {
        let mut found: BTreeMap<(jiff::Timestamp, String), Entry> = BTreeMap::new();
        for some in pointers.chunks(KEYS_MAX) {
            let mut keys: Vec<Item> = some.iter().map(|p| p.key.clone()).collect();
            for attempt in 0..TRIES {
                if attempt > 0 {
                    tokio::time::sleep(PAUSE).await;
                }
                let (items, left) = self.get(keys).await?;
                for item in &items {
                    let (entry, _) = entry_of(item)?;
                    found.insert((entry.at, entry.key.0.clone()), entry);
                }
                keys = left;
                if keys.is_empty() {
                    break;
                }
            }
            if !keys.is_empty() {
                let cause = format!("keys left unprocessed {TRIES} times: the table is throttled");
                return Err(PortError { place: FETCH.to_owned(), cause, retry: Retry::Later });
            }
        }
        Ok(found.into_values().collect())
    }

    /// Items that were found, and keys that are left.
    async fn get(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), PortError> {
        let request = KeysAndAttributes::builder().set_keys(Some(keys)).build().map_err(|error| PortError {
            place: FETCH.to_owned(),
            cause: error.to_string(),
            retry: Retry::Never,
        })?;
        let call = self.dynamodb.batch_get_item().request_items(&self.table, request);
        let answer = call.send().await.map_err(|error| self.failed(FETCH, &error))?;
        let items = answer.responses.unwrap_or_default().into_values().flatten().collect();
        let left = answer.unprocessed_keys.and_then(|left| left.into_values().next());
        Ok((items, left.map(|left| left.keys).unwrap_or_default()))
    }
}
