//! The metric is known, and still over the alarm's threshold.

use crate::decide::{Look, Refusal, Verdict, refuse};
use crate::remedy::load::{self, metric_of};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let load = load::load(look)?;
    let context = look.context;
    // Which side of a threshold breaches, only a metric of the fleet file says (`above`); else the alarm's state decides.
    let above = metric_of(context.remedy).and(context.event.threshold);
    if let Some(threshold) = above.filter(|t| context.later && load.value <= *t)
        && look.seen()?.load.known().is_some()
    {
        return refuse(Refusal::NoLongerBreaching { value: load.value, threshold });
    }
    if look.seen()?.load.known().is_none() && context.event.datapoints.is_empty() {
        return Ok("no number is needed: the alarm alone decides".to_owned());
    }
    let tasks = load.tasks.map(|tasks| format!(" on {tasks} tasks")).unwrap_or_default();
    Ok(format!("{:.1}{tasks}", load.value))
}
