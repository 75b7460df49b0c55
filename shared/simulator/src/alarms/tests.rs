//! Alarms, as their events and DescribeAlarms tell of them.

use headroom_core::signal::alarm::DETAIL_TYPE;
use headroom_core::signal::{AlarmEvent, AlarmState, Signal, decode};
use serde_json::{Value, json};

use crate::cloudwatch::{
    Actions, AlarmFilter, AlarmKind, CloudWatchError, Comparison, Datum, Delays, MetricDataQuery, MetricKey,
    MetricStat, Missing, Place, PutCompositeAlarm, PutMetricAlarm, PutMuteRule, Queried, Sample, Statistic, Suppressor,
    Watched, target_group_dimension,
};
use crate::event::Event;
use crate::measured::tests::service;
use crate::world::World;

/// 2026-11-23T02:00:00Z.
const START: i64 = 1_795_399_200;

fn place() -> Place {
    Place { account: "222222222222".into(), region: "eu-west-1".into() }
}

fn world() -> World {
    let (service, account) = service("web", 2, 600.0);
    World::new(START, Delays::default(), vec![account], vec![service])
}

/// Greater than 10 for 2 of 2 minutes.
fn depth(name: &str) -> PutMetricAlarm {
    let metric = MetricKey::new("App", "Depth", &[("Queue", "jobs")]);
    PutMetricAlarm {
        name: name.into(),
        description: Some("Jobs wait".into()),
        actions: Actions { alarm: vec!["arn:aws:sns:eu-west-1:222222222222:pages".into()], ..Actions::default() },
        watched: Watched::Metric(MetricStat { metric, statistic: Statistic::Maximum, period: 60 }),
        comparison: Comparison::Greater,
        threshold: 10.0,
        evaluation_periods: 2,
        datapoints_to_alarm: None,
        missing: None,
        low_samples_ignored: false,
        tags: vec![("headroom:service".into(), "prod/web".into())],
    }
}

fn composite(name: &str, rule: &str, suppressor: Option<Suppressor>) -> PutCompositeAlarm {
    let (description, actions, tags) = (None, Actions::default(), Vec::new());
    PutCompositeAlarm { name: name.into(), description, actions, rule: rule.into(), suppressor, tags }
}

fn put(world: &World, at: i64, value: f64) {
    let dimensions = vec![("Queue".to_owned(), "jobs".to_owned())];
    let datum = Datum { name: "Depth".into(), dimensions, at: Some(at), sample: Sample::Value(value) };
    world.put_metric_data(&place(), "App", vec![datum]).unwrap();
}

/// Changes of alarms since last asked, as Headroom's own decoder reads them: each must be readable.
fn heard(world: &World) -> Vec<(AlarmEvent, Value)> {
    let changes = world.take_events().into_iter().filter(|e| e.detail_type == DETAIL_TYPE);
    let read = |event: Event| match decode(&event.json()) {
        Ok(Signal::Alarm(alarm)) => (*alarm, event.json()),
        other => panic!("{other:?}"),
    };
    changes.map(read).collect()
}

fn states(world: &World) -> Vec<(String, &'static str)> {
    heard(world).into_iter().map(|(e, _)| (e.name, e.state.name())).collect()
}

fn set(world: &World, name: &str, state: AlarmState) {
    world.set_alarm_state(&place(), name, state, "a person".into(), None).unwrap();
}

fn described(world: &World, name: &str) -> crate::cloudwatch::AlarmView {
    let filter = AlarmFilter { names: vec![name.into()], composite: true, ..AlarmFilter::metric_alarms() };
    world.describe_alarms(&place(), &filter).unwrap().alarms.remove(0)
}

