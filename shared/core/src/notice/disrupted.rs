//! What runs was replaced.

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use crate::remedy::Disrupts;

/// The alarm, or the event of the task itself, which then stands in the alarm's place.
fn why(what: &Disrupts, alarm: &str) -> String {
    match what {
        Disrupts::StopTask { task, sick } if task.ends_with(&format!("/{alarm}")) => format!("ECS says: {sick}"),
        Disrupts::StopTask { .. } | Disrupts::ForceNewDeployment { .. } => format!("alarm {alarm} fires"),
    }
}

/// The call took effect; `attempts` says how often it was sent.
#[must_use]
pub fn disrupted(about: &About<'_>, what: &Disrupts, alarm: &str, attempts: u32) -> Notice {
    let done = match what {
        Disrupts::ForceNewDeployment { task_definition, .. } => {
            format!("UpdateService forceNewDeployment; the task definition stays {task_definition}")
        }
        Disrupts::StopTask { task, sick } => format!("StopTask {task}: {sick}; ECS starts another in its place"),
    };
    let notice = Notice::new(Kind::Disrupted, Severity::Warn, about, &format!("{}: {what}", about.label))
        .line("Why", why(what, alarm))
        .line("Done", done);
    let notice = if attempts > 1 {
        notice.line("Note", format!("sent {attempts} times: the answer to the first was lost"))
    } else {
        notice
    };
    notice.line("Next", "judged after 10 minutes: helped, or people are paged")
}
