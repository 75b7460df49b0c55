//! Alarms on Headroom itself: whoever watches must be watched.

use std::collections::BTreeMap;

use super::shape::{Alarm, Function, Queue};
use super::stores::DEAD_LETTERS;

/// Five minutes: three failed tries of one event fall inside it, and a reconciler that missed five is not just late.
const PERIOD_SECONDS: u32 = 300;
/// One event that failed every try, or three of five minutes; a failure that a retry healed wakes nobody.
const ERRORS: u32 = 3;

/// Alarms that every function has.
pub(super) fn of_function(function: &Function) -> Vec<Alarm> {
    let alarm = |what: &str, metric, threshold, why: &str| Alarm {
        name: format!("{}-{what}", function.name),
        description: why.to_owned(),
        namespace: "AWS/Lambda",
        metric,
        dimensions: BTreeMap::from([("FunctionName", function.name.clone())]),
        statistic: "Sum",
        period_seconds: PERIOD_SECONDS,
        periods: 1,
        comparison: "GreaterThanOrEqualToThreshold",
        threshold,
        missing_data: "notBreaching",
    };
    let mut alarms = vec![
        alarm("errors", "Errors", ERRORS, "The function fails again and again; its log says why."),
        alarm("throttles", "Throttles", 1, "The account has no free concurrency for the function: alarms wait."),
        alarm(
            "lost",
            "DestinationDeliveryFailures",
            1,
            "An event was given up and could not even become a dead letter.",
        ),
    ];
    if !function.schedules.is_empty() {
        let mut heartbeat = alarm(
            "heartbeat",
            "Invocations",
            1,
            "Nobody woke the reconciler for five minutes: no capacity is given back and nothing is repaired. \
             Rings once, for up to five minutes, after the first deployment.",
        );
        heartbeat.comparison = "LessThanThreshold";
        heartbeat.missing_data = "breaching";
        alarms.push(heartbeat);
    }
    alarms
}

/// Messages that nobody has taken for a quarter of an hour. Hidden ones wait for their time and are not among them.
pub(super) fn of_queue(queue: &Queue) -> Alarm {
    Alarm {
        name: format!("{}-waiting", queue.name),
        description: "Notices wait in the queue and nobody works it: people are not told.".to_owned(),
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: BTreeMap::from([("QueueName", queue.name.to_owned())]),
        statistic: "Minimum",
        period_seconds: PERIOD_SECONDS,
        periods: 3,
        comparison: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        missing_data: "notBreaching",
    }
}

/// The alarm on the dead letter queue.
pub(super) fn dead_letters() -> Alarm {
    Alarm {
        name: format!("{DEAD_LETTERS}-waiting"),
        description: "Events that Headroom could not handle wait in the dead letter queue, each with its reason."
            .to_owned(),
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: BTreeMap::from([("QueueName", DEAD_LETTERS.to_owned())]),
        statistic: "Maximum",
        period_seconds: PERIOD_SECONDS,
        periods: 1,
        comparison: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        missing_data: "notBreaching",
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::manifest;

    #[test]
    fn a_reconciler_that_nobody_wakes_is_noticed_although_it_sends_no_data() {
        let manifest = manifest();
        let heartbeat = manifest.alarms.iter().find(|a| a.name == "headroom-scheduled-prewarm-heartbeat").unwrap();
        assert_eq!(
            (heartbeat.missing_data, heartbeat.comparison, heartbeat.threshold),
            ("breaching", "LessThanThreshold", 1)
        );
    }

    #[test]
    fn each_alarm_has_its_own_name() {
        let manifest = manifest();
        let names: std::collections::BTreeSet<_> = manifest.alarms.iter().map(|a| &a.name).collect();
        assert_eq!(names.len(), manifest.alarms.len());
    }
}