#[test]
fn a_change_is_an_event_in_awss_words_that_headroom_reads() {
    let world = world();
    world.put_metric_alarm(&place(), depth("jobs-wait")).unwrap();
    put(&world, START, 5.0);
    world.advance(START + 60);
    put(&world, START + 60, 20.0);
    put(&world, START + 120, 30.5);
    world.advance(START + 240);
    let heard = heard(&world);
    let words: Vec<_> = heard.iter().map(|(e, _)| (e.previous.map(AlarmState::name), e.state.name())).collect();
    assert_eq!(words, [(Some("INSUFFICIENT_DATA"), "OK"), (Some("OK"), "ALARM")]);
    let (event, json) = &heard[1];
    assert_eq!(
        event.reason.as_deref(),
        Some(
            "Threshold Crossed: 2 datapoints [30.5 (23/11/26 02:02:00), 20.0 (23/11/26 02:01:00)] were greater than \
             the threshold (10.0)."
        )
    );
    assert_eq!((event.datapoints.clone(), event.threshold), (vec![20.0, 30.5], Some(10.0)));
    let metric = event.metric.clone().unwrap();
    assert_eq!((metric.name.as_str(), metric.stat.as_deref(), metric.period), ("Depth", Some("Maximum"), Some(60)));
    assert_eq!(metric.dimension("Queue"), Some("jobs"));
    assert_eq!(event.at.as_second(), START + 211, "the second of the minute in which alarms are evaluated");
    assert_eq!(json["detail"]["state"]["timestamp"], "2026-11-23T02:03:31.000+0000");
    assert_eq!(json["resources"][0], "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:jobs-wait");
    assert_eq!(json["detail"]["previousState"]["reason"], heard[0].1["detail"]["state"]["reason"]);
    assert_eq!(json["detail"]["configuration"]["description"], "Jobs wait");
    assert_eq!(json["detail"]["configuration"]["metrics"][0]["returnData"], true);
}

#[test]
fn an_alarm_begins_with_insufficient_data_and_says_so_when_its_data_ends() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    let begun = described(&world, "a").standing;
    assert_eq!(
        (begun.value, begun.reason.as_str()),
        (AlarmState::InsufficientData, "Unchecked: Initial alarm creation")
    );
    put(&world, START, 1.0);
    world.advance(START + 600);
    let heard = heard(&world);
    assert_eq!(heard.last().map(|(e, _)| e.state), Some(AlarmState::InsufficientData));
    assert_eq!(heard.last().unwrap().0.reason.as_deref(), Some("Insufficient Data: 2 datapoints were unknown."));
}

#[test]
fn missing_data_treated_as_breaching_says_how_it_was_treated() {
    let world = world();
    world.put_metric_alarm(&place(), PutMetricAlarm { missing: Some(Missing::Breaching), ..depth("a") }).unwrap();
    world.advance(START + 40);
    assert_eq!(
        heard(&world)[0].0.reason.as_deref(),
        Some(
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
        )
    );
}

#[test]
fn set_alarm_state_lasts_until_an_evaluation_says_otherwise_and_to_the_same_state_sends_nothing() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    put(&world, START, 1.0);
    world.advance(START + 100);
    assert_eq!(states(&world).len(), 1);
    set(&world, "a", AlarmState::Ok);
    assert_eq!(states(&world), []);
    assert_eq!(described(&world, "a").standing.reason, "a person");
    let data = "{\"probe\":7}".to_owned();
    world.set_alarm_state(&place(), "a", AlarmState::Alarm, "a test".into(), Some(data)).unwrap();
    assert_eq!(states(&world), [("a".to_owned(), "ALARM")]);
    world.advance(START + 160);
    assert_eq!(states(&world), [("a".to_owned(), "OK")]);
    let unknown = world.set_alarm_state(&place(), "b", AlarmState::Ok, String::new(), None).unwrap_err();
    assert_eq!((unknown.code(), unknown.http_status()), ("ResourceNotFound", 404));
    let text = Some("no json".to_owned());
    let refused = world.set_alarm_state(&place(), "a", AlarmState::Ok, String::new(), text).unwrap_err();
    assert_eq!((refused.code(), refused.shape()), ("InvalidFormat", "InvalidFormatFault"));
}

#[test]
fn disabled_actions_stop_no_event() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    world.take_events();
    world.set_actions_enabled(&place(), &["a".into(), "unknown".into()], false);
    let changes = world.take_events();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].detail_type, "CloudWatch Alarm Configuration Change");
    assert_eq!(changes[0].detail["configuration"]["actionsEnabled"], false);
    assert_eq!(changes[0].detail["previousConfiguration"]["actionsEnabled"], true);
    set(&world, "a", AlarmState::Alarm);
    assert_eq!(states(&world), [("a".to_owned(), "ALARM")]);
    let AlarmKind::Metric(put) = described(&world, "a").kind else { panic!() };
    assert!(!put.actions.enabled);
}

