//! The control API, and states that are saved and gone on from.

use crate::raw::{Client, ECS, app, register, serve};
use headroom_local::server::Running;

#[test]
fn load_deployments_and_breakage_show_in_the_truth() {
    let server = serve("");
    let mut client = Client::of(&server);
    client.advance(120);
    assert_eq!(client.truth()["services"][0]["minute"]["cpu"].as_f64().map(f64::round), Some(50.0));
    let set = client.post("load", r#"{"service":"web","requests":900}"#);
    assert_eq!(set.json()["work_ms"], 100.0, "what is not named stays");
    client.advance(180);
    assert_eq!(client.truth()["services"][0]["minute"]["cpu"].as_f64().map(f64::round), Some(75.0));
    let deployed = client.post("deploy", r#"{"service":"prod-web","errors_percent":10}"#);
    assert!(deployed.json()["deployment"].as_str().unwrap().contains("service-deployment/prod/prod-web/"));
    client.advance(600);
    let web = client.truth()["services"][0].clone();
    assert_eq!(web["deployments"][1]["status"], "SUCCESSFUL");
    assert_eq!(web["minute"]["error_rate"].as_f64().map(f64::round), Some(10.0));
    let broken = client.post("break", r#"{"service":"worker","kill":2}"#);
    assert_eq!(broken.json()["killed"], 2);
    assert_eq!(client.truth()["services"][1]["tasks"]["running"], 1);
    server.stop().unwrap();
}

#[test]
fn without_capacity_nothing_is_placed_and_what_fails_its_checks_never_serves() {
    let server = serve("");
    let mut client = Client::of(&server);
    client.advance(60);
    let tasks = |client: &mut Client| client.truth()["services"][1]["tasks"].clone();
    let before = tasks(&mut client)["healthy"].as_u64().unwrap();
    client.post("break", r#"{"service":"worker","no_capacity":true}"#);
    client.post("break", r#"{"service":"worker","kill":1}"#);
    client.advance(600);
    assert_eq!(tasks(&mut client)["healthy"].as_u64(), Some(before - 1), "{}", tasks(&mut client));
    client.post("break", r#"{"service":"worker","no_capacity":false,"checks_fail":true}"#);
    client.advance(600);
    assert_eq!(tasks(&mut client)["healthy"].as_u64(), Some(before - 1), "{}", tasks(&mut client));
    client.post("break", r#"{"service":"worker","checks_fail":false}"#);
    client.advance(600);
    assert_eq!(tasks(&mut client)["healthy"].as_u64(), Some(before), "{}", tasks(&mut client));
    server.stop().unwrap();
}

#[test]
fn what_is_wrong_is_said_with_an_example() {
    let server = serve("");
    let mut client = Client::of(&server);
    for (name, body, words) in [
        ("load", r#"{"service":"nope","requests":1}"#, "web, worker"),
        ("load", r#"{"service":"web","requests":-1}"#, "0 to"),
        ("load", r#"{"service":"web","color":1}"#, "color"),
        ("deploy", r#"{"service":"web","begins":"badly"}"#, "not_at_all"),
        ("break", r#"{"service":"web"}"#, "kill"),
        ("break", r#"{"service":"web","reconciler_dead":true}"#, "--headroom"),
        ("advance", r#"{"seconds":0}"#, "1 to"),
        ("notices", "", "no body"),
        ("load", "{", "no JSON"),
        ("nothing", "{}", "no POST"),
        ("state/save", "", "--state"),
        ("state/load", "{}", "missing field"),
    ] {
        let answer = client.post(name, body);
        let json = answer.json();
        assert!(answer.status / 100 == 4 && json["error"].as_str().unwrap().contains(words), "{name}: {json}");
        assert!(json["example"].is_string(), "{name}");
    }
    let running = Running::start(0, app(1.0, "", &[])).unwrap();
    let refused = Client::of(&running).post("advance", r#"{"seconds":60}"#);
    assert!(refused.text().contains("--speed 0"), "{}", refused.text());
    running.stop().unwrap();
    server.stop().unwrap();
}

#[test]
fn a_state_that_was_saved_is_gone_on_from_byte_for_byte() {
    let first = serve("RegisterScalableTarget throttle 30%");
    let mut client = Client::of(&first);
    client.advance(95);
    for min in [3, 4, 5] {
        let _either = register(&mut client, min).unwrap();
        client.advance(37);
    }
    client.post("load", r#"{"service":"web","requests":1333.3,"work_ms":87.1,"noise":0.1}"#);
    client.post("deploy", r#"{"service":"web","begins":"exits","after":20,"begins_percent":50}"#);
    let update = r#"{"cluster":"prod","service":"prod-worker","desiredCount":5}"#;
    assert_eq!(client.aws(&format!("{ECS}.UpdateService"), update).status, 200);
    client.advance(400);
    client.post("notices", r#"{"plain":"notice"}"#);
    let saved = client.get("/_headroom/state/save");
    let second = serve("RegisterScalableTarget throttle 30%");
    let mut other = Client::of(&second);
    assert_eq!(other.send("POST /_headroom/state/load", &[], &saved.body).status, 200);
    assert_eq!(client.get("/_headroom/truth").text(), other.get("/_headroom/truth").text());
    for client in [&mut client, &mut other] {
        client.advance(900);
        let _either = register(client, 6).unwrap();
        client.advance(900);
    }
    assert_eq!(client.get("/_headroom/truth").text(), other.get("/_headroom/truth").text(), "also afterwards");
    let again = (client.get("/_headroom/state/save").text(), other.get("/_headroom/state/save").text());
    assert_eq!(again.0, again.1);
    first.stop().unwrap();
    second.stop().unwrap();
}

#[test]
fn a_server_that_ends_writes_its_state_to_its_file() {
    let file = std::env::temp_dir().join(format!("headroom-local-{}-state.json", std::process::id()));
    let server = Running::start(0, app(0.0, "", &[]).saved_to(file.clone())).unwrap();
    Client::of(&server).advance(300);
    server.stop().unwrap();
    let saved = headroom_local::state::Saved::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let mut other = app(0.0, "", &[]);
    saved.restore(&mut other, 0.0).unwrap();
    let server = Running::start(0, other).unwrap();
    assert_eq!(Client::of(&server).truth()["clock"]["world"], "2026-11-23T00:05:00Z");
    server.stop().unwrap();
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_page_of_another_site_reaches_no_operation_of_aws() {
    let server = serve("");
    let mut client = Client::of(&server);
    let body = b"Action=DescribeAlarms&Version=2010-08-01";
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(client.send("POST /", &[form], body).status, 200, "an SDK sends no Origin");
    assert_eq!(client.send("POST /", &[form, ("Origin", "https://elsewhere.example")], body).status, 403);
    server.stop().unwrap();
}

#[test]
fn a_state_whose_seconds_are_out_of_order_or_far_away_is_refused() {
    let server = serve("");
    let mut client = Client::of(&server);
    client.advance(60);
    let saved = client.send("GET /_headroom/state/save", &[], b"").json();
    for reached in [0, i64::MAX] {
        let mut state = saved.clone();
        state["reached"] = reached.into();
        let answer = client.post("state/load", &state.to_string());
        assert!(answer.status == 400 && answer.text().contains("out of order"), "{reached}: {}", answer.text());
    }
    assert_eq!(client.post("state/load", &saved.to_string()).status, 200);
    server.stop().unwrap();
}

#[test]
fn a_request_of_many_members_is_read_in_no_time() {
    let server = serve("");
    let mut client = Client::of(&server);
    let members: Vec<String> = (0..80_000).map(|n| format!("\"m{n}\":1")).collect();
    let body = format!("{{{}}}", members.join(","));
    let begun = std::time::Instant::now();
    let answer = client.send("POST /", &[("X-Amz-Target", &format!("{ECS}.ListServices"))], body.as_bytes());
    // It took most of a minute when each name was searched for.
    assert!(answer.status < 500 && begun.elapsed().as_secs() < 20, "{} after {:?}", answer.status, begun.elapsed());
    server.stop().unwrap();
}

#[test]
fn events_that_are_put_are_kept_on_the_bus_and_a_refused_one_stops_no_other() {
    let server = serve("");
    let mut client = Client::of(&server);
    let body = r#"{"Entries": [
        {"Source": "ci", "DetailType": "Done", "Detail": "{\"n\": 1}", "Resources": ["arn:a"], "Time": 1795392000},
        {"Source": "aws.ecs", "DetailType": "Done", "Detail": "{}"},
        {"Source": "ci", "DetailType": "Done", "Detail": "no object"},
        {"Source": "ci", "Detail": "{}"}
    ]}"#;
    let put = client.aws("AWSEvents.PutEvents", body).json();
    let codes: Vec<&str> = put["Entries"].as_array().unwrap().iter().filter_map(|e| e["ErrorCode"].as_str()).collect();
    assert_eq!(codes, ["NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument"], "{put}");
    assert_eq!(put["FailedEntryCount"], 3);
    let bus = client.send("GET /_headroom/truth", &[], b"").json()["bus"].clone();
    assert_eq!(bus.as_array().unwrap().len(), 1, "{bus}");
    assert_eq!(bus[0]["id"], put["Entries"][0]["EventId"]);
    assert_eq!((&bus[0]["detail-type"], &bus[0]["detail"]["n"]), (&"Done".into(), &1.into()));
    assert_eq!(client.aws("AWSEvents.PutEvents", r#"{"Entries": []}"#).status, 400);
    server.stop().unwrap();
}
