//! Scaling policies as `scaling`, and what of them the file cannot say.

use super::found::{FoundPolicy, Policy};
use super::quote;
use crate::fleet::count::NUMBER_MAX;
use crate::fleet::duration;
use crate::fleet::percent::TARGETS;
use crate::fleet::scaling::COOLDOWN;

/// ScaleOutCooldown and ScaleInCooldown of ECS when a policy names none (AWS_FACTS 2.3).
const COOLDOWN_USUAL: u32 = 300;
/// A target with more characters than this is no number that a person chose.
const NUMBER_CHARACTERS_MAX: usize = 12;

/// What `scaling` tracks, in its order, as AWS calls it.
const METRICS: [&str; 3] =
    ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"];

/// `scaling` of one service; every value as YAML has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scaling {
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) requests_per_target: Option<String>,
    /// Seconds.
    pub(super) scale_out: Option<u32>,
    /// Seconds.
    pub(super) scale_in: Option<u32>,
    /// The policies in a few words each.
    pub(super) policies: Vec<String>,
    /// The same, counted by kind.
    pub(super) counted: Vec<String>,
    /// What the file says otherwise than the policies do.
    pub(super) notes: Vec<String>,
}

impl Scaling {
    /// From the policies of one service, in any order.
    pub(super) fn of(policies: &[FoundPolicy]) -> Self {
        let mut sorted: Vec<&FoundPolicy> = policies.iter().collect();
        sorted.sort_by(|a, b| {
            let ((a_rank, a_target), (b_rank, b_target)) = (order(a), order(b));
            a_rank.cmp(&b_rank).then(a_target.total_cmp(&b_target)).then_with(|| a.name.cmp(&b.name))
        });
        let mut scaling = Self::default();
        let (mut steps, mut others) = (Vec::new(), 0);
        for policy in sorted {
            let name = quote::comment(&policy.name);
            match &policy.does {
                Policy::Tracks { metric, target, scale_out, scale_in, scales_in } => {
                    if scaling.track(&name, metric, *target) {
                        scaling.cooldown(&name, "scale-out", scale_out.unwrap_or(COOLDOWN_USUAL));
                        scaling.cooldown(&name, "scale-in", scale_in.unwrap_or(COOLDOWN_USUAL));
                    }
                    if !scales_in {
                        scaling.notes.push(format!("policy {name} never scales in"));
                    }
                }
                Policy::TracksCustom { metric, target } => {
                    scaling.policies.push(format!("{} at {}", quote::comment(metric), rounded(*target)));
                    others += 1;
                }
                Policy::Steps => steps.push(name),
                Policy::Predicts => {
                    scaling.policies.push(format!("predictive {name}"));
                    others += 1;
                }
                Policy::Other { kind } => {
                    scaling.policies.push(format!("{} {name}", quote::comment(kind)));
                    others += 1;
                }
            }
        }
        if others > 0 {
            scaling.counted.push(format!("{others} that `scaling` cannot say"));
        }
        if !steps.is_empty() {
            scaling.policies.push(format!("step {}", steps.join(" ")));
            scaling.counted.push(format!("{} step", steps.len()));
        }
        scaling
    }

    /// Whether the policy is one that the file can say.
    fn track(&mut self, name: &str, metric: &str, target: f64) -> bool {
        let number_max = f64::from(NUMBER_MAX);
        let (place, words, text, taken) = match METRICS.iter().position(|m| *m == metric) {
            Some(0) => (&mut self.cpu, "cpu", percent(target), TARGETS),
            Some(1) => (&mut self.memory, "memory", percent(target), TARGETS),
            Some(_) => (&mut self.requests_per_target, "requests", requests(target), 0.0..=number_max),
            None => {
                self.policies.push(format!("{} at {}", quote::comment(metric), rounded(target)));
                self.counted.push("1 on a metric that `scaling` does not have".to_owned());
                return false;
            }
        };
        let Some(text) = text else {
            let taken = format!("the file takes {} to {}", taken.start(), taken.end());
            self.notes.push(format!("{words} target {} of policy {name} left out: {taken}", rounded(target)));
            return false;
        };
        if place.is_some() {
            self.notes.push(format!("policy {name} tracks {words} too, at {}", rounded(target)));
            return true;
        }
        self.policies.push(format!("{words} {text}"));
        self.counted.push(format!("{words} {text}"));
        *place = Some(text);
        true
    }

    /// The file has one pair of cooldowns for all policies of a service: that of the first.
    fn cooldown(&mut self, name: &str, which: &str, seconds: u32) {
        let place = if which == "scale-out" { &mut self.scale_out } else { &mut self.scale_in };
        let most = duration::parse(COOLDOWN.most).map_or(0, |most| most.0);
        match *place {
            _ if seconds > most => {
                let words = format!("{which} cooldown {seconds}s of policy {name} left out");
                self.notes.push(format!("{words}: the file takes up to {}", COOLDOWN.most));
            }
            None => *place = Some(seconds),
            Some(first) if first != seconds => {
                self.notes.push(format!("{which} cooldown of policy {name} is {seconds}s, not {first}s"));
            }
            Some(_) => {}
        }
    }
}

