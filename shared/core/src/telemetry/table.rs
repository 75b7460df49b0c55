//! The metrics as a page shows them.

use std::fmt::Write;

use super::metric::{METRICS, Metric};
use super::outcome::Outcome;

/// The table of metrics and the list of outcomes, in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page =
        String::from("| metric | unit | dimensions | one value says | alarm worth having |\n|---|---|---|---|---|\n");
    for metric in METRICS {
        let dimensions: Vec<String> = metric.dimensions().iter().map(|d| format!("`{}`", d.name())).collect();
        let dimensions = if dimensions.is_empty() { "none".to_owned() } else { dimensions.join(", ") };
        let (name, unit) = (metric.name(), metric.unit().name());
        let alarm = metric.alarm().unwrap_or("none: for a dashboard");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{name}` | {unit} | {dimensions} | {} | {alarm} |", metric.meaning());
    }
    let (cases, events): (Vec<Outcome>, Vec<Outcome>) = Outcome::ALL.into_iter().partition(|o| o.of_a_case());
    let names = |outcomes: &[Outcome]| -> String {
        outcomes.iter().map(|o| format!("`{}`", o.name())).collect::<Vec<_>>().join(", ")
    };
    let fixed = METRICS.iter().filter(|m| m.dimensions().is_empty()).count();
    let _ = writeln!(
        page,
        "\nOutcomes of a case: {}. Outcomes of an event that wakes no remedy, always with `Remedy=none`: {}.\n\n\
         Custom metrics, by CloudWatch's count of one for each combination of dimensions that had a value: `{}` at most {} \
         for each action that the fleet file uses, {} for the reconciler's own entries, and {} for `none`; `{}` one for \
         each name that occurs; `{}` 3; {fixed} without dimensions.",
        names(&cases),
        names(&events),
        Metric::Decisions.name(),
        cases.len(),
        1,
        events.len(),
        Metric::Reasons.name(),
        Metric::Effects.name(),
    );
    page
}
