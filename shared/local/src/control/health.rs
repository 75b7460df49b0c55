//! Is it there, and what time is it?

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::clock::iso;

/// Says so.
pub(super) fn health(app: &App) -> Json {
    let world = app.engine.now() as f64;
    json!({
        "ok": true,
        "world": iso(world),
        "client": iso(app.clock.to_client(world)),
        "speed": app.clock.speed,
        "headroom": app.engine.has_headroom(),
    })
}
