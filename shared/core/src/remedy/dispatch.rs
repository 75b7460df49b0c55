//! From the action of a remedy to its file.

use super::{force_new_deployment, load, needs, notify_only, raise_max, scale_out, stop_task, suspend_scale_in};
use crate::decide::{Context, Decision, Look, Plan, Refusal};
use crate::fleet::{Action, When, WhileHigh};
use crate::id::ServiceId;
use crate::seen::Question;

/// What a remedy must see.
pub(crate) fn question(context: &Context<'_>) -> Question {
    let action = context.remedy.action;
    Question {
        service: ServiceId::of(context.service),
        policies: action == Action::ScaleOut,
        scheduled: false,
        load: load::question(context),
        alarm: match context.remedy.when {
            When::Event { .. } => None,
            When::Metric { .. } | When::Alarm { .. } | When::Contributor { .. } => Some(context.event.name.clone()),
        },
        tasks: action == Action::StopTask,
        needs: match action {
            Action::ScaleOut | Action::RaiseMax => {
                needs::questions(context.fleet, context.service, WhileHigh::NoScaleOut)
            }
            Action::SuspendScaleIn
            | Action::ForceNewDeployment
            | Action::StopTask
            | Action::Rollback
            | Action::NotifyOnly => Vec::new(),
        },
        quota: context.service.task.is_some() && matches!(action, Action::ScaleOut | Action::RaiseMax),
    }
}

/// Whether what the remedy moves is in sight at all.
pub(crate) fn in_sight(look: &Look<'_>) -> Result<(), Decision> {
    match look.context.remedy.action {
        Action::ScaleOut | Action::SuspendScaleIn | Action::RaiseMax => {
            look.service()?;
            look.target()?;
            Ok(())
        }
        Action::ForceNewDeployment | Action::StopTask | Action::Rollback => look.service().map(|_service| ()),
        Action::NotifyOnly => Ok(()),
    }
}

/// What a remedy does, once its guards let it pass.
pub(crate) fn plan(look: &Look<'_>) -> Result<Plan, Decision> {
    match look.context.remedy.action {
        Action::ScaleOut => scale_out::plan(look),
        Action::SuspendScaleIn => suspend_scale_in::plan(look),
        Action::RaiseMax => raise_max::plan(look),
        Action::ForceNewDeployment => force_new_deployment::plan(look),
        Action::StopTask => stop_task::plan(look),
        Action::NotifyOnly => Ok(notify_only::plan(look)),
        Action::Rollback => Err(Decision::Refuse(Refusal::DecidedByWatch)),
    }
}
