//! The functions, one by one. A new function is one more entry of the list in [`manifest`].

use std::collections::BTreeMap;

use headroom_aws::{Function as Code, Resource};
use headroom_core::signal::alarm::{configuration, contributor, lambda_action, sns, state_change};
use headroom_core::signal::{deployment, hook, minute, scaling, task};
use serde_json::Value;

use super::shape::{Asynchronous, Function, Invoker, Manifest, Number, Rule, Schedule};
use super::{alarms, iam, stores};

/// Everything, from the code as it is compiled here.
pub(crate) fn manifest() -> Manifest {
    let functions: BTreeMap<String, Function> =
        Code::ALL.into_iter().map(|code| (code.binary().to_owned(), function(code))).collect();
    let mut alarms: Vec<_> = functions.values().flat_map(alarms::of_function).collect();
    alarms.extend(functions.values().filter_map(|f| f.queue.as_ref()).map(alarms::of_queue));
    alarms.push(alarms::dead_letters());
    Manifest {
        about: "Made from the code by `xtask generate`; do not edit. \
                ${partition}, ${region} and ${account} are filled in by the reader.",
        functions,
        fleet_layer: stores::fleet_layer(),
        table: stores::table(),
        topic: stores::topic(),
        mail_topic: stores::mail_topic(),
        dead_letters: stores::dead_letters(),
        log_retention_days: Number { value: 90, reason: "a quarter: last quarter's incident can still be read" },
        alarms,
    }
}

fn function(code: Code) -> Function {
    match code {
        Code::AlarmHandler => alarm_handler(code),
        Code::Notifier => notifier(code),
        Code::ScheduledPrewarm => scheduled_prewarm(code),
        Code::ErrorRateRollback => error_rate_rollback(code),
        Code::MaxCapacityNotifier => max_capacity_notifier(code),
    }
}

fn notifier(code: Code) -> Function {
    let asynchronous = Asynchronous {
        max_event_age_seconds: MINUTE_AGE,
        retries: Number { value: 0, reason: "its queue delivers again; nothing invokes it without one" },
    };
    let what = "Tells people: renders notices for each channel, one thread an incident";
    let mut function = common(code, what, asynchronous);
    function.queue = Some(stores::notices_queue());
    function.environment.extend([
        ("HEADROOM_MAIL_TOPIC_ARN", stores::mail_topic_arn()),
        ("HEADROOM_QUEUE", stores::NOTICES_QUEUE.to_owned()),
        ("HEADROOM_DEAD_LETTERS", stores::DEAD_LETTERS.to_owned()),
    ]);
    function
}

fn alarm_handler(code: Code) -> Function {
    let asynchronous = Asynchronous {
        max_event_age_seconds: EVENT_AGE,
        retries: Number {
            value: 2,
            reason: "the most that Lambda makes, after 1 and 2 minutes; then the reconciler resumes",
        },
    };
    let mut function = common(code, "Answers alarms with the remedy that the fleet file names", asynchronous);
    function.rules = vec![
        rule(
            "headroom-alarm-state-change",
            "Every alarm but Application Auto Scaling's own, to the alarm handler",
            state_change::pattern(),
        ),
        rule(
            "headroom-alarm-contributor",
            "Each time series of an alarm on many, to the alarm handler",
            contributor::pattern(),
        ),
        rule(
            "headroom-alarm-configuration",
            "Alarms that are made, changed or deleted, to the alarm handler, which logs them",
            configuration::pattern(),
        ),
        rule("headroom-task", "Running tasks that show to be sick, to the alarm handler", task::pattern()),
    ];
    function.invokers = vec![
        Invoker {
            name: "topics",
            principal: sns::PRINCIPAL,
            source_arn: "arn:${partition}:sns:${region}:${account}:*".to_owned(),
            reason: "an alarm's topic can be subscribed: the same change by another channel is the same case",
        },
        Invoker {
            name: "alarms",
            principal: lambda_action::PRINCIPAL,
            source_arn: "arn:${partition}:cloudwatch:${region}:${account}:alarm:*".to_owned(),
            reason: "an alarm can name the function as its action",
        },
    ];
    function
}

