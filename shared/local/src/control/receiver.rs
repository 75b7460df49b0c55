//! What Slack and PagerDuty have, as people see it, and what befalls their next calls.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::reply::Wrong;
use crate::app::App;
use crate::receiver::Mischief;

const EXAMPLE: &str = r#"{"mischief": "closes-midway"}"#;
/// When a test asks for 429 without saying how long.
const RETRY_AFTER: u32 = 5;
const SERVER_ERROR: u16 = 503;

/// As text, and in numbers.
pub(super) fn shown(app: &App) -> Json {
    let receiver = &app.receiver;
    let replies = receiver.messages().filter(|m| m.thread.is_some()).count();
    let edits: u32 = receiver.messages().map(|m| m.edits).sum();
    json!({
        "people": receiver.people(),
        "threads": receiver.messages().count() - replies,
        "replies": replies,
        "edits": edits,
        "alerts": receiver.alerts().len(),
        "mischief_left": receiver.mischief_left(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    mischief: String,
}

/// Befalls the next call.
pub(super) fn mischief(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let Wanted { mischief } =
        serde_json::from_value(json.clone()).map_err(|e| Wrong::request(e.to_string(), EXAMPLE))?;
    let wanted = match mischief.as_str() {
        "too-many" => Mischief::TooMany { retry_after: RETRY_AFTER },
        "error" => Mischief::Error { status: SERVER_ERROR },
        "taken-then-error" => Mischief::TakenThenError { status: SERVER_ERROR },
        "slow" => Mischief::Slow,
        "malformed" => Mischief::Malformed,
        "closes-midway" => Mischief::ClosesMidway,
        other => {
            let known = "too-many, error, taken-then-error, slow, malformed, closes-midway";
            return Err(Wrong::request(format!("no mischief {other}; there are {known}"), EXAMPLE));
        }
    };
    app.receiver.mischief(wanted);
    Ok(json!({ "next": mischief }))
}
