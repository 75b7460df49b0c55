//! Text for Slack, and for Amazon Q, which hands it on: escaped, so that no foreign word becomes markup.
//!
//! Slack reads `<!channel>`, `<@U...>` and links between `<` and `>`; `&`, `<` and `>` are all that must be escaped
//! (docs.slack.dev/messaging/formatting-message-text). Older clients and webhooks that parse names also read a bare
//! `@here`: a word joiner after the `@` keeps it from being one.

use jiff::Timestamp;

/// Zero width, no break, after an `@`: the two are no longer one word.
const AT_JOINED: &str = "@\u{2060}";
/// A date of RFC 3339 in UTC with seconds, `2026-11-23T02:30:32Z`.
const DATE_CHARS: usize = 20;

/// Escapes a text; the result is at most so many characters, and no entity is cut in two.
#[must_use]
pub fn escaped(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut room = chars_max;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut buffer = [0_u8; 4];
        let piece: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '@' if chars.peek().is_some_and(|next| next.is_alphanumeric()) => AT_JOINED,
            c => c.encode_utf8(&mut buffer),
        };
        let length = piece.chars().count();
        if length > room {
            break;
        }
        room -= length;
        out.push_str(piece);
    }
    out
}

/// The same for Slack alone: instants become date tokens, which each reader sees in their own time zone.
#[must_use]
pub fn dated(text: &str) -> String {
    let mut out = String::new();
    let mut plain = 0;
    for (at, _) in text.char_indices() {
        let Some(instant) = (at >= plain).then(|| text.get(at..at + DATE_CHARS)).flatten().and_then(instant) else {
            continue;
        };
        out.push_str(&escaped(&text[plain..at], usize::MAX));
        out.push_str(&token(instant));
        plain = at + DATE_CHARS;
    }
    out.push_str(&escaped(&text[plain..], usize::MAX));
    out
}

/// Slack's token for an instant, with what a client shows that knows no tokens.
fn token(at: Timestamp) -> String {
    format!("<!date^{}^{{date_short_pretty}} {{time}}|{} UTC>", at.as_second(), at.strftime("%Y-%m-%d %H:%M:%S"))
}

fn instant(text: &str) -> Option<Timestamp> {
    let shaped = text.bytes().enumerate().all(|(n, b)| match n {
        4 | 7 => b == b'-',
        10 => b == b'T',
        13 | 16 => b == b':',
        19 => b == b'Z',
        _ => b.is_ascii_digit(),
    });
    if shaped { text.parse().ok() } else { None }
}

/// Whether a text has anything that Slack would read as a mention or a link.
#[must_use]
pub fn mentions(text: &str) -> bool {
    let broadcast = ["@here", "@channel", "@everyone", "<!here", "<!channel", "<!everyone", "<!subteam", "<@", "<#"];
    broadcast.iter().any(|mention| text.contains(mention))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_mentions_somebody_survives() {
        for text in
            ["<!channel>", "<!here|x>", "<@U012AB3CD>", "<#C012>", "<!subteam^S1>", "@here", "@channel x", "a@everyone"]
        {
            assert!(mentions(text) && !mentions(&escaped(text, 100)) && !mentions(&dated(text)), "{text}");
        }
        assert_eq!(escaped("a < b & c > d", 100), "a &lt; b &amp; c &gt; d");
        assert_eq!(escaped("&amp;", 100), "&amp;amp;", "what is escaped already is escaped again: it was text");
        assert_eq!(escaped("@here", 100).chars().nth(1), AT_JOINED.chars().nth(1));
        assert_eq!(escaped("2 @ 3", 100), "2 @ 3");
    }

    #[test]
    fn no_entity_is_cut_in_two() {
        assert_eq!(escaped("ab<c", 5), "ab");
        assert_eq!(escaped("ab<c", 6), "ab&lt;");
    }

    #[test]
    fn instants_are_dates_of_the_reader_and_nothing_else_is() {
        assert_eq!(
            dated("at 2026-11-23T02:30:32Z; then"),
            "at <!date^1795401032^{date_short_pretty} {time}|2026-11-23 02:30:32 UTC>; then"
        );
        for text in ["2026-11-23T02:30:32", "2026-13-23T02:30:32Z", "x2026-11-23 02:30:32Z", "é2026-11-23T02:30"] {
            assert_eq!(dated(text), text);
        }
        assert!(dated("<!here>2026-11-23T02:30:32Z").starts_with("&lt;!here&gt;<!date^"));
    }
}