fn rule(name: &'static str, description: &'static str, pattern: Value) -> Rule {
    Rule {
        name,
        description,
        pattern,
        max_event_age_seconds: EVENT_AGE,
        retries: Number { value: 185, reason: "the most that EventBridge makes: the age is the limit" },
    }
}

fn scheduled_prewarm(code: Code) -> Function {
    let asynchronous = Asynchronous {
        max_event_age_seconds: MINUTE_AGE,
        retries: Number { value: 0, reason: "the next minute is the retry" },
    };
    let what = "Keeps leases each minute: renews, steps down, restores, repairs, resumes";
    let mut function = common(code, what, asynchronous);
    function.schedules.push(Schedule {
        group: "headroom",
        name: "headroom-minute",
        description: "Wakes the reconciler",
        rate: minute::RATE,
        payload: minute::payload(),
        max_event_age_seconds: MINUTE_AGE,
        retries: Number { value: 1, reason: "one more try inside the minute; the next minute does the same work" },
        iam: iam::scheduler(&function.name),
    });
    function
}

fn error_rate_rollback(code: Code) -> Function {
    let asynchronous = Asynchronous {
        max_event_age_seconds: EVENT_AGE,
        retries: Number { value: 2, reason: "the most that Lambda makes, after 1 and 2 minutes" },
    };
    let mut function = common(code, "Watches deployments and takes the bad one back", asynchronous);
    function.rules = vec![
        rule("headroom-deployment", "Every step of a deployment, to its watch", deployment::pattern()),
        rule("headroom-hook", "A hook that waits for an answer, to the watch of its deployment", hook::pattern()),
        rule(
            "headroom-error-alarm",
            "Every alarm but Application Auto Scaling's own: one on errors wakes the watch of the newest deployment",
            state_change::pattern(),
        ),
    ];
    function.schedules.push(Schedule {
        group: "headroom",
        name: "headroom-watch-minute",
        description: "Looks at deployments that are watched",
        rate: minute::RATE,
        payload: minute::payload(),
        max_event_age_seconds: MINUTE_AGE,
        retries: Number { value: 1, reason: "one more try inside the minute; the next minute does the same work" },
        iam: iam::scheduler(&function.name),
    });
    function
}

fn max_capacity_notifier(code: Code) -> Function {
    let asynchronous = Asynchronous {
        max_event_age_seconds: EVENT_AGE,
        retries: Number {
            value: 2,
            reason: "the most that Lambda makes, after 1 and 2 minutes; then the poll finds it",
        },
    };
    let what = "Tells of services at their max, and raises it where the fleet file says so";
    let mut function = common(code, what, asynchronous);
    function.rules = vec![
        rule("headroom-scaled-to-max", "A service that reached its max, to the capacity notifier", scaling::pattern()),
        rule(
            "headroom-max-alarm",
            "Every alarm but Application Auto Scaling's own: one that raises a max wakes a look at its service",
            state_change::pattern(),
        ),
    ];
    function.schedules.push(Schedule {
        group: "headroom",
        name: "headroom-capacity-minute",
        description: "Looks at a fifteenth of the fleet, and at services whose episode goes on",
        rate: minute::RATE,
        payload: minute::payload(),
        max_event_age_seconds: MINUTE_AGE,
        retries: Number { value: 0, reason: "the next minute follows, and each service has its turn again" },
        iam: iam::scheduler(&function.name),
    });
    function
}

/// Older than the freshness limit an alarm is not lost but judged by its present state; older than this, that
/// is the reconciler's work, and the event is a dead letter that says delivery is broken.
const EVENT_AGE: Number = Number {
    value: 3_600,
    reason: "the default of 24 hours would act on yesterday's alarm; \
             within the hour an over-age event is deferred and judged by the alarm's present state",
};

