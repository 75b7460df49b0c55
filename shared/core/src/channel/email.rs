//! E-mail through SNS: a subject and plain text. A mail cannot be edited, so only what opens, closes or pages is sent.

use super::cut::cut;
use super::{Attributes, Card, Request};

/// SNS takes subjects of ASCII, under 100 characters, that begin with something visible and hold no control character.
const SUBJECT_CHARS_MAX: usize = 99;
/// SNS takes 256 KB a message; a mail is read, not searched.
const LINE_CHARS_MAX: usize = 2_000;
/// The attribute by which each address's subscription takes its own channel's mail.
pub const CHANNEL: &str = "channel";

/// The subject of a title.
#[must_use]
pub fn subject(title: &str) -> String {
    let ascii = title.trim_start().chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    let subject: String = ascii.take(SUBJECT_CHARS_MAX).collect();
    if subject.is_empty() { "Headroom".to_owned() } else { subject }
}

/// The text.
#[must_use]
pub fn text(card: &Card) -> String {
    let mut text = format!("{}\n\n", card.title);
    for line in &card.lines {
        text.push_str(&format!("{}: {}\n", line.label, cut(&line.text, LINE_CHARS_MAX, &card.explain)));
    }
    for link in &card.links {
        text.push_str(&format!("{}: {}\n", link.name, link.url));
    }
    text.push_str(&format!("\n{}\n", card.explain));
    text
}

/// The mail of one channel.
#[must_use]
pub fn mail(card: &Card, channel: &str) -> Request {
    Request::Sns {
        topic: None,
        subject: subject(&card.title),
        message: text(card),
        attributes: attributes(card, channel),
    }
}

/// What subscriptions can filter by.
pub(super) fn attributes(card: &Card, channel: &str) -> Attributes {
    vec![
        (CHANNEL, channel.to_owned()),
        ("severity", card.severity.name().to_owned()),
        ("kind", card.kind.name().to_owned()),
        ("phase", card.phase().name().to_owned()),
        ("service", card.label.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_what_sns_takes() {
        assert_eq!(subject("prod-eu/web: minimum 2 -> 3 for high CPU"), "prod-eu/web: minimum 2 -> 3 for high CPU");
        assert_eq!(subject(" \u{1f600}a\nb"), "?a?b");
        assert_eq!(subject(&"x".repeat(200)).len(), 99);
        assert_eq!(subject(""), "Headroom");
    }
}
