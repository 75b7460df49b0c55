//! Notices of Headroom itself: its own alarms publish to the topic of notices.

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use crate::signal::alarm::AlarmEvent;

/// An alarm on Headroom itself fires, or has ended.
#[must_use]
pub fn itself(about: &About<'_>, alarm: &AlarmEvent, firing: bool) -> Notice {
    let (kind, severity, says) = if firing {
        (Kind::Itself, Severity::Page, "fires: Headroom itself needs somebody")
    } else {
        (Kind::Closed, Severity::Info, "is over")
    };
    let notice = Notice::new(kind, severity, about, &format!("{}: alarm {} {says}", about.label, alarm.name));
    let notice = match &alarm.reason {
        Some(reason) => notice.quote("CloudWatch says", reason.clone()),
        None => notice,
    };
    if firing {
        notice.line("Next", "notices may be missing until it is over; nothing is lost that is due")
    } else {
        notice
    }
}
