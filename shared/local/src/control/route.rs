//! From path and method to an operation.

use serde_json::Value as Json;

use super::reply::{Reply, Wrong};
use super::{advance, health, notices, state, truth};
use crate::app::App;

const PATHS: &str = "GET /_headroom/health, GET /_headroom/truth, POST /_headroom/advance, POST /_headroom/notices, \
                     GET and POST /_headroom/state/save, POST /_headroom/state/load";

/// Answers a request; `client` is the client's time.
#[must_use]
pub fn route(app: &mut App, method: &str, path: &str, body: &[u8], client: f64) -> Reply {
    let answered = match (method, path) {
        ("GET", "/_headroom/health") => Ok(health::health(app)),
        ("GET", "/_headroom/truth") => Ok(truth::truth(app)),
        ("GET", "/_headroom/state/save") => return state::shown(app).unwrap_or_else(|wrong| wrong.reply()),
        ("POST", "/_headroom/state/save") => state::save(app),
        ("POST", "/_headroom/state/load") => state::load(app, body, client),
        ("POST", path) => post(app, path, body),
        _ => Err(Wrong { status: 404, error: format!("no {method} {path}"), example: PATHS }),
    };
    answered.map_or_else(|wrong| wrong.reply(), |json| Reply::json(200, &json))
}

fn post(app: &mut App, path: &str, body: &[u8]) -> Result<Json, Wrong> {
    let Some(name) = path.strip_prefix("/_headroom/") else {
        return Err(Wrong { status: 404, error: format!("no POST {path}"), example: PATHS });
    };
    let json: Json = if body.is_empty() {
        Json::Null
    } else {
        serde_json::from_slice(body).map_err(|e| Wrong::request(format!("no JSON: {e}"), PATHS))?
    };
    match name {
        "advance" => advance::advance(app, &json),
        "notices" => notices::post(app, json),
        _ => {
            let answered = changed(app, name, &json)?;
            app.journal.keep_control(app.engine.now(), name, &json);
            Ok(answered)
        }
    }
}

/// An operation that changes the world, now or when a state is loaded.
fn changed(_app: &mut App, name: &str, _json: &Json) -> Result<Json, Wrong> {
    Err(Wrong { status: 404, error: format!("no POST /_headroom/{name}"), example: PATHS })
}

/// Carries out again what a saved state remembers.
pub(crate) fn repeat(app: &mut App, name: &str, json: &Json) -> Result<(), String> {
    changed(app, name, json).map(|_| ()).map_err(|wrong| wrong.error)
}
