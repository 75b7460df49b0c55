//! Every kind of notice in every channel, compared with committed files.

use headroom_core::channel::pagerduty::{self, Event};
use headroom_core::channel::{Head, amazon_q, email, slack};
use headroom_core::notice::Kind;
use serde_json::{Map, Value};

use super::notices::Story;
use crate::golden::compare;

const CHANNEL: &str = "C0123ABCD";

fn pretty(bodies: impl Iterator<Item = (Kind, Value)>) -> String {
    let bodies: Map<String, Value> = bodies.map(|(kind, body)| (kind.name().to_owned(), body)).collect();
    serde_json::to_string_pretty(&bodies).unwrap() + "\n"
}

#[tokio::test]
async fn every_kind_of_notice_has_its_golden_text_in_every_channel() {
    let story = Story::of_the_night().await;
    let cards: Vec<_> = Kind::ALL.into_iter().map(|kind| (kind, story.card(kind))).collect();
    for (kind, card) in &cards {
        assert_eq!(card.kind, *kind, "the story tells another kind");
    }
    let each = || cards.iter().map(|(kind, card)| (*kind, card));
    compare("channels/slack.json", &pretty(each().map(|(kind, card)| (kind, slack::post(card, CHANNEL, false)))));
    let trigger = |(kind, card)| (kind, pagerduty::body(card, Event::Trigger));
    compare("channels/pagerduty.json", &pretty(each().map(trigger)));
    compare("channels/amazon_q.json", &pretty(each().map(|(kind, card)| (kind, amazon_q::body(card)))));
    let mail = each().map(|(_, card)| format!("Subject: {}\n\n{}", email::subject(&card.title), email::text(card)));
    compare("channels/email.txt", &mail.collect::<Vec<_>>().join("\n----\n\n"));
    let people =
        each().map(|(kind, card)| format!("[{}]\n{}\n", kind.name(), slack::seen(&slack::post(card, CHANNEL, false))));
    compare("channels/people.txt", &people.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn each_message_is_as_its_service_takes_it() {
    let story = Story::of_the_night().await;
    for kind in Kind::ALL {
        let card = story.card(kind);
        let head = Head { channel: CHANNEL.to_owned(), ts: "1795399231.000100".to_owned() };
        for body in [
            slack::post(&card, CHANNEL, false),
            slack::post(&card, CHANNEL, true),
            slack::reply(&card, &head, false),
            slack::update(&card, &head, false),
            slack::webhook(&card, false),
            slack::webhook(&card, true),
        ] {
            within_slack(&body);
        }
        for event in [Event::Trigger, Event::Acknowledge, Event::Resolve] {
            within_pagerduty(&pagerduty::body(&card, event));
        }
        within_amazon_q(&amazon_q::body(&card));
        let subject = email::subject(&card.title);
        assert!(subject.len() < 100 && !subject.chars().any(char::is_control), "{subject}");
        assert!(card.title.chars().count() < 100, "a push preview: {}", card.title);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Limits of Block Kit (AWS_FACTS 6).
pub(super) fn within_slack(body: &Value) {
    assert!(!text(&body["text"]).is_empty() && text(&body["text"]).chars().count() <= 4_000);
    let mut total = 0;
    for attachment in body["attachments"].as_array().into_iter().flatten() {
        let blocks = attachment["blocks"].as_array().expect("blocks");
        assert!(blocks.len() <= 50);
        for block in blocks {
            let elements = block["elements"].as_array().cloned().unwrap_or_default();
            assert!(elements.len() <= 10);
            for element in block.get("text").into_iter().chain(&elements) {
                let text = text(&element["text"]);
                assert!(!text.is_empty() && text.chars().count() <= 3_000, "{text}");
                assert_eq!(element["verbatim"], true);
                total += text.chars().count();
            }
        }
    }
    assert!(total <= 13_200, "{total}");
}

pub(super) fn within_pagerduty(body: &Value) {
    assert!(body.to_string().len() <= 512 * 1_024 && body.get("routing_key").is_none());
    assert!((1..=255).contains(&text(&body["dedup_key"]).chars().count()));
    if body["event_action"] == "trigger" {
        let payload = &body["payload"];
        assert!((1..=1_024).contains(&text(&payload["summary"]).chars().count()));
        assert!(["critical", "error", "warning", "info"].contains(&text(&payload["severity"])));
        assert!(!text(&payload["source"]).is_empty());
        match payload.get("timestamp") {
            Some(at) => assert!(text(at).starts_with("2026-") && text(at).parse::<jiff::Timestamp>().is_ok(), "{at}"),
            None => assert_eq!(payload["class"], "digest", "a count is no time"),
        }
    }
}

pub(super) fn within_amazon_q(body: &Value) {
    assert_eq!((&body["version"], &body["source"]), (&"1.0".into(), &"custom".into()));
    let content = &body["content"];
    assert!((1..=250).contains(&text(&content["title"]).chars().count()));
    assert!((1..=8_000).contains(&text(&content["description"]).chars().count()));
    let lengths = |key: &str| -> Vec<usize> {
        content[key].as_array().expect("a list").iter().map(|t| text(t).chars().count()).collect()
    };
    assert!(lengths("nextSteps").iter().all(|l| *l <= 350) && lengths("keywords").iter().all(|l| *l <= 75));
    let context = body["metadata"]["additionalContext"].as_object().expect("a map");
    assert!(context.values().all(Value::is_string));
}
