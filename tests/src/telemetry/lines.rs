//! Log lines: each of a case names it, and none holds a word of the event or of a notice.

use headroom_core::fleet::Fleet;
use headroom_pipeline::{Watched, on_payload, sweep};
use jiff::Timestamp;
use serde_json::Value;
use tracing_subscriber::filter::LevelFilter;

use crate::alarms::fixtures;
use crate::captured::{Lines, capture};
use crate::fleets::web;
use crate::scene::night;
use crate::world::{Fault, World};

/// Each line with the fields of its spans, which its own come before.
fn read(lines: &Lines) -> Vec<Value> {
    let flat = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        for span in line["spans"].as_array().cloned().unwrap_or_default() {
            for (name, value) in span.as_object().unwrap() {
                if line.get(name).is_none() {
                    line[name] = value.clone();
                }
            }
        }
        line
    };
    lines.text().lines().map(flat).collect()
}

/// The finest level that a function can be set to.
const FINEST: LevelFilter = LevelFilter::DEBUG;

async fn handle(world: &World, fleet: &Fleet, payload: &Value) {
    let watched = Watched::new(world, fleet);
    let answers = on_payload(&watched, fleet, payload, "request-7#1", Timestamp::MAX).await;
    let _decided = watched.answered(&answers);
}

#[tokio::test]
async fn every_line_of_a_case_names_it_and_who_wrote() {
    let (lines, _guard) = capture(FINEST);
    let (fleet, world) = night();
    let event = fixtures::event("alarm/metric");
    // The notice fails, so that a line comes from inside the flow; then the same event, and one that is refused.
    world.fail_at(5, Fault::Fails);
    handle(&world, &fleet, &event).await;
    assert!(world.heal(), "the publication failed");
    handle(&world, &fleet, &event).await;
    let (fleet, refused) = night();
    refused.service(&web(), |s| s.desired = 4);
    handle(&refused, &fleet, &event).await;
    let entry = world.entries().remove(0);
    let lines = read(&lines);
    let said = |word: &str| lines.iter().filter(|l| l["message"] == word).count();
    assert_eq!((said("decided"), said("duplicate")), (2, 1), "{lines:#?}");
    assert_eq!(said("notice not published, kept in the outbox"), 1, "{lines:#?}");
    for line in &lines {
        assert_eq!(line["decision"], entry.decision.0, "{line}");
        assert_eq!(line["case"], entry.key.0, "{line}");
        assert_eq!((&line["service"], &line["remedy"]), (&"prod-eu/web".into(), &"cpu-high".into()), "{line}");
        assert_eq!(line["writer"], "request-7#1", "{line}");
    }
    let words: Vec<(&Value, &Value)> = lines.iter().map(|l| (&l["outcome"], &l["reason"])).collect();
    assert!(words.contains(&(&"refused".into(), &"already-coming".into())), "{words:?}");
    assert!(words.contains(&(&"acted".into(), &Value::Null)), "{words:?}");
}

#[tokio::test]
async fn a_line_of_the_reconciler_names_its_service_or_its_case() {
    let (fleet, world) = night();
    world.stop("prod-eu", true);
    handle(&world, &fleet, &fixtures::event("alarm/metric")).await;
    world.stop("prod-eu", false);
    world.advance(900);
    let (lines, _guard) = capture(FINEST);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let watched = Watched::new(&world, &fleet);
    sweep(&watched, &fleet, "request-8#1").await.unwrap();
    let lines = read(&lines);
    let decided = lines.iter().find(|l| l["outcome"] == "acted").unwrap_or_else(|| panic!("{lines:#?}"));
    let later = world.entries().into_iter().find(|e| decided["decision"] == e.decision.0);
    assert_eq!(later.map(|e| e.label), Some("prod-eu/web".to_owned()), "the later case names itself: {decided}");
    assert!(lines.iter().all(|l| l["service"] == "prod-eu/web" && l["writer"] == "request-8#1"), "{lines:#?}");
}

#[tokio::test]
async fn a_line_is_named_whatever_the_level() {
    let (lines, _guard) = capture(LevelFilter::WARN);
    let (fleet, world) = night();
    world.fail_at(2, Fault::Fails);
    handle(&world, &fleet, &fixtures::event("alarm/metric")).await;
    let lines = read(&lines);
    let [failed] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!((&failed["outcome"], &failed["reason"]), (&"failed".into(), &"PortError".into()));
    assert_eq!(failed["service"], "prod-eu/web");
    assert!(failed["decision"].as_str().is_some_and(|d| d.starts_with("D-")), "{failed}");
}

const SECRET: &str = "correct-horse-battery-staple";

/// Every text in a value, by its way there.
fn texts(value: &Value, way: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(way.to_owned()),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, v)| texts(v, &format!("{way}/{n}"), found)),
        Value::Object(members) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            members.iter().for_each(|(name, v)| texts(v, &format!("{way}/{}", escaped(name)), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn a_secret_anywhere_in_an_event_never_reaches_a_line() {
    let (lines, _guard) = capture(FINEST);
    let mut planted = 0;
    for name in [
        "alarm/metric",
        "alarm_notification/three_records",
        "alarm_notification/raw",
        "alarm_contributor/muted",
        "alarm_configuration/created",
        "dead_letter/eventbridge_rule_of_another_bus",
    ] {
        let event = fixtures::event(name);
        let mut ways = Vec::new();
        texts(&event, "", &mut ways);
        // The queue's own id of a message is logged, so that the message can be found.
        ways.retain(|way| !way.ends_with("/messageId"));
        for way in ways {
            for secret in [SECRET.to_owned(), format!("arn:aws:sns:eu-west-1:222222222222:{SECRET}")] {
                let mut event = event.clone();
                *event.pointer_mut(&way).unwrap() = Value::String(secret);
                event["unheard-of"] = SECRET.into();
                let (_, world) = night();
                handle(&world, &fixtures::fleet(), &event).await;
                planted += 1;
                let text = lines.text();
                assert!(!text.contains(SECRET), "{name} {way}: {}", text.lines().last().unwrap_or_default());
            }
        }
    }
    let lines = read(&lines);
    assert!(planted > 100 && lines.len() >= planted, "{} lines of {planted} events", lines.len());
    let outcomes: std::collections::BTreeSet<&str> = lines.iter().filter_map(|l| l["outcome"].as_str()).collect();
    assert!(["acted", "failed", "ignored", "unmatched"].iter().all(|o| outcomes.contains(o)), "{outcomes:?}");
}

#[tokio::test]
async fn the_text_of_a_notice_is_never_logged() {
    let (lines, _guard) = capture(FINEST);
    let (fleet, world) = night();
    for call in 1..12 {
        world.fail_at(call, Fault::Fails);
        handle(&world, &fleet, &fixtures::event("alarm/metric")).await;
        world.heal();
        world.advance(61);
        let watched = Watched::new(&world, &fleet);
        let _swept = sweep(&watched, &fleet, "s").await;
    }
    let (text, told) = (lines.text(), world.messages());
    assert!(!told.is_empty() && !text.is_empty());
    for notice in told {
        assert!(!text.contains(&notice.title), "{}", notice.title);
        assert!(notice.lines.iter().all(|(_, line)| line.len() < 12 || !text.contains(line)), "{notice:?}");
    }
}
