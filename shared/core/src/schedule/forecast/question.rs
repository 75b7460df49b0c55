//! What must be read to know the usual load of a service.

use jiff::tz::TimeZone;

use super::hours::{Hour, Span, WEEKS, hours};
use crate::fleet::Metric;
use crate::id::ServiceId;
use crate::schedule::Window;
use crate::seen::{PolicySeen, Reading};

const CPU: [&str; 2] = ["ECSServiceAverageCPUUtilization", "ECSServiceAverageCPUUtilizationHighResolution"];
const REQUESTS: &str = "ALBRequestCountPerTarget";
/// Between the two names in a resource label: `app/NAME/ID/targetgroup/NAME/ID`.
const GROUP: &str = "/targetgroup/";

/// A metric that a target-tracking policy follows, summed over the tasks that share it.
#[derive(Debug, Clone, PartialEq)]
pub struct Follows {
    /// CPU or requests.
    pub metric: Metric,
    /// What one task is to carry: percent of its CPU, or requests per minute.
    pub target: f64,
    /// Namespace in CloudWatch.
    pub namespace: &'static str,
    /// Name of the metric there; its statistic is `Sum`.
    pub name: &'static str,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
}

/// The usual load of one service: sums of five minutes, over the same hours of earlier weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct UsualQuestion {
    /// The service.
    pub service: ServiceId,
    /// What is summed, at least one.
    pub follows: Vec<Follows>,
    /// Names of the policies that scale the service by something else: memory, a custom metric, an alarm.
    pub others: Vec<String>,
    /// When, one span for each week, all of them over: newest first.
    pub spans: Vec<Span>,
}

/// What to read for a window.
///
/// # Errors
/// Why there is no forecast, for people: AWS makes its own, or nothing says what one task carries.
pub fn usual_question(
    service: &ServiceId,
    policies: &Reading<Vec<PolicySeen>>,
    window: Window,
    zone: &TimeZone,
) -> Result<UsualQuestion, String> {
    let Some(policies) = policies.known() else {
        return Err(format!("the scaling policies are {}", policies.why()));
    };
    if let Some(policy) = policies.iter().find(|policy| policy.predictive) {
        return Err(format!("AWS predictive scaling forecasts this service (policy {})", policy.name));
    }
    let (mut follows, mut others) = (Vec::new(), Vec::new());
    for policy in policies {
        let (Some(tracks), Some(target)) = (policy.tracks.as_deref(), policy.target.filter(|t| *t > 0.0)) else {
            others.push(policy.name.clone());
            continue;
        };
        if CPU.contains(&tracks) {
            follows.push(cpu(service, target));
        } else if tracks == REQUESTS {
            let label = policy.label.as_deref().unwrap_or_default();
            let label = label.split_once(GROUP);
            let (balancer, group) = label.ok_or_else(|| format!("policy {} names no target group", policy.name))?;
            follows.push(requests(balancer, group, target));
        } else {
            others.push(policy.name.clone());
        }
    }
    if follows.is_empty() {
        return Err("no target-tracking policy on CPU or requests says what one task carries".to_owned());
    }
    Ok(UsualQuestion { service: service.clone(), follows, others, spans: spans(&hours(window, zone)) })
}

fn cpu(service: &ServiceId, target: f64) -> Follows {
    let dimensions = [("ClusterName", service.cluster.clone()), ("ServiceName", service.service.clone())];
    Follows {
        metric: Metric::Cpu,
        target,
        namespace: "AWS/ECS",
        name: "CPUUtilization",
        dimensions: dimensions.map(|(name, value)| (name.to_owned(), value)).to_vec(),
    }
}

fn requests(balancer: &str, group: &str, target: f64) -> Follows {
    let dimensions = [("LoadBalancer", balancer.to_owned()), ("TargetGroup", format!("targetgroup/{group}"))];
    Follows {
        metric: Metric::RequestsPerTarget,
        target,
        namespace: "AWS/ApplicationELB",
        name: "RequestCount",
        dimensions: dimensions.map(|(name, value)| (name.to_owned(), value)).to_vec(),
    }
}