#[test]
fn an_update_keeps_the_state_and_the_tags_and_replaces_everything_else() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    set(&world, "a", AlarmState::Alarm);
    let update = PutMetricAlarm { threshold: 99.0, description: None, tags: Vec::new(), ..depth("a") };
    world.put_metric_alarm(&place(), update).unwrap();
    let view = described(&world, "a");
    assert_eq!((view.standing.value, view.tags.len()), (AlarmState::Alarm, 1));
    let AlarmKind::Metric(put) = view.kind else { panic!() };
    assert_eq!((put.threshold, put.description), (99.0, None));
}

#[test]
fn alarms_of_one_name_in_two_regions_are_two() {
    let world = world();
    let other = Place { region: "us-east-1".into(), ..place() };
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    world.put_metric_alarm(&other, depth("a")).unwrap();
    set(&world, "a", AlarmState::Alarm);
    let there = world.describe_alarms(&other, &AlarmFilter::metric_alarms()).unwrap();
    assert_eq!(there.alarms[0].standing.value, AlarmState::InsufficientData);
}

#[test]
fn a_metric_math_alarm_watches_the_result_and_names_no_single_metric() {
    let world = world();
    let query = |id: &str, queried, return_data| MetricDataQuery { id: id.into(), queried, label: None, return_data };
    let tasks = MetricKey::new("AWS/ECS", "CPUUtilization", &[("ClusterName", "prod"), ("ServiceName", "web")]);
    let Watched::Metric(jobs) = depth("a").watched else { panic!() };
    let tasks = MetricStat { metric: tasks, statistic: Statistic::SampleCount, period: 60 };
    let watched = Watched::Math(vec![
        query("each", Queried::Expression("FILL(jobs, 0) / tasks".into()), true),
        query("jobs", Queried::Stat(jobs), false),
        query("tasks", Queried::Stat(tasks), false),
    ]);
    world.put_metric_alarm(&place(), PutMetricAlarm { watched, evaluation_periods: 1, ..depth("a") }).unwrap();
    put(&world, START + 60, 30.0);
    world.advance(START + 160);
    let heard = heard(&world);
    let values: Vec<_> = heard.iter().map(|(e, _)| (e.state.name(), e.datapoints.clone())).collect();
    assert_eq!(values, [("OK", vec![0.0]), ("ALARM", vec![15.0])]);
    assert_eq!(heard[1].0.metric, None);
    let data: Value = serde_json::from_str(heard[1].1["detail"]["state"]["reasonData"].as_str().unwrap()).unwrap();
    assert!(data.get("statistic").is_none() && data["evaluatedDatapoints"][0].get("sampleCount").is_none());
}

#[test]
fn an_alarm_on_a_percentile_watches_the_distribution_of_a_services_responses() {
    let world = world();
    let metric =
        MetricKey::new("AWS/ApplicationELB", "TargetResponseTime", &[("TargetGroup", &target_group_dimension("web"))]);
    let watched =
        |p| Watched::Metric(MetricStat { metric: metric.clone(), statistic: Statistic::Percentile(p), period: 60 });
    let alarm =
        |name: &str, p| PutMetricAlarm { watched: watched(p), threshold: 0.5, evaluation_periods: 1, ..depth(name) };
    world.put_metric_alarm(&place(), alarm("median", 50.0)).unwrap();
    world.put_metric_alarm(&place(), alarm("tail", 99.9)).unwrap();
    world.advance(START + 200);
    let heard = heard(&world);
    let words: Vec<_> = heard.iter().map(|(e, _)| (e.name.as_str(), e.state.name())).collect();
    assert_eq!(words, [("median", "OK"), ("tail", "ALARM")]);
    assert_eq!(heard[1].0.metric.as_ref().and_then(|m| m.stat.as_deref()), Some("p99.9"));
}

