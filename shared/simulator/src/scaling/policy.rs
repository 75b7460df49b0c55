//! PutScalingPolicy and DeleteScalingPolicy.

use headroom_core::fleet::Metric;

use super::alarm::Tracked;
use super::cooldown::Cooldown;
use super::refused::Refused;
use super::step::{Step, StepPolicy};
use super::target::Target;
use super::tracking::Tracking;

/// Quotas: policies of a scalable target, steps of a policy (AWS_FACTS 2.8).
const POLICIES_MAX: usize = 50;
const STEPS_MAX: usize = 20;

/// A TargetTrackingScaling policy as it is put.
#[derive(Debug, Clone, PartialEq)]
pub struct PutTracking {
    /// PolicyName.
    pub name: String,
    /// PredefinedMetricSpecification or CustomizedMetricSpecification.
    pub tracked: Tracked,
    /// TargetValue.
    pub target: f64,
    /// ScaleOutCooldown and ScaleInCooldown.
    pub cooldown: Cooldown,
    /// Not DisableScaleIn.
    pub scale_in: bool,
}

impl Target {
    /// Puts a target-tracking policy, new or instead of one of its name. Its alarms begin anew.
    ///
    /// # Errors
    /// No scalable target, a target value that is not over 0, a metric that ECS has not predefined or that another
    /// policy tracks, a name that a step policy has, or a 51st policy.
    pub fn put_tracking(&mut self, resource_id: &str, call: PutTracking) -> Result<(), Refused> {
        self.registered()?;
        self.named(&call.name, self.policies.step.iter().any(|p| p.name == call.name))?;
        if !(call.target.is_finite() && call.target > 0.0) {
            return Err(Refused::validation("TargetValue must be over 0"));
        }
        // AWS_FACTS 2.3: what is predefined for ECS.
        let predefined = [Metric::Cpu, Metric::Memory, Metric::RequestsPerTarget].map(Tracked::Service);
        if matches!(call.tracked, Tracked::Service(_)) && !predefined.contains(&call.tracked) {
            return Err(Refused::validation("PredefinedMetricType is not one of ECS's"));
        }
        let twice = self.policies.tracking.iter().any(|p| p.tracked == call.tracked && p.name != call.name);
        if twice {
            return Err(Refused::validation(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
            ));
        }
        let policy = Tracking::new(resource_id, call.name, call.tracked, call.target, call.scale_in);
        let policy = policy.with_cooldown(call.cooldown);
        match self.policies.tracking.iter_mut().find(|p| p.name == policy.name) {
            Some(known) => *known = policy,
            None => self.policies.tracking.push(policy),
        }
        Ok(())
    }

    /// Puts a step-scaling policy, new or instead of one of its name.
    ///
    /// # Errors
    /// No scalable target, steps that are none, too many, overlap or leave a gap, a name that a tracking policy has,
    /// or a 51st policy.
    pub fn put_step(&mut self, call: StepPolicy) -> Result<(), Refused> {
        self.registered()?;
        self.named(&call.name, self.policies.tracking.iter().any(|p| p.name == call.name))?;
        steps(&call.steps)?;
        match self.policies.step.iter_mut().find(|p| p.name == call.name) {
            Some(known) => *known = call,
            None => self.policies.step.push(call),
        }
        Ok(())
    }

    /// DeleteScalingPolicy; the alarms that target tracking made go with it.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn delete_policy(&mut self, name: &str) -> Result<(), Refused> {
        let before = self.policies.tracking.len() + self.policies.step.len();
        self.policies.tracking.retain(|p| p.name != name);
        self.policies.step.retain(|p| p.name != name);
        if self.policies.tracking.len() + self.policies.step.len() == before {
            return Err(Refused::not_found(format!("No scaling policy found named {name}")));
        }
        Ok(())
    }

    fn named(&self, name: &str, of_other_type: bool) -> Result<(), Refused> {
        let (tracking, step) = (&self.policies.tracking, &self.policies.step);
        let known = tracking.iter().any(|p| p.name == name) || step.iter().any(|p| p.name == name);
        if name.is_empty() || name.len() > 256 {
            return Err(Refused::validation("PolicyName must have 1 to 256 characters"));
        }
        if of_other_type {
            return Err(Refused::validation(format!("PolicyType of {name} cannot be changed")));
        }
        if !known && tracking.len() + step.len() >= POLICIES_MAX {
            return Err(Refused::limit(format!("at most {POLICIES_MAX} scaling policies per scalable target")));
        }
        Ok(())
    }
}