/// The lowest target of a metric comes first: it is the one that scales out.
fn order(policy: &FoundPolicy) -> (usize, f64) {
    match &policy.does {
        Policy::Tracks { metric, target, .. } => (METRICS.iter().position(|m| m == metric).unwrap_or(3), *target),
        Policy::TracksCustom { target, .. } => (4, *target),
        Policy::Predicts => (5, 0.0),
        Policy::Other { .. } => (6, 0.0),
        Policy::Steps => (7, 0.0),
    }
}

fn percent(target: f64) -> Option<String> {
    TARGETS.contains(&target).then(|| number(target)).flatten().map(|text| format!("{text}%"))
}

fn requests(target: f64) -> Option<String> {
    (target > 0.0 && target <= f64::from(NUMBER_MAX)).then(|| number(target)).flatten()
}

/// All digits of a number, if a person could have written them.
fn number(value: f64) -> Option<String> {
    let text = value.to_string();
    (text.len() <= NUMBER_CHARACTERS_MAX).then_some(text)
}

/// A number for a comment.
pub(super) fn rounded(value: f64) -> String {
    number(value).unwrap_or_else(|| format!("{value:.3e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(name: &str, metric: &str, target: f64, scale_out: u32) -> FoundPolicy {
        let metric = match metric {
            "cpu" => "ECSServiceAverageCPUUtilization",
            "memory" => "ECSServiceAverageMemoryUtilization",
            "requests" => "ALBRequestCountPerTarget",
            other => other,
        };
        let does = Policy::Tracks {
            metric: metric.to_owned(),
            target,
            scale_out: Some(scale_out),
            scale_in: None,
            scales_in: true,
        };
        FoundPolicy { name: name.to_owned(), does }
    }

    #[test]
    fn tracked_metrics_become_targets_in_the_files_own_units() {
        let scaling = Scaling::of(&[
            tracks("r", "requests", 1_000.0, 60),
            tracks("c", "cpu", 72.5, 60),
            tracks("m", "memory", 80.0, 60),
        ]);
        assert_eq!(scaling.cpu.as_deref(), Some("72.5%"));
        assert_eq!(scaling.memory.as_deref(), Some("80%"));
        assert_eq!(scaling.requests_per_target.as_deref(), Some("1000"));
        assert_eq!((scaling.scale_out, scaling.scale_in), (Some(60), Some(300)));
        assert_eq!(scaling.policies, ["cpu 72.5%", "memory 80%", "requests 1000"]);
        assert_eq!(scaling.notes, [""; 0]);
    }

    #[test]
    fn the_lowest_target_counts_and_the_other_is_told() {
        let scaling = Scaling::of(&[tracks("high", "cpu", 80.0, 30), tracks("low", "cpu", 60.0, 60)]);
        assert_eq!((scaling.cpu.as_deref(), scaling.scale_out), (Some("60%"), Some(60)));
        assert_eq!(
            scaling.notes,
            ["policy high tracks cpu too, at 80", "scale-out cooldown of policy high is 30s, not 60s"]
        );
    }

    #[test]
    fn what_the_reader_would_refuse_is_told_and_not_written() {
        for (metric, target) in [
            ("cpu", 40.0),
            ("cpu", 95.0),
            ("memory", f64::NAN),
            ("requests", 0.0),
            ("requests", 2e6),
            ("requests", 1e-300),
            ("cpu", 70.123_456_789_012),
            ("EC2SpotFleetRequestAverageCPUUtilization", 70.0),
        ] {
            let scaling = Scaling::of(&[tracks("p", metric, target, 60)]);
            assert!(
                scaling.cpu.is_none() && scaling.memory.is_none() && scaling.requests_per_target.is_none(),
                "{metric} {target}"
            );
            assert_eq!(scaling.scale_out, None, "{metric} {target}");
            assert_eq!(scaling.notes.len() + scaling.policies.len(), 1, "{metric} {target}: {scaling:?}");
        }
        let slow = Scaling::of(&[tracks("p", "cpu", 70.0, 7_200)]);
        assert_eq!((slow.scale_out, slow.scale_in, slow.notes.len()), (None, Some(300), 1));
    }

    #[test]
    fn step_and_custom_policies_are_told() {
        let policy = |name: &str, does| FoundPolicy { name: name.to_owned(), does };
        let scaling = Scaling::of(&[
            policy("in", Policy::Steps),
            policy("out", Policy::Steps),
            policy("queue", Policy::TracksCustom { metric: "Backlog".to_owned(), target: 50.0 }),
            policy("daily", Policy::Predicts),
        ]);
        assert_eq!(scaling.policies, ["Backlog at 50", "predictive daily", "step in out"]);
        assert_eq!(scaling.counted, ["2 that `scaling` cannot say", "2 step"]);
    }
}
