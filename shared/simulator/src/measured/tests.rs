//! GetMetricData as a caller sees it.

use headroom_core::id::ServiceId;
use headroom_core::quota::VcpuQuota;
use headroom_core::seen::Reading;

use crate::cloudwatch::{
    CloudWatchError, Datum, Delays, GetMetricData, MetricDataAnswer, MetricDataQuery, MetricKey, MetricStat, Place,
    Queried, Sample, ScanBy, Statistic, StatusCode, load_balancer_dimension, target_group_dimension,
};
use crate::load::{Demand, Load, Row, Shape, Table};
use crate::random::{Lengths, Random};
use crate::scaling::Target;
use crate::service::{Service, Spec};
use crate::tasks::{Account, Life, Tasks, UNLIMITED_VCPU};
use crate::world::World;

fn place() -> Place {
    Place { account: "222222222222".into(), region: "eu-west-1".into() }
}

/// A service with so many tasks, 600 requests a minute of 100 ms on one vCPU each.
pub(crate) fn service(name: &str, tasks: u32, requests: f64) -> (Service, Account) {
    let mut account = Account::default();
    let id =
        ServiceId { account: place().account, region: place().region, cluster: "prod".into(), service: name.into() };
    let spec = Spec {
        name: name.into(),
        id,
        target_group: name.into(),
        vcpu: 1.0,
        memory_mib: 2_048.0,
        background_vcpu: 0.0,
        memory_base_mib: 1_024.0,
        memory_per_request_mib: 0.0,
        elsewhere: 0.0,
        timeout: 60.0,
    };
    let life = Life { start: Lengths::Uniform { least: 20, most: 20 }, healthy_after: 10, drain: 30 };
    let tasks = Tasks::at_rest(tasks, life, 1.0, Random::new(1, 1), &mut account);
    let rows = vec![Row { at: 0, demand: Demand { requests, work_ms: 100.0 } }];
    let load = Load { shape: Shape::Table(Table { rows, linear: false }), noise: 0.0 };
    (Service::new(spec, load, tasks, Target::default(), 0, Random::new(1, 2)), account)
}

/// A world that has run for so many minutes from 0 on.
fn world(tasks: u32, minutes: i64) -> World {
    let (service, account) = service("web", tasks, 600.0);
    let world = World::new(0, Delays::default(), vec![account], vec![service]);
    run(&world, 0, minutes);
    world
}

fn run(world: &World, from: i64, to: i64) {
    for minute in from..to {
        world.begin_minute();
        world.run_to(minute * 60 + 60);
        world.end_minute();
    }
}

fn stat(id: &str, key: MetricKey, statistic: &str, period: u32) -> MetricDataQuery {
    let statistic = Statistic::from_name(statistic).unwrap();
    let queried = Queried::Stat(MetricStat { metric: key, statistic, period });
    MetricDataQuery { id: id.into(), queried, label: None, return_data: true }
}

fn math(id: &str, expression: &str) -> MetricDataQuery {
    let queried = Queried::Expression(expression.into());
    MetricDataQuery { id: id.into(), queried, label: None, return_data: true }
}

fn cpu() -> MetricKey {
    MetricKey::new("AWS/ECS", "CPUUtilization", &[("ServiceName", "web"), ("ClusterName", "prod")])
}

fn elb(name: &str) -> MetricKey {
    MetricKey::new("AWS/ApplicationELB", name, &[("TargetGroup", &target_group_dimension("web"))])
}

fn request(queries: Vec<MetricDataQuery>, start: i64, end: i64) -> GetMetricData {
    let scan_by = ScanBy::TimestampAscending;
    GetMetricData { queries, start, end, scan_by, max_datapoints: None, next_token: None }
}

fn got(world: &World, queries: Vec<MetricDataQuery>, start: i64, end: i64) -> MetricDataAnswer {
    world.get_metric_data(&place(), request(queries, start, end)).unwrap()
}

