//! Saves and loads the whole state.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::reply::{Reply, Wrong};
use crate::app::App;
use crate::clock::iso;
use crate::state::Saved;

const EXAMPLE: &str = "curl http://127.0.0.1:4600/_headroom/state/save > state.json; \
                       curl --data-binary @state.json http://127.0.0.1:4600/_headroom/state/load";

fn wrong(error: String) -> Wrong {
    Wrong::request(error, EXAMPLE)
}

/// The state.
pub(super) fn shown(app: &App) -> Result<Reply, Wrong> {
    let text = Saved::of(app).and_then(|saved| saved.text()).map_err(wrong)?;
    Ok(Reply::new(200, text.into_bytes()))
}

/// Writes it to the file of `--state`.
pub(super) fn save(app: &App) -> Result<Json, Wrong> {
    let path = app.state_file.as_deref().ok_or_else(|| wrong("started without --state FILE".to_owned()))?;
    write(app, path).map_err(wrong)?;
    Ok(json!({ "saved": path.display().to_string() }))
}

/// Writes the state beside a file and renames it, so that the file is whole at any moment.
pub(crate) fn write(app: &App, path: &Path) -> Result<(), String> {
    let text = Saved::of(app)?.text()?;
    let beside = path.with_extension("writing");
    let failed = |e: std::io::Error| format!("cannot write {}: {e}", path.display());
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(failed)
}

/// Goes on from a state.
pub(super) fn load(app: &mut App, body: &[u8], client: f64) -> Result<Json, Wrong> {
    let text = std::str::from_utf8(body).map_err(|e| wrong(e.to_string()))?;
    Saved::read(text).and_then(|saved| saved.restore(app, client)).map_err(wrong)?;
    Ok(json!({ "world": iso(app.engine.now() as f64) }))
}
