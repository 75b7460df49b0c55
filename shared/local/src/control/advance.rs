//! Moves the clock by hand, for tests with `--speed 0`.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::reply::{Wrong, members};
use crate::app::App;
use crate::clock::iso;

const EXAMPLE: &str = r#"{"seconds": 60}"#;
/// A week: more in one request would keep every other one waiting.
const SECONDS_MAX: i64 = 7 * 86_400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

/// Moves it.
pub(super) fn advance(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let Advance { seconds } = members(json, EXAMPLE)?;
    if app.clock.speed > 0.0 {
        return Err(Wrong::request("the clock runs by itself; start with --speed 0 to move it by hand", EXAMPLE));
    }
    if !(1..=SECONDS_MAX).contains(&seconds) {
        return Err(Wrong::request(format!("seconds {seconds}, expected 1 to {SECONDS_MAX}"), EXAMPLE));
    }
    app.advance(app.engine.now() + seconds);
    Ok(json!({ "world": iso(app.engine.now() as f64) }))
}
