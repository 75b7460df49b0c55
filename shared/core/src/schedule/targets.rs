//! Healthy targets of the balancer: a task that runs and gets no requests is no capacity.

use jiff::Timestamp;

use super::window::Window;
use crate::seen::{Load, LoadQuestion, NeedQuestion, NeedSeen, PolicySeen, Reading};

/// The name under which they are asked for, beside dependencies; none of those can have it.
const NAME: &str = "healthy targets";
/// Between the two names in a resource label: `app/NAME/ID/targetgroup/NAME/ID`.
const GROUP: &str = "/targetgroup/";

/// The balancer and target group that a policy on requests names, of those that the service's own tasks are registered in: a
/// policy may follow the requests of another's. Without one nobody here knows them.
pub(crate) fn label_of(policies: &Reading<Vec<PolicySeen>>, own: &[String]) -> Option<String> {
    let mut labels = policies.known()?.iter().filter_map(|policy| policy.label.as_ref());
    let is_own = |label: &str| {
        let group = label.split_once(GROUP).map(|(_, group)| format!(":targetgroup/{group}"));
        group.is_some_and(|group| own.iter().any(|arn| arn.ends_with(&group)))
    };
    labels.find(|label| is_own(label)).cloned()
}

/// What is asked in each minute of a window: HealthyHostCount of the newest minute. One metric of many services is one call,
/// where DescribeTargetHealth is one for each (AWS_FACTS 3.3).
#[must_use]
pub fn healthy_question(label: &str) -> Option<NeedQuestion> {
    let (balancer, group) = label.split_once(GROUP)?;
    let dimensions = [("LoadBalancer", balancer.to_owned()), ("TargetGroup", format!("targetgroup/{group}"))];
    let load = LoadQuestion {
        namespace: "AWS/ApplicationELB".to_owned(),
        name: "HealthyHostCount".to_owned(),
        // The best moment of a minute: too few even then is no chance.
        stat: "Maximum".to_owned(),
        dimensions: dimensions.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        tasks_of: None,
        lowest_of: Some(1),
    };
    Some(NeedQuestion { name: NAME.to_owned(), load: Some(load), alarm: None })
}

/// Its answer; `None` when it was not asked.
#[must_use]
pub fn healthy_of(needs: &[NeedSeen]) -> Option<&Reading<Load>> {
    needs.iter().find(|need| need.name == NAME).map(|need| &need.load)
}

/// How many tasks of a floor are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    /// So many run, and their targets are healthy as far as that is known.
    Tasks(u32),
    /// So many targets are healthy, fewer than run.
    Targets(u32),
    /// The newest minute of the metric cannot be read, or is older than what is asked for: nothing is known.
    NotYet,
}

/// The healthy targets of its newest minute.
pub(crate) fn targets_of(healthy: &Reading<Load>) -> Option<u32> {
    let value = healthy.known()?.value.clamp(0.0, f64::from(u32::MAX));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a number of tasks")]
    let targets = value as u32;
    Some(targets)
}

/// Running tasks, or their healthy targets where fewer of those are: by the newest minute, and within a window only by
/// minutes that began once the tasks were asked for, `since`. What nobody can see is neither short nor whole: whoever was
/// told of too few hears of no end, and no lead is learned from it.
pub(crate) fn there(
    running: u32,
    healthy: Option<&Reading<Load>>,
    floor: u32,
    (window, since): (Window, Timestamp),
    now: Timestamp,
) -> There {
    let Some(healthy) = healthy else { return There::Tasks(running) };
    if running < floor {
        return There::Tasks(running);
    }
    let (Some(load), Some(targets)) = (healthy.known(), targets_of(healthy)) else { return There::NotYet };
    if targets >= floor {
        return There::Tasks(running);
    }
    if window.is_open(now) && load.at < since { There::NotYet } else { There::Targets(targets) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn found(running: u32, healthy: Option<Reading<Load>>, now: i64) -> There {
        let window = Window { opens: at(6_000), closes: at(9_000) };
        there(running, healthy.as_ref(), 6, (window, window.opens), at(now))
    }

    fn load(value: f64, second: i64) -> Option<Reading<Load>> {
        Some(Reading::Known(Load { value, tasks: None, at: at(second) }))
    }

    #[test]
    fn a_task_counts_when_it_runs_and_its_target_is_healthy() {
        assert_eq!(found(6, load(6.0, 6_060), 6_120), There::Tasks(6));
        assert_eq!(found(6, load(4.0, 6_060), 6_120), There::Targets(4));
        assert_eq!(found(5, load(6.0, 6_060), 6_120), There::Tasks(5), "an old target is still draining");
        assert_eq!(found(6, None, 6_120), There::Tasks(6), "no balancer");
    }

    #[test]
    fn a_minute_before_the_window_says_nothing_of_it() {
        assert_eq!(found(6, load(4.0, 5_940), 6_060), There::NotYet);
        assert_eq!(found(6, load(4.0, 5_880), 5_940), There::Targets(4), "before it opens they are on their way");
    }

    #[test]
    fn a_minute_before_the_hour_that_asks_for_more_says_nothing_of_it() {
        let window = Window { opens: at(6_000), closes: at(9_000) };
        let of = |second| there(6, load(4.0, second).as_ref(), 6, (window, at(7_200)), at(7_320));
        assert_eq!((of(7_140), of(7_200)), (There::NotYet, There::Targets(4)));
    }

    #[test]
    fn what_cannot_be_read_is_not_short_and_ends_no_page() {
        for unread in [Reading::Absent, Reading::Unreadable("denied".into()), Reading::Stale { at: at(0) }] {
            assert_eq!(found(6, Some(unread.clone()), 6_120), There::NotYet);
            assert_eq!(found(5, Some(unread), 6_120), There::Tasks(5));
        }
    }

    #[test]
    fn the_balancer_is_the_one_that_a_policy_on_requests_names_and_that_the_service_is_behind() {
        let policy = |label: Option<&str>| PolicySeen {
            name: "p".into(),
            tracks: None,
            target: None,
            scales_in: true,
            label: label.map(str::to_owned),
            predictive: false,
        };
        let own = ["arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/2".to_owned()];
        let (other, named) = (policy(Some("app/a/1/targetgroup/api/3")), policy(Some("app/a/1/targetgroup/web/2")));
        let policies = Reading::Known(vec![policy(None), other.clone(), named]);
        let question = healthy_question(&label_of(&policies, &own).unwrap()).unwrap();
        let load = question.load.unwrap();
        assert_eq!(load.dimensions[0], ("LoadBalancer".to_owned(), "app/a/1".to_owned()));
        assert_eq!(load.dimensions[1], ("TargetGroup".to_owned(), "targetgroup/web/2".to_owned()));
        assert_eq!(label_of(&Reading::Known(vec![policy(None), other]), &own), None, "another service's group");
        assert_eq!(label_of(&policies, &[]), None);
        assert_eq!(label_of(&Reading::Absent, &own), None);
    }
}
