//! Events as their targets get them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use headroom_local::delivery::Target;
use headroom_local::server::Running;
use serde_json::Value;

use crate::raw::{Client, app, register};

/// Takes events; answers 500 to the first `failing` of them.
fn listener(failing: usize) -> (Target, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut bytes = Vec::new();
            let body = loop {
                let mut buffer = [0; 4_096];
                let read = stream.read(&mut buffer).unwrap();
                bytes.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|l| l.strip_prefix("Content-Length: ")).unwrap().parse::<usize>();
                if body.len() >= length.unwrap() {
                    break body.to_owned();
                }
            };
            let status = if number < failing { "500 No" } else { "200 OK" };
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            if number >= failing && sender.send(serde_json::from_str(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    (Target::url(&url).unwrap(), receiver)
}

fn received(events: &Receiver<Value>) -> Vec<Value> {
    std::iter::from_fn(|| events.recv_timeout(Duration::from_secs(2)).ok()).collect()
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
}

/// Two tasks more, which are pending, then running.
fn story(plan: &str, failing: usize) -> (Vec<Value>, Value) {
    let (target, events) = listener(failing);
    let server = Running::start(0, app(0.0, plan, &[target])).unwrap();
    let mut client = Client::of(&server);
    let mut all = 0;
    while all < 20 {
        let status = register(&mut client, 4).unwrap().status;
        all += usize::from(status == 200);
        client.advance(10);
    }
    let got = received(&events);
    let counts = client.truth()["events"].clone();
    server.stop().unwrap();
    (got, counts)
}

#[test]
fn every_event_is_posted_in_order_and_again_until_it_is_taken() {
    let (events, counts) = story("", 2);
    let running = events.iter().filter(|e| e["detail"]["lastStatus"] == "RUNNING").count();
    assert_eq!(running, 2, "{events:?}");
    assert_eq!(counts["events"], events.len());
    assert_eq!((&counts["targets"][0]["retried"], &counts["targets"][0]["given_up"]), (&2.into(), &0.into()));
    let times: Vec<&str> = events.iter().map(|e| e["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(events.iter().all(|e| e["source"].as_str().unwrap().starts_with("aws.") && e["detail"].is_object()));
}

#[test]
fn by_the_plan_events_come_twice_and_late_but_at_least_once_and_the_same_each_time() {
    let plan = "event duplicate 60%\nevent delay 1s..60s 60%";
    let (events, counts) = story(plan, 0);
    let mut once = ids(&events);
    once.sort();
    once.dedup();
    assert_eq!(counts["events"], once.len(), "each at least once");
    assert!(events.len() > once.len(), "some more than once");
    assert_eq!(counts["targets"][0]["duplicated"], events.len() - once.len());
    assert!(counts["targets"][0]["late"].as_u64().unwrap() > 0);
    assert_eq!(ids(&story(plan, 0).0), ids(&events));
}
