//! Alarms that people are told of, and proposals that wait for them.

use jiff::Timestamp;

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use crate::decide::{Judgement, Plan};
use crate::signal::AlarmEvent;

/// An alarm fires, and its remedy only tells.
#[must_use]
pub fn told(about: &About<'_>, remedy: &str, alarm: &AlarmEvent) -> Notice {
    let title = format!("{}: {remedy}: alarm {} fires", about.label, alarm.name);
    let notice = Notice::new(Kind::Told, Severity::Warn, about, &title);
    let metric = alarm.metric.as_ref().map(|m| m.name.as_str());
    let notice = match (metric, alarm.datapoints.last(), alarm.threshold) {
        (Some(metric), Some(value), Some(threshold)) => {
            notice.line("Seen", format!("{metric} {value:.2}, threshold {threshold}"))
        }
        (_, _, _) => notice,
    };
    notice.line("Next", "nothing is changed: this remedy only tells")
}

/// A plan that a person may accept.
#[must_use]
pub fn suggested(about: &About<'_>, remedy: &str, plan: &Plan, judgement: &Judgement, until: Timestamp) -> Notice {
    let title = format!("{}: {remedy} suggests {plan}", about.label);
    let notice = Notice::new(Kind::Suggested, Severity::Warn, about, &title);
    let notice = match judgement.need {
        Some(need) => notice.line("Why", need.to_string()),
        None => notice,
    };
    notice.line("Say yes", format!("headroom apply {} (until {until:.0})", about.decision))
}
