//! Takes notices: an SNS topic's HTTP subscription points here.

use serde_json::{Value as Json, json};

use super::reply::Wrong;
use crate::app::App;

const EXAMPLE: &str = r#"{"Type": "Notification", "Subject": "prod-eu/web", "Message": "{}"}"#;

/// Takes one.
pub(super) fn post(app: &mut App, json: Json) -> Result<Json, Wrong> {
    if json.is_null() {
        return Err(Wrong::request("no body", EXAMPLE));
    }
    let at = app.engine.now();
    app.notices.post(at, json).map(|done| json!({ "done": done })).map_err(|e| Wrong::request(e, EXAMPLE))
}
