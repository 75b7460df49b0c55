//! Amazon EventBridge: the default bus, which keeps what is put on it and has no rules.

use std::collections::VecDeque;

use headroom_simulator::deploy::digest_of;
use serde_json::{Value as Json, json};

use super::call::{Answer, Call, Operation};
use crate::clock::iso;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// What is served.
pub(super) const OPERATIONS: &[Operation] = &[Operation::changes("PutEvents", put)];

/// PutEvents takes no more entries (Amazon EventBridge API reference).
const ENTRIES_MAX: usize = 10;
/// Events that are kept; the oldest goes.
const KEPT_MAX: usize = 1_000;
/// The only bus here.
const DEFAULT: &str = "default";

/// What was put on the default bus, oldest first, each as a rule would deliver it.
#[derive(Debug, Default)]
pub struct Bus {
    kept: VecDeque<Json>,
    put: u64,
}

impl Bus {
    /// The newest events.
    pub fn events(&self) -> impl Iterator<Item = &Json> {
        self.kept.iter()
    }

    fn keep(&mut self, event: Json) {
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(event);
    }
}

/// PutEvents: an entry that is refused is named in a good answer, and stops no other.
fn put(call: &mut Call<'_>) -> Answer {
    let entries = call.input.maps("Entries")?;
    if !(1..=ENTRIES_MAX).contains(&entries.len()) {
        let words = format!("1 validation error detected: 'entries' must have 1 to {ENTRIES_MAX} members.");
        return Err(Failure::sender("ValidationException", words));
    }
    let mut answers = Vec::new();
    let mut failed = 0_u32;
    for entry in entries {
        let answer = match event(call, entry)? {
            Ok(event) => {
                let id = event["id"].as_str().unwrap_or_default().to_owned();
                call.store.bus.keep(event);
                Map::new().with("EventId", id)
            }
            Err((code, words)) => {
                failed += 1;
                Map::new().with("ErrorCode", code).with("ErrorMessage", words)
            }
        };
        answers.push(answer);
    }
    Ok(Map::new().with("FailedEntryCount", failed).with("Entries", Value::list(answers)).into())
}

/// Why an entry is refused: code and words.
type Refused = (&'static str, &'static str);

fn event(call: &mut Call<'_>, entry: &Map) -> Result<Result<Json, Refused>, Failure> {
    if let Some(bus) = entry.text("EventBusName")?.filter(|bus| bus != DEFAULT) {
        let words = format!("EventBusName {bus} is not simulated, expected {DEFAULT}");
        return Err(Failure::sender("ValidationException", words));
    }
    let (source, kind, detail) = (entry.text("Source")?, entry.text("DetailType")?, entry.text("Detail")?);
    let (Some(source), Some(kind), Some(detail)) = (source, kind, detail) else {
        return Ok(Err(("InvalidArgument", "Source, DetailType and Detail are required.")));
    };
    if source.starts_with("aws.") {
        return Ok(Err(("NotAuthorizedForSourceException", "Not authorized for the source.")));
    }
    let Some(detail) = serde_json::from_str::<Json>(&detail).ok().filter(Json::is_object) else {
        return Ok(Err(("MalformedDetail", "Detail is malformed.")));
    };
    let at = entry.time("Time")?.unwrap_or(call.now() as f64);
    call.store.bus.put += 1;
    let digest = digest_of(&format!("{source}/{kind}/{}", call.store.bus.put));
    Ok(Ok(json!({
        "version": "0",
        "id": digest.trim_start_matches("sha256:").get(..32),
        "detail-type": kind,
        "source": source,
        "account": call.place.account,
        "time": iso(at),
        "region": call.place.region,
        "resources": entry.texts("Resources")?,
        "detail": detail,
    })))
}
