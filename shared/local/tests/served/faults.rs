//! Each kind of fault as the far side of a call sees it.

use std::time::{Duration, Instant};

use crate::raw::{Client, register, serve};

fn min(client: &mut Client) -> serde_json::Value {
    client.truth()["services"][0]["bounds"]["min"].clone()
}

fn counted(client: &mut Client, kind: &str) -> serde_json::Value {
    client.truth()["operations"]["application-autoscaling.RegisterScalableTarget"]["faults"][kind].clone()
}

#[test]
fn a_throttled_call_and_one_that_failed_changed_nothing() {
    for (kind, status, name) in
        [("throttle", 400, "ThrottlingException"), ("error-500", 500, "InternalServiceException")]
    {
        let server = serve(&format!("RegisterScalableTarget {kind} 100% at most 2"));
        let mut client = Client::of(&server);
        for _ in 0..2 {
            let answer = register(&mut client, 5).unwrap();
            assert_eq!((answer.status, answer.json()["__type"].as_str()), (status, Some(name)));
        }
        assert_eq!((min(&mut client), counted(&mut client, kind)), (2.into(), 2.into()));
        assert_eq!(register(&mut client, 5).unwrap().status, 200, "twice at most");
        assert_eq!(min(&mut client), 5);
        server.stop().unwrap();
    }
}

#[test]
fn a_delayed_answer_is_a_good_one_that_comes_late() {
    let server = serve("* delay 300ms..400ms 100% at most 1");
    let mut client = Client::of(&server);
    let asked = Instant::now();
    assert_eq!(register(&mut client, 3).unwrap().status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(300), "{:?}", asked.elapsed());
    assert_eq!((min(&mut client), counted(&mut client, "delay")), (3.into(), 1.into()));
    server.stop().unwrap();
}

#[test]
fn a_reset_is_a_reset_of_the_connection_and_changed_nothing() {
    let server = serve("RegisterScalableTarget reset 100%");
    let error = register(&mut Client::of(&server), 5).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
    let mut client = Client::of(&server);
    assert_eq!((min(&mut client), counted(&mut client, "reset")), (2.into(), 1.into()));
    server.stop().unwrap();
}

#[test]
fn apply_then_time_out_applies_and_never_answers() {
    let server = serve("RegisterScalableTarget apply-then-time-out 100%");
    let mut client = Client::of(&server);
    client.wait_at_most(Duration::from_millis(500));
    let error = register(&mut client, 5).unwrap_err();
    assert!(matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{error}");
    let mut client = Client::of(&server);
    assert_eq!((min(&mut client), counted(&mut client, "apply-then-time-out")), (5.into(), 1.into()));
    server.stop().unwrap();
}

#[test]
fn the_same_seed_gives_the_same_faults_to_the_same_calls() {
    let run = || {
        let server = serve("RegisterScalableTarget throttle 40%");
        let mut client = Client::of(&server);
        let statuses: Vec<u16> = (0..60).map(|n| register(&mut client, 2 + n % 3).unwrap().status).collect();
        server.stop().unwrap();
        statuses
    };
    let first = run();
    assert_eq!(first, run());
    let throttled = first.iter().filter(|s| **s == 400).count();
    assert!((10..=40).contains(&throttled), "{throttled}");
}