#[test]
fn start_time_is_included_and_end_time_is_not() {
    let world = world(2, 10);
    let answer = got(&world, vec![stat("m1", cpu(), "Average", 60)], 120, 300);
    assert_eq!(answer.results[0].timestamps, [120, 180, 240]);
    assert!(answer.results[0].values.iter().all(|v| (v - 50.0).abs() < 1e-6), "{answer:?}");
    assert_eq!((answer.results[0].status, answer.results[0].label.as_str()), (StatusCode::Complete, "CPUUtilization"));
}

#[test]
fn periods_are_aligned_and_the_newest_comes_first_unless_asked_otherwise() {
    let world = world(2, 12);
    let query = || vec![stat("m1", elb("RequestCount"), "Sum", 300)];
    let answer = got(&world, query(), 0, 720);
    assert_eq!((answer.results[0].timestamps.clone(), answer.results[0].values[0]), (vec![0, 300, 600], 3_000.0));
    assert_eq!(answer.results[0].values[2], 600.0, "of the last period one minute can be read");
    let newest = GetMetricData { scan_by: ScanBy::default(), ..request(query(), 0, 720) };
    assert_eq!(world.get_metric_data(&place(), newest).unwrap().results[0].timestamps, [600, 300, 0]);
}

#[test]
fn what_is_missing_is_missing_and_metric_math_may_fill_it() {
    let world = world(2, 5);
    let mut queries = vec![
        stat("errors", elb("HTTPCode_Target_5XX_Count"), "Sum", 60),
        stat("requests", elb("RequestCount"), "Sum", 60),
        math("rate", "100 * FILL(errors, 0) / requests"),
    ];
    queries[1].return_data = false;
    let answer = got(&world, queries, 0, 240);
    let ids: Vec<&str> = answer.results.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["errors", "rate"], "ReturnData false is not returned");
    assert_eq!(answer.results[0].values, Vec::<f64>::new());
    assert_eq!(answer.results[1].values, [0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn the_load_balancers_own_5xx_have_no_target_group_dimension() {
    let world = world(0, 5);
    let balancer = load_balancer_dimension("prod");
    let group = target_group_dimension("web");
    let key = |dimensions: &[(&str, &str)]| MetricKey::new("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", dimensions);
    let queries = vec![
        stat("alone", key(&[("LoadBalancer", &balancer)]), "Sum", 60),
        stat("both", key(&[("LoadBalancer", &balancer), ("TargetGroup", &group)]), "Sum", 60),
        stat("group", key(&[("TargetGroup", &group)]), "Sum", 60),
    ];
    let answer = got(&world, queries, 0, 240);
    assert_eq!(answer.results[0].values, [600.0; 4]);
    assert!(answer.results[1].values.is_empty() && answer.results[2].values.is_empty());
}

#[test]
fn pages_hold_max_datapoints_and_continue_the_answer_of_the_first() {
    let world = world(2, 10);
    let queries = || vec![stat("m1", cpu(), "Average", 60), stat("m2", cpu(), "SampleCount", 60)];
    let ask = |token: Option<String>| {
        let paged = GetMetricData { max_datapoints: Some(4), next_token: token, ..request(queries(), 0, 360) };
        world.get_metric_data(&place(), paged)
    };
    let (mut token, mut pages, mut points) = (None, 0, Vec::new());
    loop {
        let page = ask(token).unwrap();
        assert!(page.results.iter().map(|r| r.values.len()).sum::<usize>() <= 4);
        pages += 1;
        points.extend(page.results.iter().flat_map(|r| r.timestamps.iter().map(|t| (r.id.clone(), *t))));
        if pages == 1 {
            assert_eq!(page.results[0].status, StatusCode::PartialData);
            // More arrives; the pages that follow are still those of the first.
            run(&world, 10, 12);
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let expected: Vec<_> = ["m1", "m2"].iter().flat_map(|id| (0..6).map(|i| ((*id).to_owned(), i * 60))).collect();
    assert_eq!((pages, points), (3, expected));
    for foreign in ["tomorrow", "0.18446744073709551615", "-9223372036854775808.4", "9223372036854775807.4"] {
        let refused = ask(Some(foreign.into())).unwrap_err();
        assert_eq!(refused.code(), "InvalidNextToken", "{foreign}");
    }
}

#[test]
fn times_that_no_calendar_has_are_refused() {
    let world = world(2, 1);
    for (start, end) in [(i64::MIN, 0), (0, i64::MAX), (i64::MIN, i64::MAX)] {
        let queries = vec![stat("m1", cpu(), "Average", 60)];
        assert!(world.get_metric_data(&place(), request(queries, start, end)).is_err(), "{start} {end}");
    }
}

#[test]
fn put_metric_data_is_read_beside_what_services_publish() {
    let world = world(2, 5);
    let depth = MetricKey::new("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", "jobs")]);
    let datum = |at: i64, value: f64| Datum {
        name: depth.name.clone(),
        dimensions: depth.dimensions().to_vec(),
        at: Some(at),
        sample: Sample::Value(value),
    };
    world.put_metric_data(&place(), "AWS/SQS", vec![datum(60, 100.0), datum(120, 300.0)]).unwrap();
    let mut queries = vec![
        stat("depth", depth.clone(), "Maximum", 60),
        stat("tasks", cpu(), "SampleCount", 60),
        math("each", "depth / tasks"),
    ];
    let answer = got(&world, queries.clone(), 0, 240);
    let each = &answer.results[2];
    assert_eq!((each.timestamps.clone(), each.values.clone()), (vec![60, 120], vec![50.0, 150.0]));
    queries.truncate(1);
    let other = Place { region: "us-east-1".into(), ..place() };
    let there = world.get_metric_data(&other, request(queries, 0, 240)).unwrap();
    assert!(there.results[0].values.is_empty(), "metrics of another region are other metrics");
}

#[test]
fn what_an_account_uses_of_its_vcpu_quota_is_a_metric_and_the_quota_metric_math() {
    let world = world(3, 2);
    assert_eq!(world.vcpu_quota(&place()), Reading::Known(VcpuQuota { used: 3.0, limit: UNLIMITED_VCPU }));
    world.set_quota(0, Some(8.0)).unwrap();
    assert_eq!(world.vcpu_quota(&place()), Reading::Known(VcpuQuota { used: 3.0, limit: 8.0 }));
    let elsewhere = Place { region: "us-east-1".into(), ..place() };
    assert_eq!(world.vcpu_quota(&elsewhere), Reading::Absent, "nobody runs there");
    let other = got(&world, vec![stat("m1", cpu(), "Average", 60), math("e1", "SERVICE_QUOTA(m1)")], 0, 120);
    assert!(other.results[1].values.is_empty(), "CPU has no quota");
}

#[test]
fn get_metric_data_refuses_as_cloudwatch_does() {
    let world = world(2, 1);
    let average = |id: &str, period| stat(id, cpu(), "Average", period);
    let refused = |queries: Vec<MetricDataQuery>, start, end| {
        world.get_metric_data(&place(), request(queries, start, end)).unwrap_err()
    };
    for (queries, needs) in [
        (vec![], "MetricDataQueries"),
        (vec![average("M1", 60)], "Id"),
        (vec![average("m1", 60), average("m1", 60)], "not unique"),
        (vec![average("m1", 90)], "multiple of 60"),
        (vec![average("m1", 60), math("e1", "m2 + 1")], "Error in expression 'e1'"),
        (vec![average("m1", 60), math("e1", "RATE(m1)")], "Error in expression 'e1': Unsupported function"),
        (vec![math("e1", "e2"), math("e2", "e1")], "needs itself"),
        (vec![math("e1", "5")], "no metric"),
        (vec![average("m1", 60), average("m2", 120), math("e1", "m1 + m2")], "one period"),
        (vec![average("m1", 60), math("e1", "AVG(m1)")], "time series"),
    ] {
        let error = refused(queries, 0, 60);
        assert!(matches!(&error, CloudWatchError::Validation(words) if words.contains(needs)), "{needs}: {error}");
    }
    let backwards = refused(vec![average("m1", 60)], 60, 60);
    assert_eq!(backwards.to_string(), "The parameter StartTime must be less than the parameter EndTime.");
    assert_eq!(refused(vec![average("m1", 60)], -60_000_000_000, 60).code(), "InvalidParameterValue");
}
