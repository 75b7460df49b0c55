//! `observe`, `suggest` or `act`.

use super::compiled::Mode;
use super::node::Node;
use super::problem::Findings;
use super::words;

/// Reads a mode.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Mode> {
    let known = [("observe", Mode::Observe), ("suggest", Mode::Suggest), ("act", Mode::Act)];
    words::word(node, f, &known, "mode: observe")
}
