//! Entries as a table, newest last: where the eye is when the command ends.

use std::fmt::Write;

use super::line::{Line, plain};
use super::outcome::Outcome;
use crate::entry::Entry;

/// No line is wider: half of a wide terminal, or a pager beside a chat.
pub const COLUMNS_MAX: usize = 119;
/// Longer names are cut, so that a sentence is left room.
const SERVICE_MAX: usize = 30;
const REMEDY_MAX: usize = 16;
/// Date and time to the second.
const TIME: usize = 19;
const DECISION: usize = 7;

/// The table with its header, and the counts under it. `older` says that there are more than these.
#[must_use]
pub fn list(entries: &[Entry], older: bool) -> String {
    let mut lines: Vec<Line> = entries.iter().map(Line::of).collect();
    lines.sort_by(|a, b| (a.at, &a.decision).cmp(&(b.at, &b.decision)));
    let mut out = String::new();
    if !lines.is_empty() {
        table(&mut out, &lines);
    }
    out.push_str(&counts(&lines, older));
    out
}

fn table(out: &mut String, lines: &[Line]) {
    let widest = |header: &str, most: usize, of: fn(&Line) -> &str| {
        lines.iter().map(|l| of(l).chars().count()).max().unwrap_or(0).min(most).max(header.len())
    };
    let service = widest("SERVICE", SERVICE_MAX, |l| &l.service);
    let remedy = widest("REMEDY", REMEDY_MAX, |l| &l.remedy);
    let outcome = widest("OUTCOME", usize::MAX, |l| l.outcome.word());
    let mut row = |cells: [&str; 6]| {
        let [at, name, rule, word, id, text] = cells;
        let (name, rule) = (cut(name, service), cut(rule, remedy));
        let head = format!("{at:<TIME$}  {name:<service$}  {rule:<remedy$}  {word:<outcome$}  {id:<DECISION$}  ");
        let room = COLUMNS_MAX.saturating_sub(head.chars().count());
        let _infallible = writeln!(out, "{}", format!("{head}{}", cut(text, room)).trim_end());
    };
    row(["TIME UTC", "SERVICE", "REMEDY", "OUTCOME", "ID", "WHY"]);
    for line in lines {
        let at = line.at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        row([&at, &line.service, &line.remedy, line.outcome.word(), &line.decision, &line.sentence]);
    }
}

/// `4 entries: 1 ACT, 1 NOTE`.
fn counts(lines: &[Line], older: bool) -> String {
    let of = |outcome: Outcome| lines.iter().filter(|l| l.outcome == outcome).count();
    let parts: Vec<String> = Outcome::ALL
        .into_iter()
        .filter(|outcome| of(*outcome) > 0)
        .map(|outcome| format!("{} {}", of(outcome), outcome.word()))
        .collect();
    let what = if lines.len() == 1 { "entry" } else { "entries" };
    let colon = if parts.is_empty() { "" } else { ": " };
    let more = if older { "; there are older ones (--limit)" } else { "" };
    format!("{} {what}{colon}{}{more}\n", lines.len(), parts.join(", "))
}

/// At most so many characters; what was cut is told by the last of them.
fn cut(text: &str, most: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Mode;
    use crate::id::{CaseKey, ServiceId};
    use jiff::Timestamp;

    fn entry(label: &str, remedy: &str, second: i64) -> Entry {
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        let at = Timestamp::from_second(second).unwrap();
        Entry::new(CaseKey(format!("{label}{second}")), id, label.into(), remedy.into(), Mode::Act, at)
    }

    #[test]
    fn no_line_is_wider_than_promised_whatever_the_names() {
        let long = "x".repeat(300);
        for (label, remedy) in
            [(long.as_str(), long.as_str()), ("e/s", "cpu"), ("e/\u{1b}[2J", "cpu\nhigh"), ("ü/ß", "r")]
        {
            let text = list(&[entry(label, remedy, 60), entry("e/s", "cpu", 0)], true);
            assert!(text.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{text}");
            assert!(text.lines().all(|line| !line.contains(char::is_control)), "{text}");
            assert_eq!(text.lines().count(), 4, "{text}");
        }
    }

    #[test]
    fn the_newest_is_last_and_nothing_is_a_sentence_too() {
        let text = list(&[entry("e/new", "cpu", 60), entry("e/old", "cpu", 0)], false);
        assert!(text.find("e/old").unwrap() < text.find("e/new").unwrap(), "{text}");
        assert_eq!(list(&[], false), "0 entries\n");
    }
}
