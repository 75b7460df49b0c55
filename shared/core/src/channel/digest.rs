//! Many notices in one: more than a minute may have of one environment, or those of quiet hours.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Card;
use super::card::Line;
use super::quiet::quiet_until;
use crate::fleet::{LocalTime, QuietHours};
use crate::notice::{Kind, Phase, Severity};
use crate::time::{Seconds, after};

/// Two of 5,000 notices share this much of a hash once in ten million digests.
const HASH_BYTES: usize = 6;
/// Notices that a digest counts; an item of the table holds 400 KB, and this many take less than half of it.
pub const MEMBERS_MAX: u32 = 5_000;
const MINUTE: i64 = 60;
/// Clocks and counting are never this late.
const GRACE: Seconds = Seconds(15);

/// One notice in a digest, as a set of the table holds it: what is counted twice is there once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// How loud.
    pub severity: Severity,
    /// What it is about.
    pub kind: Kind,
    /// Its key.
    pub key: String,
}

impl Member {
    /// Its form in the set: a hash stands for the key, so that thousands fit into one item.
    #[must_use]
    pub fn text(&self) -> String {
        let hash = Sha256::digest(self.key.as_bytes());
        let short: String = hash.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{} {} {short}", self.severity.name(), self.kind.name())
    }

    /// How loud a member is, and what it is about.
    fn read(text: &str) -> Option<(Severity, Kind)> {
        let (severity, rest) = text.split_once(' ')?;
        let (kind, _) = rest.split_once(' ')?;
        Some((
            [Severity::Info, Severity::Warn, Severity::Page].into_iter().find(|s| s.name() == severity)?,
            Kind::ALL.into_iter().find(|k| k.name() == kind)?,
        ))
    }
}

/// A digest that waits for its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        format!("{}/digest/{what}@{:.0}", self.environment, self.until)
    }

    /// When it is sent: a minute's a little later, for who counted a notice in its last second.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        if self.quiet { self.until } else { after(self.until, GRACE) }
    }

    /// The digest of the minute that `now` lies in.
    #[must_use]
    pub fn of_minute(environment: &str, now: Timestamp) -> Self {
        let since = now.as_second().div_euclid(MINUTE) * MINUTE;
        let at = |second| Timestamp::from_second(second).unwrap_or(now);
        Self { environment: environment.to_owned(), since: at(since), until: at(since + MINUTE), quiet: false }
    }

    /// The digest of quiet hours that `now` lies in.
    #[must_use]
    pub fn of_quiet_hours(environment: &str, hours: QuietHours, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let until = quiet_until(now, hours.from, hours.until, zone)?;
        let minutes = |t: LocalTime| i64::from(t.hour()) * 60 + i64::from(t.minute());
        let length = (minutes(hours.until) - minutes(hours.from)).rem_euclid(24 * 60);
        let since = Timestamp::from_second(until.as_second() - length * MINUTE).unwrap_or(now);
        Some(Self { environment: environment.to_owned(), since, until, quiet: true })
    }

    /// The message. Its revision is the number of notices, which only grows.
    #[must_use]
    pub fn card(&self, members: &BTreeSet<String>) -> Card {
        let count = members.len();
        let least = if count >= MEMBERS_MAX as usize { "at least " } else { "" };
        let members: Vec<(Severity, Kind)> = members.iter().filter_map(|member| Member::read(member)).collect();
        let mut kinds: BTreeMap<(std::cmp::Reverse<Severity>, Kind), u32> = BTreeMap::new();
        for (severity, kind) in &members {
            *kinds.entry((std::cmp::Reverse(*severity), *kind)).or_default() += 1;
        }
        let mut lines: Vec<Line> = Vec::new();
        for ((severity, kind), count) in &kinds {
            let text = format!("{count} {}", kind.name());
            match lines.last_mut().filter(|line| line.label == label(severity.0)) {
                Some(line) => line.text = format!("{}, {text}", line.text),
                None => lines.push(Line { label: label(severity.0).to_owned(), text }),
            }
        }
        // Counted by a newer version.
        let unknown = count - members.len();
        if unknown > 0 {
            lines.push(Line { label: "Others".to_owned(), text: unknown.to_string() });
        }
        let since = format!("headroom journal --since {:.0}", self.since);
        let environment = &self.environment;
        let title = if self.quiet {
            format!("{environment}: {least}{count} notices in the quiet hours")
        } else {
            format!("{environment}: {least}{count} more notices within a minute")
        };
        Card {
            incident: self.incident(),
            kind: Kind::Digest,
            revision: i64::try_from(count).unwrap_or(i64::MAX),
            severity: members.iter().map(|(severity, _)| *severity).max().unwrap_or(Severity::Info),
            phase: Phase::Opened,
            label: self.environment.clone(),
            decision: None,
            explain: since,
            title,
            lines,
            series: Vec::new(),
            links: Vec::new(),
            follows: false,
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
        members.insert("warn of-a-newer-version 00".to_owned());
        let card = digest.card(&members);
        assert_eq!((card.revision, card.lines.last().unwrap().text.as_str()), (38, "1"), "nothing is uncounted");
        members.extend((0..MEMBERS_MAX).map(|n| of(Severity::Warn, Kind::Told, &format!("m{n}"))));
        assert!(digest.card(&members).title.starts_with("prod-eu: at least "));
    }
}