#[test]
fn a_period_of_five_minutes_moves_with_the_minute() {
    let world = world();
    let Watched::Metric(stat) = depth("a").watched else { panic!() };
    let watched = Watched::Metric(MetricStat { period: 300, statistic: Statistic::Sum, ..stat });
    world.put_metric_alarm(&place(), PutMetricAlarm { watched, evaluation_periods: 1, ..depth("a") }).unwrap();
    for minute in 0..4 {
        put(&world, START + minute * 60, 3.0);
    }
    world.advance(START + 280);
    let heard = heard(&world);
    let values: Vec<_> = heard.iter().map(|(e, _)| (e.state.name(), e.datapoints.clone())).collect();
    assert_eq!(values, [("OK", vec![3.0]), ("ALARM", vec![12.0])]);
    assert!(heard[1].1["detail"]["state"]["reason"].as_str().unwrap().contains("[12.0 (23/11/26 01:59:00)]"));
}

#[test]
fn a_composite_alarm_is_evaluated_when_put_and_when_a_child_changes() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    world.put_metric_alarm(&place(), depth("b")).unwrap();
    world.put_composite_alarm(&place(), composite("both", "ALARM(a) AND ALARM(\"b\")", None)).unwrap();
    world.put_composite_alarm(&place(), composite("above", "ALARM(both)", None)).unwrap();
    let first = heard(&world);
    let arn = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:both";
    assert_eq!(first[0].0.reason, Some(format!("{arn} was created and its alarm rule evaluates to OK")));
    assert_eq!(first[0].0.previous, Some(AlarmState::InsufficientData));
    set(&world, "a", AlarmState::Alarm);
    assert_eq!(states(&world), [("a".to_owned(), "ALARM")]);
    set(&world, "b", AlarmState::Alarm);
    let heard = heard(&world);
    let words: Vec<_> = heard.iter().map(|(e, _)| (e.name.as_str(), e.state.name())).collect();
    assert_eq!(words, [("b", "ALARM"), ("both", "ALARM"), ("above", "ALARM")]);
    assert_eq!(
        heard[1].0.reason.as_deref(),
        Some(
            "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:b transitioned to ALARM at Monday 23 November, 2026 \
             02:00:00 UTC"
        )
    );
    let data: Value = serde_json::from_str(heard[1].1["detail"]["state"]["reasonData"].as_str().unwrap()).unwrap();
    let child = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:b";
    let state = json!({"value": "ALARM", "timestamp": "2026-11-23T02:00:00.000+0000"});
    assert_eq!(data, json!({"triggeringAlarms": [{"arn": child, "state": state}]}));
    assert_eq!(heard[1].1["detail"]["configuration"], json!({"alarmRule": "ALARM(a) AND ALARM(\"b\")"}));
}

#[test]
fn a_suppression_and_its_release_are_alarm_to_alarm_events_and_only_the_release_is_an_edge() {
    let world = world();
    for name in ["a", "s"] {
        // What a person sets stays: no data comes that says otherwise.
        world.put_metric_alarm(&place(), PutMetricAlarm { missing: Some(Missing::Ignore), ..depth(name) }).unwrap();
    }
    let suppressor = Suppressor { alarm: "s".into(), wait: 5, extension: 7 };
    world.put_composite_alarm(&place(), composite("c", "ALARM(a)", Some(suppressor))).unwrap();
    world.advance(START + 10);
    world.take_events();
    set(&world, "a", AlarmState::Alarm);
    world.advance(START + 20);
    set(&world, "s", AlarmState::Alarm);
    world.advance(START + 24);
    set(&world, "s", AlarmState::Ok);
    world.advance(START + 32);
    let of_c: Vec<_> = heard(&world).into_iter().filter(|(e, _)| e.name == "c").collect();
    let seen: Vec<_> = of_c
        .iter()
        .map(|(e, _)| (e.at.as_second() - START, e.suppressed_by.as_deref(), e.is_edge(), e.firing()))
        .collect();
    assert_eq!(
        seen,
        [
            (10, Some("WaitPeriod"), false, false),
            (15, None, true, true),
            (20, Some("Alarm"), false, false),
            (24, Some("ExtensionPeriod"), false, false),
            (31, None, true, true),
        ],
    );
    let (event, json) = &of_c[1];
    assert_eq!((event.previous, event.state), (Some(AlarmState::Alarm), AlarmState::Alarm));
    assert_eq!(json["detail"]["previousState"]["actionsSuppressedReason"], "Actions suppressed by WaitPeriod");
    assert_eq!(json["detail"]["configuration"]["actionsSuppressorWaitPeriod"], 5);
    let standing = described(&world, "c").standing;
    assert_eq!((standing.transitioned, standing.updated), (START + 10, START + 31));
}

