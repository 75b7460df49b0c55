//! Amazon Q Developer in chat applications: its schema of custom notifications, over an SNS topic. A body that is
//! anything else is dropped without an error (docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html).

use serde_json::{Value, json};

use super::mrkdwn::escaped;
use super::{Card, Request, cut, email};

const TITLE_CHARS_MAX: usize = 250;
const DESCRIPTION_CHARS_MAX: usize = 8_000;
const STEP_CHARS_MAX: usize = 350;
const KEYWORD_CHARS_MAX: usize = 75;

/// The message.
#[must_use]
pub fn body(card: &Card) -> Value {
    let steps = |label: &str| label == "Next" || label == "Say yes";
    let next: Vec<String> =
        card.lines.iter().filter(|l| steps(&l.label)).map(|l| escaped(&l.text, STEP_CHARS_MAX)).collect();
    let words = [card.label.as_str(), card.kind.name(), card.severity.name()];
    json!({
        "version": "1.0",
        "source": "custom",
        "id": card.key(),
        "content": {
            "textType": "client-markdown",
            "title": escaped(&card.title, TITLE_CHARS_MAX),
            "description": description(card),
            "nextSteps": next,
            "keywords": words.map(|word| escaped(word, KEYWORD_CHARS_MAX)),
        },
        "metadata": {
            "threadId": card.incident,
            "summary": escaped(&card.title, TITLE_CHARS_MAX),
            "eventType": format!("headroom.{}", card.kind.name()),
            "relatedResources": [card.label],
            "additionalContext": { "explain": card.explain, "severity": card.severity.name() },
            "enableCustomActions": false,
        }
    })
}

/// Required, so never empty.
fn description(card: &Card) -> String {
    let lines =
        card.lines.iter().map(|l| format!("*{}* {}", escaped(&l.label, 100), escaped(&l.text, STEP_CHARS_MAX * 8)));
    let links = card.links.iter().map(|link| format!("<{}|{}>", link.url, link.name)).collect::<Vec<_>>().join(" · ");
    let explain = cut::pointer(&card.explain);
    let last = if links.is_empty() { explain } else { format!("{links} · {explain}") };
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + line.chars().count() + last.chars().count() + 1 > DESCRIPTION_CHARS_MAX {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    text + &last
}

/// The message to a topic of the reader's own.
#[must_use]
pub fn message(card: &Card, channel: &str, topic: &str) -> Request {
    Request::Sns {
        topic: Some(topic.to_owned()),
        subject: email::subject(&card.title),
        message: body(card).to_string(),
        attributes: email::attributes(card, channel),
    }
}
