//! From path and method to an operation.

use serde_json::Value as Json;

use super::reply::{Reply, Wrong};
use super::{advance, breakage, deploy, health, load, notices, page, receiver, state, truth};
use crate::app::App;

const PATHS: &str = "GET /, GET /_headroom/health, GET /_headroom/truth, GET /_headroom/view, GET /_headroom/receiver; POST /_headroom/load, \
                     /_headroom/deploy, /_headroom/break, /_headroom/advance, /_headroom/notices, /_headroom/receiver; GET and POST \
                     /_headroom/state/save, POST /_headroom/state/load";

/// A request to the control API or for the page.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Method.
    pub method: &'a str,
    /// Path, without the query.
    pub path: &'a str,
    /// Query.
    pub query: &'a str,
    /// `If-None-Match`.
    pub known: Option<&'a str>,
    /// Body.
    pub body: &'a [u8],
    /// The client's time.
    pub client: f64,
}

/// Answers a request.
#[must_use]
pub fn route(app: &mut App, asked: Asked<'_>) -> Reply {
    let Asked { method, path, body, client, .. } = asked;
    if method == "GET"
        && let Some(reply) = page::page(app, asked)
    {
        return reply;
    }
    let answered = match (method, path) {
        ("GET", "/_headroom/health") => Ok(health::health(app)),
        ("GET", "/_headroom/truth") => Ok(truth::truth(app)),
        ("GET", "/_headroom/receiver") => Ok(receiver::shown(app)),
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
        "receiver" => receiver::mischief(app, &json),
        _ => {
            let answered = changed(app, name, &json)?;
            app.journal.keep_control(app.engine.now(), name, &json);
            Ok(answered)
        }
    }
}

/// An operation that changes the world, now or when a state is loaded.
fn changed(app: &mut App, name: &str, json: &Json) -> Result<Json, Wrong> {
    match name {
        "load" => load::load(app, json),
        "deploy" => deploy::deploy(app, json),
        "break" => breakage::breakage(app, json),
        _ => Err(Wrong { status: 404, error: format!("no POST /_headroom/{name}"), example: PATHS }),
    }
}

/// Carries out again what a saved state remembers.
pub(crate) fn repeat(app: &mut App, name: &str, json: &Json) -> Result<(), String> {
    changed(app, name, json).map(|_| ()).map_err(|wrong| wrong.error)
}
