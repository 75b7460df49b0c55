//! The metric is known, and still over the alarm's threshold.

use crate::decide::{Look, Verdict};
use crate::remedy::load;

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let load = load::load(look)?;
    if look.seen()?.load.known().is_none() && look.context.event.datapoints.is_empty() {
        return Ok("no number is needed: the alarm alone decides".to_owned());
    }
    let tasks = load.tasks.map(|tasks| format!(" on {tasks} tasks")).unwrap_or_default();
    Ok(format!("{:.1}{tasks}", load.value))
}
