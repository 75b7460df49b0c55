//! What must be seen for one decision, read from AWS now.

use headroom_core::seen::{Question, Seen};
use headroom_pipeline::Ask as _;

use super::caller::Caller;
use super::failure::Failure;
use super::run::runtime;
use crate::aws::Aws;

/// IAM actions that [`see`] needs; all of them read.
pub const ACTIONS: [&str; 8] = [
    "ecs:DescribeServices",
    "ecs:ListTasks",
    "ecs:DescribeTasks",
    "ecs:GetTaskProtection",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudwatch:GetMetricData",
    "cloudwatch:DescribeAlarms",
];

/// Answers a question as the functions do, with the caller's own credentials; changes nothing. Blocks until it is done.
///
/// # Errors
/// Why not, in a sentence for a person. A reading that fails alone is no error: it is unreadable in the answer.
pub fn see(caller: &Caller, question: &Question) -> Result<Seen, Failure> {
    runtime()?.block_on(async {
        let region = caller.region.clone().or_else(|| Some(question.service.region.clone()));
        let connected = Caller { region, ..caller.clone() }.connect().await?;
        let aws = Aws::of(connected.config, String::new(), String::new());
        let seen = aws.ask(std::slice::from_ref(question)).await.map_err(Failure::Ask)?.into_iter().next();
        seen.ok_or_else(|| Failure::unusable("ecs:DescribeServices", "no answer"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_of_all_that_asking_calls_for_a_decision() {
        // Scheduled actions are looked at while a foreign change is understood, never for a decision.
        let asked = crate::ask::PERMISSIONS.iter().flat_map(|p| p.actions);
        let mut asked: Vec<&str> =
            asked.copied().filter(|a| *a != "application-autoscaling:DescribeScheduledActions").collect();
        let mut told = ACTIONS.to_vec();
        asked.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, asked);
    }
}
