//! An expectation with what was found.

use serde::Serialize;

/// One `expect:` line, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Line in the scenario file, 1-based.
    pub line: usize,
    /// As written.
    pub expected: String,
    /// The value found, or why there is none.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}
