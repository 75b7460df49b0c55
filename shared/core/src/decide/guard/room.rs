//! Max and ceiling leave room for what the remedy adds.

use crate::decide::{Look, Verdict};
use crate::fleet::Action;
use crate::remedy::{raise_max, scale_out, suspend_scale_in};

pub(super) fn check(look: &Look<'_>) -> Verdict {
    match look.context.remedy.action {
        Action::ScaleOut => scale_out::room(look),
        Action::RaiseMax => raise_max::room(look),
        Action::SuspendScaleIn => suspend_scale_in::room(look),
        Action::ForceNewDeployment | Action::StopTask | Action::Rollback | Action::NotifyOnly => {
            Ok("adds nothing".to_owned())
        }
    }
}