/// One span a week, from its first hour to its last.
fn spans(hours: &[Hour]) -> Vec<Span> {
    let of_week = |week: usize| {
        let past = || hours.iter().filter_map(move |hour| hour.past.get(week).copied().flatten());
        let (from, until) = (past().map(|span| span.from).min()?, past().map(|span| span.until).max()?);
        Some(Span { from, until })
    };
    (0..WEEKS).filter_map(of_week).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(tracks: Option<&str>, label: Option<&str>) -> PolicySeen {
        PolicySeen {
            name: "p".into(),
            tracks: tracks.map(str::to_owned),
            target: tracks.map(|_| 70.0),
            scales_in: true,
            label: label.map(str::to_owned),
            predictive: false,
        }
    }

    fn asked(policies: Vec<PolicySeen>) -> Result<Vec<String>, String> {
        let service = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let window =
            Window { opens: "2026-11-23T07:00:00Z".parse().unwrap(), closes: "2026-11-23T17:00:00Z".parse().unwrap() };
        let question = usual_question(&service, &Reading::Known(policies), window, &TimeZone::UTC)?;
        assert_eq!(question.spans.len(), WEEKS);
        assert_eq!(question.spans[0].from.to_string(), "2026-11-16T07:00:00Z");
        assert_eq!(question.spans[3].until.to_string(), "2026-10-26T17:00:00Z");
        Ok(question.follows.into_iter().map(|f| format!("{} {:?}", f.name, f.dimensions)).collect())
    }

    #[test]
    fn what_is_read_is_what_the_services_own_policies_follow() {
        let label = "app/a/1/targetgroup/web/2";
        assert_eq!(
            asked(vec![policy(Some(CPU[0]), None), policy(Some(REQUESTS), Some(label)), policy(None, None)]),
            Ok(vec![
                "CPUUtilization [(\"ClusterName\", \"c\"), (\"ServiceName\", \"s\")]".to_owned(),
                "RequestCount [(\"LoadBalancer\", \"app/a/1\"), (\"TargetGroup\", \"targetgroup/web/2\")]".to_owned(),
            ])
        );
    }

    #[test]
    fn a_policy_on_memory_on_a_metric_of_ones_own_or_by_steps_is_named() {
        let service = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let window =
            Window { opens: "2026-11-23T07:00:00Z".parse().unwrap(), closes: "2026-11-23T17:00:00Z".parse().unwrap() };
        let named = |name: &str, tracks, target| PolicySeen { name: name.into(), target, ..policy(tracks, None) };
        let policies = vec![
            named("cpu", Some(CPU[0]), Some(70.0)),
            named("memory", Some("ECSServiceAverageMemoryUtilization"), Some(80.0)),
            named("depth", None, Some(10.0)),
            named("steps", None, None),
        ];
        let question = usual_question(&service, &Reading::Known(policies), window, &TimeZone::UTC).unwrap();
        assert_eq!(
            (question.follows.len(), question.others),
            (1, ["memory", "depth", "steps"].map(str::to_owned).into())
        );
    }

    #[test]
    fn a_service_that_aws_forecasts_or_that_nothing_tracks_has_no_forecast() {
        let predictive = PolicySeen { predictive: true, name: "weekly".into(), ..policy(None, None) };
        let why = asked(vec![policy(Some(CPU[0]), None), predictive]).unwrap_err();
        assert_eq!(why, "AWS predictive scaling forecasts this service (policy weekly)");
        for policies in [vec![], vec![policy(Some("ECSServiceAverageMemoryUtilization"), None)]] {
            assert!(asked(policies).unwrap_err().starts_with("no target-tracking policy on CPU or requests"));
        }
        assert_eq!(asked(vec![policy(Some(REQUESTS), None)]).unwrap_err(), "policy p names no target group");
    }
}
