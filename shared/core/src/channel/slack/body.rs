//! Bodies of messages.

use serde_json::{Value, json};

use crate::channel::mrkdwn::{dated, escaped};
use crate::channel::{Card, Head, Line, cut, sparkline};
use crate::notice::{Phase, Severity};

/// A section takes 3,000 characters; a line that is longer is cut a little below.
const SECTION_CHARS_MAX: usize = 3_000;
const LINE_CHARS_MAX: usize = 2_900;
/// Slack refuses a message whose blocks hold about 13,200 characters in all; links and markup need some of them.
const BLOCKS_CHARS_MAX: usize = 10_000;
/// Slack cuts a text without blocks at 4,000 characters, and advises to stay below.
const TEXT_CHARS_MAX: usize = 3_900;
/// The key in a message's metadata by which a message of unknown fate is found again.
pub const KEY: &str = "key";
const EVENT_TYPE: &str = "headroom_notice";

/// The first message of a thread, for `chat.postMessage`. `plain` leaves out everything but text.
#[must_use]
pub fn post(card: &Card, channel: &str, plain: bool) -> Value {
    let mut body = message(card, plain);
    body["channel"] = json!(channel);
    body["metadata"] = json!({ "event_type": EVENT_TYPE, "event_payload": { KEY: card.key() } });
    body
}

/// A message in the thread, shown in the channel too: an edit of the first message tells nobody.
#[must_use]
pub fn reply(card: &Card, head: &Head, plain: bool) -> Value {
    let mut body = post(card, &head.channel, plain);
    body["thread_ts"] = json!(head.ts);
    body["reply_broadcast"] = json!(true);
    body
}

/// The first message as it is now, for `chat.update`.
#[must_use]
pub fn update(card: &Card, head: &Head, plain: bool) -> Value {
    let mut body = post(card, &head.channel, plain);
    body["ts"] = json!(head.ts);
    // What is not named would stay as it was.
    if plain {
        body["attachments"] = json!([]);
    }
    body
}

/// The same for an incoming webhook, which has its channel in its address and takes no metadata.
#[must_use]
pub fn webhook(card: &Card, plain: bool) -> Value {
    message(card, plain)
}

fn message(card: &Card, plain: bool) -> Value {
    let title = escaped(&card.title, TEXT_CHARS_MAX);
    let mut body = json!({
        "text": title,
        // Names and addresses in foreign words stay words.
        "parse": "none",
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
    });
    if plain {
        body["text"] = json!(text_only(card));
        return body;
    }
    body["attachments"] = json!([{ "color": colour(card), "fallback": title, "blocks": blocks(card) }]);
    body
}

/// Grey says, amber asks for a look, red wakes, green is over.
fn colour(card: &Card) -> &'static str {
    match (card.phase(), card.severity) {
        (Phase::Closed, Severity::Info) => "#2e7d32",
        (_, Severity::Info) => "#9e9e9e",
        (_, Severity::Warn) => "#f2a900",
        (_, Severity::Page) => "#d93025",
    }
}

fn text_only(card: &Card) -> String {
    let mut text = escaped(&card.title, TEXT_CHARS_MAX / 2);
    let pointer = cut::pointer(&card.explain);
    for line in card.lines.iter().map(|line| rendered(line, card)) {
        if text.chars().count() + line.chars().count() + pointer.chars().count() + 2 > TEXT_CHARS_MAX {
            break;
        }
        text = format!("{text}\n{line}");
    }
    format!("{text}\n{pointer}")
}

fn blocks(card: &Card) -> Vec<Value> {
    let mut sections: Vec<String> = Vec::new();
    let mut chars_left = BLOCKS_CHARS_MAX;
    for line in &card.lines {
        let line = rendered(line, card);
        let length = line.chars().count() + 1;
        if length > chars_left {
            sections.push(cut::pointer(&card.explain));
            break;
        }
        chars_left -= length;
        match sections.last_mut() {
            Some(last) if last.chars().count() + length <= SECTION_CHARS_MAX => {
                last.push('\n');
                last.push_str(&line);
            }
            Some(_) | None => sections.push(line),
        }
    }
    let section = |text: String| json!({ "type": "section", "text": mrkdwn(&text) });
    let mut blocks: Vec<Value> = sections.into_iter().map(section).collect();
    blocks.push(json!({ "type": "context", "elements": [mrkdwn(&footer(card))] }));
    blocks
}

/// `verbatim`: Slack makes no link and no mention of words.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

fn rendered(line: &Line, card: &Card) -> String {
    let label = escaped(&line.label, SECTION_CHARS_MAX / 10);
    let whole = format!("*{label}* {}", dated(&line.text));
    if whole.chars().count() <= LINE_CHARS_MAX {
        return whole;
    }
    let pointer = cut::pointer(&card.explain);
    let room = LINE_CHARS_MAX.saturating_sub(label.chars().count() + pointer.chars().count() + 3);
    format!("*{label}* {}{pointer}", escaped(&line.text, room))
}

/// The series and the links, as small print.
fn footer(card: &Card) -> String {
    let series = card.series.iter().map(|series| {
        let last = series.values.last().copied().unwrap_or_default();
        format!("{} {} {last:.0}", escaped(&series.name, 100), sparkline(&series.values))
    });
    let links = card.links.iter().map(|link| format!("<{}|{}>", link.url, link.name));
    let last = card.decision.as_ref().map_or(card.explain.as_str(), |decision| decision.0.as_str());
    let links = links.chain([escaped(last, 100)]).collect::<Vec<_>>().join(" · ");
    series.chain([links]).collect::<Vec<_>>().join("      ")
}
