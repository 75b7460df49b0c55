//! Reads everything that one decision needs in one consistent call.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use headroom_core::capacity::State;
use headroom_core::id::ServiceId;
use headroom_pipeline::{Keys, Loaded, PortError, Retry};

use super::item::{control_of, entry_of, state_of, used_of};
use super::key::{Item, Key};
use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "dynamodb BatchGetItem";
/// Under load DynamoDB leaves keys unprocessed; this often they are asked for again.
const TRIES: u32 = 4;
/// Doubles with each try.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn load(aws: &Aws, keys: &Keys) -> Result<Loaded, PortError> {
    let case = keys.case.as_ref().map(Key::case);
    let state = keys.service.as_ref().map(Key::state);
    let control = keys.environment.as_deref().map(Key::control);
    let budgets: Vec<Key> = keys.budgets.iter().map(Key::budget).collect();
    let mut wanted: Vec<&Key> = case.iter().chain(&state).chain(&control).chain(&budgets).collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(Loaded::default());
    }
    let found = get(aws, wanted.into_iter().map(Key::item).collect()).await?;
    let of = |key: &Option<Key>| key.as_ref().and_then(|key| found.get(key));
    Ok(Loaded {
        entry: of(&case).map(entry_of).transpose()?,
        state: of(&state).map(state_of).transpose()?.unwrap_or_default(),
        control: of(&control).map(control_of).transpose()?.unwrap_or_default(),
        used: budgets.iter().map(|key| found.get(key).map_or(Ok(0), used_of)).collect::<Result<_, _>>()?,
    })
}

/// BatchGetItem takes so many keys.
const KEYS_MAX: usize = 100;

/// The states of many services, in their order, each read consistently.
pub(crate) async fn states(aws: &Aws, services: &[ServiceId]) -> Result<Vec<State>, PortError> {
    let mut states = Vec::with_capacity(services.len());
    for part in services.chunks(KEYS_MAX) {
        let keys: Vec<Key> = part.iter().map(Key::state).collect();
        let found = get(aws, keys.iter().map(Key::item).collect()).await?;
        for key in &keys {
            states.push(found.get(key).map(state_of).transpose()?.unwrap_or_default());
        }
    }
    Ok(states)
}

async fn get(aws: &Aws, keys: Vec<Item>) -> Result<HashMap<Key, Item>, PortError> {
    let mut found = HashMap::new();
    let mut request = consistent(keys)?;
    for attempt in 0..TRIES {
        if attempt > 0 {
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
        }
        let answer = aws
            .dynamodb()
            .batch_get_item()
            .request_items(aws.table(), request)
            .send()
            .await
            .map_err(|error| failed(PLACE, &error))?;
        let items = answer.responses.unwrap_or_default().into_values().flatten();
        found.extend(items.filter_map(|item| Some((Key::of(&item)?, item))));
        match answer.unprocessed_keys.and_then(|left| left.into_values().next()) {
            Some(left) if !left.keys.is_empty() => request = consistent(left.keys)?,
            Some(_) | None => return Ok(found),
        }
    }
    Err(PortError {
        place: PLACE.to_owned(),
        cause: format!("keys left unprocessed {TRIES} times"),
        retry: Retry::Later,
    })
}

fn consistent(keys: Vec<Item>) -> Result<KeysAndAttributes, PortError> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
        .build()
        .map_err(|error| unusable(PLACE, error.to_string()))
}
