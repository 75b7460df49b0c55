//! Slack and PagerDuty over a connection.

use crate::raw::{Client, serve};

const HEAD: [(&str, &str); 1] = [("authorization", "Bearer xoxb-1")];

#[test]
fn a_message_is_posted_edited_and_seen() {
    let server = serve("");
    let mut client = Client::of(&server);
    let post = |client: &mut Client, method: &str, body: &str| {
        client.send(&format!("POST /receiver/slack/api/{method}"), &HEAD, body.as_bytes()).json()
    };
    let posted = post(&mut client, "chat.postMessage", r##"{"channel":"#ops","text":"opened"}"##);
    assert_eq!(posted["ok"], true, "{posted}");
    let (channel, ts) = (posted["channel"].as_str().unwrap(), posted["ts"].as_str().unwrap());
    let edit = format!(r#"{{"channel":"{channel}","ts":"{ts}","text":"closed"}}"#);
    assert_eq!(post(&mut client, "chat.update", &edit)["ok"], true);
    let seen = client.get("/_headroom/receiver").json();
    assert_eq!(seen["people"], "Slack #ops (edited 1 times)\n  closed\n");
    assert_eq!((&seen["threads"], &seen["edits"]), (&1.into(), &1.into()));
    let refused = client.send("POST /receiver/slack/api/chat.postMessage", &[], b"{}").json();
    assert_eq!(refused["error"], "invalid_auth");
    server.stop().unwrap();
}

#[test]
fn what_befalls_a_call_befalls_one() {
    let server = serve("");
    let mut client = Client::of(&server);
    assert_eq!(client.post("receiver", r#"{"mischief":"too-many"}"#).status, 200);
    assert!(client.post("receiver", r#"{"mischief":"kindness"}"#).text().contains("closes-midway"));
    let path = "POST /receiver/slack/api/chat.postMessage";
    let body = br##"{"channel":"#ops","text":"opened"}"##;
    let first = client.send(path, &HEAD, body);
    assert_eq!(first.status, 429);
    assert_eq!(client.send(path, &HEAD, body).json()["ok"], true);
    server.stop().unwrap();
}