const MINUTE_AGE: Number =
    Number { value: 60, reason: "the shortest that AWS takes: an old minute has nothing to add to the next one" };

/// What all functions share.
fn common(code: Code, description: &'static str, asynchronous: Asynchronous) -> Function {
    let name = format!("headroom-{}", code.binary());
    let permissions = code.permissions();
    Function {
        description,
        source: format!("functions/{}", code.binary()),
        handler: "bootstrap",
        runtime: "provided.al2023",
        architecture: "x86_64",
        memory_mb: Number {
            value: 256,
            reason: "the working set is about 10 MB; Lambda gives CPU by memory, and TLS handshakes want some",
        },
        timeout_seconds: Number {
            value: 30,
            reason: "half the 60 s of a service's lock: who holds it is dead before it ends",
        },
        environment: BTreeMap::from([
            ("HEADROOM_TABLE", stores::TABLE.to_owned()),
            ("HEADROOM_TOPIC_ARN", stores::topic_arn()),
            ("HEADROOM_FLEET", stores::FLEET_MOUNTED.to_owned()),
        ]),
        rules: Vec::new(),
        invokers: Vec::new(),
        schedules: Vec::new(),
        queue: None,
        asynchronous,
        secrets: permissions.iter().any(|permission| permission.on == Resource::Secrets),
        iam: iam::iam(&name, &permissions),
        name,
    }
}

#[cfg(test)]
mod tests {
    use headroom_core::capacity::LOCK_LENGTH;
    use headroom_pipeline::notifier::RECEIVES_MAX;

    use super::*;

    #[test]
    fn a_function_ends_well_before_the_lock_that_it_holds() {
        for function in manifest().functions.values() {
            assert!(function.timeout_seconds.value * 2 <= LOCK_LENGTH.0, "{}", function.name);
        }
    }

    #[test]
    fn each_function_is_woken_by_something_and_described() {
        for function in manifest().functions.values() {
            assert!(!function.description.is_empty(), "{}", function.name);
            let woken = !function.rules.is_empty() || !function.schedules.is_empty() || function.queue.is_some();
            assert!(woken, "{}", function.name);
        }
    }

    #[test]
    fn a_queue_delivers_again_only_once_the_function_is_over_and_longer_than_the_function_tries() {
        let mut seen = 0;
        for function in manifest().functions.values() {
            let Some(queue) = &function.queue else { continue };
            assert!(queue.visibility_seconds.value >= 6 * function.timeout_seconds.value, "{}", function.name);
            assert!(queue.receives_max.value > RECEIVES_MAX, "{}", function.name);
            seen += 1;
        }
        assert_eq!(seen, 1);
    }

    #[test]
    fn nobody_of_another_account_or_region_may_invoke_a_function() {
        for invoker in manifest().functions.values().flat_map(|f| &f.invokers) {
            assert!(invoker.source_arn.contains(":${region}:${account}:"), "{}", invoker.name);
        }
    }

    #[test]
    fn only_the_function_that_tells_people_reads_secrets() {
        let manifest = manifest();
        let readers: Vec<_> = manifest.functions.iter().filter(|(_, f)| f.secrets).map(|(short, _)| short).collect();
        assert_eq!(readers, ["notifier"]);
    }

    #[test]
    fn nothing_older_than_an_hour_reaches_a_function() {
        for function in manifest().functions.values() {
            let ages = [function.asynchronous.max_event_age_seconds.value];
            let rules = function.rules.iter().map(|r| r.max_event_age_seconds.value);
            let schedules = function.schedules.iter().map(|s| s.max_event_age_seconds.value);
            assert!(
                ages.into_iter().chain(rules).chain(schedules).all(|age| (60..=3_600).contains(&age)),
                "{}",
                function.name
            );
        }
    }
}
