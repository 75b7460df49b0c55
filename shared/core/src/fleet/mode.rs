//! `observe`, `suggest` or `act`.

use serde_json::Value as Json;

use super::compiled::Mode;
use super::node::Node;
use super::problem::Findings;
use super::{schema, words};

const MODES: [(&str, Mode); 3] = [("observe", Mode::Observe), ("suggest", Mode::Suggest), ("act", Mode::Act)];

/// Reads a mode.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Mode> {
    words::word(node, f, &MODES, "mode: observe")
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::words(&MODES.map(|(word, _)| word))
}
