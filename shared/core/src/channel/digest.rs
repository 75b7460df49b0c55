//! Many notices in one: more than a minute may have of one environment, or those of quiet hours.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Card;
use super::card::Line;
use crate::notice::{Kind, Severity};

/// One notice in a digest, as a set of the table holds it: what is counted twice is there once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// How loud.
    pub severity: Severity,
    /// What it is about.
    pub kind: Kind,
    /// Its key, or a hash of it.
    pub key: String,
}

impl Member {
    /// Its form in the set.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {} {}", self.severity.name(), self.kind.name(), self.key)
    }

    fn parse(text: &str) -> Option<Self> {
        let (severity, rest) = text.split_once(' ')?;
        let (kind, key) = rest.split_once(' ')?;
        Some(Self {
            severity: [Severity::Info, Severity::Warn, Severity::Page].into_iter().find(|s| s.name() == severity)?,
            kind: Kind::ALL.into_iter().find(|k| k.name() == kind)?,
            key: key.to_owned(),
        })
    }
}

/// A digest that waits for its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The environment.
    pub environment: String,
    /// When it begins.
    pub since: Timestamp,
    /// When it is sent.
    pub until: Timestamp,
    /// Whether it is of quiet hours; else its notices were too many.
    pub quiet: bool,
}

impl Digest {
    /// Its incident: one for each environment and window.
    #[must_use]
    pub fn incident(&self) -> String {
        let what = if self.quiet { "quiet" } else { "many" };
        format!("{}/digest/{what}@{:.0}", self.environment, self.since)
    }

    /// The message. Its revision is the number of notices, which only grows.
    #[must_use]
    pub fn card(&self, members: &BTreeSet<String>) -> Card {
        let members: Vec<Member> = members.iter().filter_map(|member| Member::parse(member)).collect();
        let mut kinds: BTreeMap<(std::cmp::Reverse<Severity>, Kind), u32> = BTreeMap::new();
        for member in &members {
            *kinds.entry((std::cmp::Reverse(member.severity), member.kind)).or_default() += 1;
        }
        let mut lines: Vec<Line> = Vec::new();
        for ((severity, kind), count) in &kinds {
            let text = format!("{count} {}", kind.name());
            match lines.last_mut().filter(|line| line.label == label(severity.0)) {
                Some(line) => line.text = format!("{}, {text}", line.text),
                None => lines.push(Line { label: label(severity.0).to_owned(), text }),
            }
        }
        let since = format!("headroom journal --since {:.0}", self.since);
        let (count, environment) = (members.len(), &self.environment);
        let title = if self.quiet {
            format!("{environment}: {count} notices in the quiet hours")
        } else {
            format!("{environment}: {count} more notices within a minute")
        };
        Card {
            incident: self.incident(),
            kind: Kind::Digest,
            revision: i64::try_from(count).unwrap_or(i64::MAX),
            severity: members.iter().map(|member| member.severity).max().unwrap_or(Severity::Info),
            label: self.environment.clone(),
            decision: None,
            explain: since,
            title,
            lines,
            series: Vec::new(),
            links: Vec::new(),
        }
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Page => "Pages",
        Severity::Warn => "Warnings",
        Severity::Info => "Information",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_counts_by_loudness_and_kind_and_each_notice_once() {
        let digest = Digest {
            environment: "prod-eu".to_owned(),
            since: "2026-11-23T02:00:00Z".parse().unwrap(),
            until: "2026-11-23T02:01:00Z".parse().unwrap(),
            quiet: false,
        };
        let of = |severity, kind, key: &str| Member { severity, kind, key: key.to_owned() }.text();
        let mut members: BTreeSet<String> = (0..35).map(|n| of(Severity::Warn, Kind::Told, &n.to_string())).collect();
        members.extend([of(Severity::Page, Kind::Denied, "a b"), of(Severity::Warn, Kind::Told, "0")]);
        members.insert(of(Severity::Info, Kind::Opened, "c"));
        let card = digest.card(&members);
        assert_eq!((card.title.as_str(), card.revision), ("prod-eu: 37 more notices within a minute", 37));
        let lines: Vec<String> = card.lines.iter().map(|l| format!("{}: {}", l.label, l.text)).collect();
        assert_eq!(lines, ["Pages: 1 denied", "Warnings: 35 told", "Information: 1 opened"]);
        assert_eq!(card.explain, "headroom journal --since 2026-11-23T02:00:00Z");
        assert_eq!(card.severity, Severity::Page);
    }
}
