//! What would be replaced is there, is sick, and may be replaced.

use crate::decide::{Look, Verdict};
use crate::fleet::Action;
use crate::remedy::{force_new_deployment, stop_task};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    match look.context.remedy.action {
        Action::ForceNewDeployment => force_new_deployment::subject(look),
        Action::StopTask => stop_task::subject(look),
        Action::ScaleOut | Action::SuspendScaleIn | Action::RaiseMax | Action::Rollback | Action::NotifyOnly => {
            Ok("replaces nothing".to_owned())
        }
    }
}