/// Steps must not overlap nor leave a gap (Application Auto Scaling User Guide, "Step scaling policies").
fn steps(steps: &[Step]) -> Result<(), Refused> {
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Err(Refused::validation(format!("StepAdjustments must have 1 to {STEPS_MAX} members")));
    }
    let mut bounds: Vec<(f64, f64)> =
        steps.iter().map(|s| (s.lower.unwrap_or(f64::NEG_INFINITY), s.upper.unwrap_or(f64::INFINITY))).collect();
    bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let empty = bounds.iter().any(|(lower, upper)| lower >= upper);
    let apart = bounds.windows(2).any(|pair| matches!(pair, [(_, upper), (lower, _)] if upper != lower));
    if empty || apart {
        return Err(Refused::validation(
            "Step adjustment intervals must have a width, and neither overlap nor leave a gap",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::Code;

    fn cpu(name: &str, target: f64) -> PutTracking {
        let (tracked, cooldown) = (Tracked::Service(Metric::Cpu), Cooldown::default());
        PutTracking { name: name.into(), tracked, target, cooldown, scale_in: true }
    }

    fn step(name: &str, bounds: &[(Option<f64>, Option<f64>)]) -> StepPolicy {
        let steps = bounds.iter().map(|(lower, upper)| Step { lower: *lower, upper: *upper, adjust: 1 }).collect();
        StepPolicy { name: name.into(), steps, ..StepPolicy::default() }
    }

    fn code<T: std::fmt::Debug>(result: Result<T, Refused>) -> Option<Code> {
        result.err().map(|e| e.code)
    }

    #[test]
    fn a_policy_is_put_replaced_and_deleted_by_its_name() {
        let mut target = Target::within(2, 10);
        target.put_tracking("service/c/s", cpu("a", 70.0)).unwrap();
        target.put_tracking("service/c/s", cpu("a", 60.0)).unwrap();
        assert_eq!(target.policies.tracking.iter().map(|p| p.target).collect::<Vec<_>>(), [60.0]);
        target.put_step(step("b", &[(Some(0.0), None)])).unwrap();
        assert_eq!(target.policies.alarms().count(), 2, "of target tracking; a step policy has none of its own");
        target.delete_policy("a").unwrap();
        target.delete_policy("b").unwrap();
        assert_eq!(code(target.delete_policy("b")), Some(Code::ObjectNotFound));
    }

    #[test]
    fn put_scaling_policy_refuses_what_is_not_right() {
        let mut target = Target::within(2, 10);
        target.put_tracking("r", cpu("a", 70.0)).unwrap();
        let slow = Tracked::Service(Metric::ResponseTimeAvg);
        for call in [cpu("", 70.0), cpu("b", 70.0), cpu("a", 0.0), PutTracking { tracked: slow, ..cpu("b", 1.0) }] {
            assert_eq!(code(target.put_tracking("r", call.clone())), Some(Code::Validation), "{call:?}");
        }
        assert_eq!(code(target.put_step(step("a", &[(Some(0.0), None)]))), Some(Code::Validation));
        assert_eq!(code(Target::unregistered().put_tracking("r", cpu("a", 70.0))), Some(Code::ObjectNotFound));
    }

    #[test]
    fn steps_neither_overlap_nor_leave_a_gap() {
        let put = |bounds: &[(Option<f64>, Option<f64>)]| Target::within(2, 10).put_step(step("b", bounds));
        assert!(put(&[(Some(100.0), None), (Some(0.0), Some(100.0))]).is_ok());
        for bad in [
            &[][..],
            &[(Some(0.0), Some(100.0)), (Some(90.0), None)],
            &[(Some(0.0), Some(100.0)), (Some(110.0), None)],
            &[(Some(5.0), Some(5.0))],
        ] {
            assert_eq!(code(put(bad)), Some(Code::Validation), "{bad:?}");
        }
    }

    #[test]
    fn a_scalable_target_has_at_most_50_policies() {
        let mut target = Target::within(2, 10);
        for n in 0..POLICIES_MAX {
            target.put_step(step(&n.to_string(), &[(Some(0.0), None)])).unwrap();
        }
        assert_eq!(code(target.put_step(step("more", &[(Some(0.0), None)]))), Some(Code::LimitExceeded));
        assert!(target.put_step(step("7", &[(Some(1.0), None)])).is_ok());
    }
}
