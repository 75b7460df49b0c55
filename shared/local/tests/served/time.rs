//! The client's clock and the world's.

use std::time::Duration;

use headroom_local::clock::iso;
use headroom_local::server::{Running, client_now};

use crate::raw::{Client, ECS, app};

fn metrics(client: &mut Client) -> Vec<f64> {
    let now = client_now();
    let body = format!(
        "{{\"StartTime\":{},\"EndTime\":{},\"MetricDataQueries\":[{{\"Id\":\"m\",\"MetricStat\":{{\"Period\":60,\
         \"Stat\":\"Average\",\"Metric\":{{\"Namespace\":\"AWS/ECS\",\"MetricName\":\"CPUUtilization\",\"Dimensions\":\
         [{{\"Name\":\"ClusterName\",\"Value\":\"prod\"}},{{\"Name\":\"ServiceName\",\"Value\":\"prod-web\"}}]}}}}}}]}}",
        now - 600.0,
        now + 60.0,
    );
    let answer = client.aws("GraniteServiceVersion20100801.GetMetricData", &body);
    let times = answer.json()["MetricDataResults"][0]["Timestamps"].clone();
    times.as_array().unwrap_or_else(|| panic!("{}", answer.text())).iter().map(|t| t.as_f64().unwrap()).collect()
}

#[test]
fn a_function_with_a_real_clock_sees_fresh_data_in_a_world_that_runs_ahead() {
    let server = Running::start(0, app(600.0, "", &[])).unwrap();
    let mut client = Client::of(&server);
    std::thread::sleep(Duration::from_millis(1_200));
    let health = client.get("/_headroom/health").json();
    let world = health["world"].as_str().unwrap().to_owned();
    assert!(world.as_str() > "2026-11-23T00:10:00Z", "ten minutes and more passed: {world}");
    let client_says = health["client"].as_str().unwrap().to_owned();
    assert!(client_says.starts_with(&iso(client_now())[..14]), "{client_says}");
    let newest = metrics(&mut client).into_iter().fold(0.0, f64::max);
    assert!((client_now() - newest).abs() < 240.0, "the newest datapoint is some minutes old for the client");
    let target = format!("{ECS}.UpdateService");
    let body = r#"{"cluster":"prod","service":"prod-web","forceNewDeployment":true}"#;
    let service = client.aws(&target, body).json();
    let created = service["service"]["deployments"][0]["createdAt"].as_f64().unwrap();
    assert!((client_now() - created).abs() < 2.0, "a deployment that begins now begins now for the client");
    server.stop().unwrap();
}

#[test]
fn a_world_that_stands_moves_only_by_hand() {
    let server = Running::start(0, app(0.0, "", &[])).unwrap();
    let mut client = Client::of(&server);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(client.truth()["clock"]["world"], "2026-11-23T00:00:00Z");
    client.advance(61);
    assert_eq!(client.truth()["clock"]["world"], "2026-11-23T00:01:01Z");
    server.stop().unwrap();
}

#[test]
fn a_world_is_the_same_however_its_seconds_are_grouped() {
    let run = |steps: &[u32]| {
        let server = Running::start(0, app(0.0, "", &[])).unwrap();
        let mut client = Client::of(&server);
        client.post("load", r#"{"service":"web","requests":1100,"noise":0.2}"#);
        steps.iter().for_each(|seconds| client.advance(*seconds));
        let truth = client.get("/_headroom/truth").text();
        server.stop().unwrap();
        truth
    };
    assert_eq!(run(&[1_800]), run(&[1, 59, 17, 23, 1_000, 700]));
}
