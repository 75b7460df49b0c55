//! A message as people read it in Slack, as text: for terminals, golden files and the demo.

use serde_json::Value;

/// First line, sections and small print of a body; dates as clients without time zones show them, links by their name.
#[must_use]
pub fn seen(body: &Value) -> String {
    let text = |value: &Value| value.get("text").and_then(Value::as_str).map(read).unwrap_or_default();
    let mut lines = vec![text(body)];
    let blocks = body.pointer("/attachments/0/blocks").and_then(Value::as_array);
    for block in blocks.into_iter().flatten() {
        match block.get("elements").and_then(Value::as_array) {
            Some(elements) => lines.extend(elements.iter().map(text)),
            None => lines.extend(block.get("text").map(text)),
        }
    }
    lines.join("\n")
}

/// Takes the markup of links, mentions and dates away, and the escapes.
fn read(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, markup)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, after)) = markup.split_once('>') else {
            out.push('<');
            rest = markup;
            continue;
        };
        // A date's fallback and a link's name stand after the bar; a mention stays in sight.
        match inside.split_once('|') {
            Some((_, name)) => out.push_str(name),
            None => out.push_str(&format!("<{inside}>")),
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace('\u{2060}', "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_names_dates_and_what_was_escaped() {
        assert_eq!(read("a &lt;b&gt; <https://x|alarm> · <!date^1^{time}|02:00 UTC>"), "a <b> alarm · 02:00 UTC");
        assert_eq!(read("<!channel> 1 < 2"), "<!channel> 1 < 2");
    }
}
