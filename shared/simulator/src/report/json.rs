//! The report as JSON: hours, timeline, expectations; the same run gives the same bytes.

use super::summary::Report;

/// Pretty-printed, ends with a newline.
///
/// # Errors
/// A number that JSON has no form for.
pub fn json(report: &Report) -> Result<String, String> {
    serde_json::to_string_pretty(report).map(|text| format!("{text}\n")).map_err(|e| e.to_string())
}