#[test]
fn a_mute_rule_mutes_no_event_and_is_named_in_it() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    let rule = PutMuteRule {
        name: "nights".into(),
        description: None,
        expression: "cron(0 2 * * *)".into(),
        duration: "PT1H".into(),
        timezone: None,
        alarms: vec!["a".into()],
        start: None,
        expire: None,
    };
    world.put_mute_rule(&place(), rule.clone()).unwrap();
    set(&world, "a", AlarmState::Alarm);
    world.advance(START + 3_600);
    set(&world, "a", AlarmState::Alarm);
    let heard = heard(&world);
    let arn = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm-mute-rule:nights";
    let mute = heard[0].0.mute.clone().unwrap();
    assert_eq!((mute.by.as_str(), mute.until.map(|t| t.as_second())), (arn, Some(START + 3_600)));
    assert_eq!(heard.last().unwrap().0.mute, None, "after the window");
    let view = &world.mute_rules(&place())[0];
    assert_eq!((view.arn.as_str(), view.status.name(), view.recurring), (arn, "SCHEDULED", true));
    let unknown = PutMuteRule { alarms: vec!["gone".into()], ..rule };
    assert_eq!(world.put_mute_rule(&place(), unknown).unwrap_err().code(), "ValidationError");
    world.delete_mute_rule(&place(), "nights");
    assert!(world.mute_rules(&place()).is_empty());
}

#[test]
fn events_carry_the_alarms_tags_only_when_asked_to() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    set(&world, "a", AlarmState::Alarm);
    world.send_alarm_tags(true);
    set(&world, "a", AlarmState::Ok);
    let tags: Vec<_> = heard(&world).into_iter().map(|(e, _)| e.service_tag).collect();
    assert_eq!(tags, [None, Some("prod/web".to_owned())]);
}

#[test]
fn what_put_metric_alarm_refuses_changes_nothing() {
    let world = world();
    let Watched::Metric(stat) = depth("a").watched else { panic!() };
    let of_period = |period| Watched::Metric(MetricStat { period, ..stat.clone() });
    let query = |id: &str, return_data| MetricDataQuery {
        id: id.into(),
        queried: Queried::Stat(stat.clone()),
        label: None,
        return_data,
    };
    for (bad, words) in [
        (PutMetricAlarm { name: String::new(), ..depth("a") }, "AlarmName"),
        (PutMetricAlarm { datapoints_to_alarm: Some(3), ..depth("a") }, "3 of EvaluationPeriods 2"),
        (PutMetricAlarm { evaluation_periods: 0, ..depth("a") }, "expected 1 to N"),
        (PutMetricAlarm { watched: of_period(90), ..depth("a") }, "multiple of 60"),
        (PutMetricAlarm { watched: of_period(86_400), ..depth("a") }, "EvaluationPeriods * Period must be <= 86400"),
        (PutMetricAlarm { evaluation_periods: 121, ..depth("a") }, "simulator"),
        (PutMetricAlarm { threshold: f64::NAN, ..depth("a") }, "Threshold"),
        (
            PutMetricAlarm { watched: Watched::Math(vec![query("m1", true), query("m2", true)]), ..depth("a") },
            "Exactly one",
        ),
        (PutMetricAlarm { watched: Watched::Math(vec![query("m1", false)]), ..depth("a") }, "Exactly one"),
    ] {
        let error = world.put_metric_alarm(&place(), bad).unwrap_err();
        assert!(matches!(&error, CloudWatchError::Validation(text) if text.contains(words)), "{words}: {error}");
    }
    assert!(world.describe_alarms(&place(), &AlarmFilter::metric_alarms()).unwrap().alarms.is_empty());
    assert!(world.take_events().is_empty());
}

