//! Limits of messages, by Slack's word for what is wrong.

use serde_json::Value;

const TEXT_MAX: usize = 40_000;
const BLOCKS_MAX: usize = 50;
const SECTION_MAX: usize = 3_000;
const ELEMENTS_MAX: usize = 10;
const BLOCKS_CHARS_MAX: usize = 13_200;
const KNOWN: [&str; 13] = [
    "channel",
    "text",
    "attachments",
    "blocks",
    "thread_ts",
    "ts",
    "reply_broadcast",
    "metadata",
    "parse",
    "link_names",
    "unfurl_links",
    "unfurl_media",
    "username",
];

/// Whether Slack takes the message.
pub(super) fn message(body: &Value) -> Result<(), &'static str> {
    let Some(fields) = body.as_object() else { return Err("invalid_json") };
    if fields.keys().any(|key| !KNOWN.contains(&key.as_str())) {
        return Err("invalid_arguments");
    }
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
    if text.chars().count() > TEXT_MAX {
        return Err("msg_too_long");
    }
    let attachments = body
        .get("attachments")
        .map_or(Ok([].as_slice()), |a| a.as_array().map(Vec::as_slice).ok_or("invalid_attachments"))?;
    if text.is_empty() && attachments.is_empty() {
        return Err("no_text");
    }
    let mut total = 0;
    for attachment in attachments {
        let blocks = attachment.get("blocks").and_then(Value::as_array).ok_or("invalid_attachments")?;
        if blocks.is_empty() || blocks.len() > BLOCKS_MAX {
            return Err("invalid_blocks");
        }
        for each in blocks {
            total += block(each)?;
        }
    }
    if total > BLOCKS_CHARS_MAX { Err("msg_blocks_too_long") } else { Ok(()) }
}

/// Characters of a block.
fn block(block: &Value) -> Result<usize, &'static str> {
    let texts: Vec<&Value> = match block.get("type").and_then(Value::as_str) {
        Some("section") => vec![block.get("text").ok_or("invalid_blocks")?],
        Some("context") => {
            let elements = block.get("elements").and_then(Value::as_array).ok_or("invalid_blocks")?;
            if elements.is_empty() || elements.len() > ELEMENTS_MAX {
                return Err("invalid_blocks");
            }
            elements.iter().collect()
        }
        Some(_) | None => return Err("invalid_blocks"),
    };
    let mut total = 0;
    for text in texts {
        let length = text.get("text").and_then(Value::as_str).map_or(0, |t| t.chars().count());
        if text.get("type") != Some(&Value::from("mrkdwn")) || !(1..=SECTION_MAX).contains(&length) {
            return Err("invalid_blocks");
        }
        total += length;
    }
    Ok(total)
}
