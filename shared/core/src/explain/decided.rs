//! What the guards answered, what was decided, and the plan or what to change.

use super::to_change::{when_refused, when_waiting};
use crate::decide::{Answer, Decision, Judgement, Plan};
use crate::entry::Entry;
use crate::fleet::Mode;
use crate::remedy::{Arithmetic, Disrupts};

/// A line per guard that was asked.
pub(super) fn guards(judgement: &Judgement) -> Vec<String> {
    judgement.guards.iter().zip(1..).map(guard).collect()
}

/// Numbered as they were asked: the guards of a remedy are not those of another.
fn guard((answer, number): (&Answer, u32)) -> String {
    let stop = if answer.passed { "" } else { "   STOP" };
    format!("{number:>2} {:<13} {}{stop}", answer.guard.to_string(), answer.saw)
}

/// How many guards let it pass, of how many that its remedy has.
pub(super) fn passed(entry: &Entry, judgement: &Judgement) -> String {
    let passed = judgement.guards.iter().filter(|a| a.passed).count();
    let asked = entry.rule.as_ref().map_or(judgement.guards.len(), |rule| rule.action.guards().len());
    format!("{passed} of {asked} guards passed")
}

/// The decision in a line, and its arithmetic in another.
pub(super) fn decided(entry: &Entry, judgement: &Judgement) -> Vec<String> {
    let need = judgement.need.as_ref().map(Arithmetic::to_string);
    let first = match &judgement.decision {
        Decision::Act(plan) => {
            let word = match entry.mode {
                Mode::Act => "ACT",
                Mode::Suggest => "SUGGEST",
                Mode::Observe => "WOULD ACT (observed only)",
            };
            format!("{word}: {plan}")
        }
        Decision::Wait { until, why } => {
            format!("WAIT until {} UTC: {why}", until.strftime("%H:%M:%S"))
        }
        Decision::Refuse(why) => format!("REFUSE: {}. {why}", why.name()),
    };
    std::iter::once(first).chain(need).collect()
}

/// What follows, under its label.
pub(super) fn plan(entry: &Entry, judgement: &Judgement) -> (&'static str, Vec<String>) {
    match &judgement.decision {
        Decision::Act(planned) => {
            let grant = match planned {
                Plan::Lease(grant) => grant,
                Plan::Disrupt(disruption) => return ("plan", disruptive(&disruption.what)),
                Plan::Tell { .. } => return ("plan", vec!["one notice; nothing is changed".to_owned()]),
            };
            let floor = grant.lease.floor.unwrap_or(0);
            let found = grant.expected;
            let price = entry.rule.as_ref().and_then(|rule| rule.usd_task_hour);
            let cost = price.map(|price| {
                let added = match grant.lease.raise {
                    Some(raise) => raise.saturating_sub(found.max),
                    None => floor.saturating_sub(found.min),
                };
                let usd = price * f64::from(added);
                format!("; at most {usd:.2} USD/h")
            });
            let call = match (grant.lease.raise, grant.lease.floor) {
                (Some(raise), _) => format!("max {} -> {raise}, only if found {found}", found.max),
                (None, Some(_)) => format!("min {} -> {floor}, only if found {found}", found.min),
                (None, None) => format!("scale-in suspended, only if found {found}"),
            };
            let lease = format!(
                "lease until {} UTC, renewed while needed{}",
                grant.lease.until.strftime("%H:%M:%S"),
                cost.unwrap_or_default()
            );
            let forecast =
                grant.lease.forecast.as_ref().and_then(|forecast| forecast.asking(floor, grant.lease.granted));
            ("plan", [call, lease].into_iter().chain(forecast.map(ToString::to_string)).collect())
        }
        Decision::Wait { why, .. } => ("then", vec![when_waiting(why).to_owned()]),
        Decision::Refuse(why) => ("to change", vec![when_refused(why).to_owned()]),
    }
}

/// The part of an ARN that people say: the rest names the account.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The call, with what it must find.
fn disruptive(what: &Disrupts) -> Vec<String> {
    match what {
        Disrupts::ForceNewDeployment { primary, task_definition } => vec![
            format!("UpdateService forceNewDeployment, only if the primary deployment is still {primary}"),
            format!("task definition stays {}; desired count is not sent", last(task_definition)),
        ],
        Disrupts::StopTask { task, sick } => {
            vec![format!("StopTask {}, {sick}; ECS starts another in its place", last(task))]
        }
    }
}