#[test]
fn a_composite_alarm_needs_its_children_and_keeps_them_from_being_deleted() {
    let world = world();
    let missing = world.put_composite_alarm(&place(), composite("c", "ALARM(a) OR ALARM(b)", None)).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "Could not save the composite alarm as alarms [a, b] in the alarm rule do not exist"
    );
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    let gone = Suppressor { alarm: "s".into(), wait: 0, extension: 0 };
    assert!(world.put_composite_alarm(&place(), composite("c", "ALARM(a)", Some(gone))).is_err());
    assert!(world.put_composite_alarm(&place(), composite("a", "TRUE", None)).is_err(), "a metric alarm's name");
    for name in ["c", "d"] {
        world.put_composite_alarm(&place(), composite(name, "ALARM(a)", None)).unwrap();
    }
    assert!(world.delete_alarms(&place(), &["a".into()]).is_err(), "it is a child");
    assert!(world.delete_alarms(&place(), &["c".into(), "d".into()]).is_err(), "two composite alarms");
    for name in ["c", "d"] {
        world.delete_alarms(&place(), &[name.into(), "unknown".into()]).unwrap();
    }
    world.delete_alarms(&place(), &["a".into()]).unwrap();
    let all = AlarmFilter { composite: true, ..AlarmFilter::metric_alarms() };
    assert!(world.describe_alarms(&place(), &all).unwrap().alarms.is_empty());
}

#[test]
fn a_composite_alarm_that_depends_on_itself_is_not_evaluated() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    world.put_composite_alarm(&place(), composite("c", "ALARM(a)", None)).unwrap();
    world.put_composite_alarm(&place(), composite("d", "NOT ALARM(c)", None)).unwrap();
    world.put_composite_alarm(&place(), composite("c", "ALARM(d) OR ALARM(a)", None)).unwrap();
    world.take_events();
    set(&world, "a", AlarmState::Alarm);
    assert_eq!(states(&world), [("a".to_owned(), "ALARM")]);
    world.put_composite_alarm(&place(), composite("c", "FALSE OR ALARM(a)", None)).unwrap();
    assert_eq!(states(&world), [("c".to_owned(), "ALARM"), ("d".to_owned(), "OK")], "once the cycle is broken");
}

#[test]
fn describe_alarms_filters_and_pages_by_name() {
    let world = world();
    for n in 0..120 {
        world.put_metric_alarm(&place(), depth(&format!("jobs-{n:03}"))).unwrap();
    }
    world.put_composite_alarm(&place(), composite("c", "ALARM(jobs-001) OR ALARM(jobs-002)", None)).unwrap();
    set(&world, "jobs-007", AlarmState::Alarm);
    let names = |filter: AlarmFilter| {
        let page = world.describe_alarms(&place(), &filter).unwrap();
        (page.alarms.into_iter().map(|a| a.name).collect::<Vec<_>>(), page.next_token)
    };
    let metric = AlarmFilter::metric_alarms;
    let (first, token) = names(metric());
    assert_eq!((first.len(), first[0].as_str()), (50, "jobs-000"), "by default 50, and no composite alarm");
    let (second, token) = names(AlarmFilter { max_records: Some(100), next_token: token, ..metric() });
    assert_eq!((second.len(), second[0].as_str(), token), (70, "jobs-050", None));
    let only = |filter| names(filter).0;
    assert_eq!(only(AlarmFilter { composite: true, ..AlarmFilter::default() }), ["c"]);
    assert_eq!(only(AlarmFilter { prefix: Some("jobs-11".into()), ..metric() }).len(), 10);
    assert_eq!(only(AlarmFilter { state: Some(AlarmState::Alarm), ..metric() }), ["jobs-007"]);
    assert_eq!(only(AlarmFilter { action_prefix: Some("arn:aws:lambda".into()), ..metric() }).len(), 0);
    assert_eq!(only(AlarmFilter { children_of: Some("c".into()), ..AlarmFilter::default() }), ["jobs-001", "jobs-002"]);
    assert_eq!(only(AlarmFilter { parents_of: Some("jobs-001".into()), ..AlarmFilter::default() }), ["c"]);
    let both = AlarmFilter { names: vec!["c".into()], prefix: Some("c".into()), ..metric() };
    assert!(world.describe_alarms(&place(), &both).is_err());
}

#[test]
fn headroom_hears_of_changes_that_no_evaluation_made() {
    let world = world();
    world.put_metric_alarm(&place(), depth("a")).unwrap();
    set(&world, "a", AlarmState::Alarm);
    let change = world.next_alarm_change().unwrap();
    let sent = world.take_events().into_iter().find(|e| e.detail_type == DETAIL_TYPE).unwrap();
    assert_eq!(change, sent, "the same event, with the same id");
    assert_eq!(world.next_alarm_change(), None);
}
