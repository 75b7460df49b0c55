//! A notice as every channel shows it: the notice, what its environment lets out, and the journal's present state.

use crate::entry::{Entry, Helped, Status};
use crate::fleet::Service;
use crate::id::DecisionId;
use crate::notice::{Kind, Notice, Phase, Severity};

use super::console;
use super::cut::one_line;

/// What stands where an environment with `redact` keeps words back.
const NOT_SENT: &str = "not sent from this environment; see headroom explain";
/// One value is no series.
const SERIES_VALUES_MIN: usize = 2;
/// An address that is longer holds a name that AWS would not take; Slack takes 3,000 characters in all of them.
const URL_CHARS_MAX: usize = 1_000;

/// A labelled line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about, for example `Why`.
    pub label: String,
    /// One line of text.
    pub text: String,
}

/// Values of a metric, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The metric's name.
    pub name: String,
    /// At least two of them.
    pub values: Vec<f64>,
}

/// A page of the AWS console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it leads to.
    pub name: &'static str,
    /// Its address.
    pub url: String,
}

/// A notice as every channel shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// What it belongs to; one thread each.
    pub incident: String,
    /// What it is about.
    pub kind: Kind,
    /// An older one never overwrites a newer one.
    pub revision: i64,
    /// How loud it is on this way.
    pub severity: Severity,
    /// What it is to its incident: as the notice was built, so that no change of its loudness opens what it closes.
    pub phase: Phase,
    /// `prod-eu/web`, or an environment.
    pub label: String,
    /// Id of the decision; `None` for a digest.
    pub decision: Option<DecisionId>,
    /// The command that shows the whole.
    pub explain: String,
    /// First line.
    pub title: String,
    /// The lines under it.
    pub lines: Vec<Line>,
    /// What led here.
    pub series: Vec<Series>,
    /// Where to look.
    pub links: Vec<Link>,
    /// Whether it only closes what was told in its channel.
    pub follows: bool,
}

/// What a card is made of beside the notice.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The service, when the notice is about one that the fleet file names.
    pub service: Option<&'a Service>,
    /// The journal's entry of the decision as it is now; `None` when there is none, or it could not be read.
    pub entry: Option<&'a Entry>,
    /// Whether the environment sends names, numbers and links only.
    pub redact: bool,
}

impl Card {
    /// The notice as it is now.
    #[must_use]
    pub fn of(notice: &Notice, severity: Severity, around: Around<'_>) -> Self {
        let Around { service, entry, redact } = around;
        let shown = |(label, text): &(String, String)| {
            let kept_back = redact && notice.quoted.contains(label);
            Line { label: one_line(label), text: one_line(if kept_back { NOT_SENT } else { text }) }
        };
        let mut lines: Vec<Line> = notice.lines.iter().map(shown).collect();
        lines.extend(entry.and_then(|entry| since(notice.kind, entry)));
        let event = entry.and_then(|entry| entry.event.as_ref());
        let name = event.and_then(|event| event.metric.as_ref()).map(|metric| one_line(&metric.name));
        let series = event.zip(name).filter(|(event, _)| event.datapoints.len() >= SERIES_VALUES_MIN);
        let alarm = event.map(|event| console::alarm(&event.region, &event.name));
        Self {
            incident: notice.incident.clone(),
            kind: notice.kind,
            revision: notice.revision,
            severity,
            phase: notice.phase(),
            label: notice.service.clone(),
            decision: Some(notice.decision.clone()),
            explain: format!("headroom explain {}", notice.decision),
            title: one_line(&notice.title),
            lines,
            series: series.map(|(event, name)| Series { name, values: event.datapoints.clone() }).into_iter().collect(),
            links: alarm
                .into_iter()
                .chain(service.into_iter().flat_map(console::service))
                .filter(|link| link.url.len() <= URL_CHARS_MAX)
                .collect(),
            follows: false,
        }
    }

    /// What it is to its incident.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Incident, kind and revision: two copies of one notice have the same, two notices never.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.incident, self.kind.name(), self.revision)
    }
}

/// What the journal learned since the notice was written.
fn since(kind: Kind, entry: &Entry) -> Option<Line> {
    if let (Kind::Suggested, Some(yes)) = (kind, &entry.accepted) {
        return Some(Line { label: "Since then".to_owned(), text: format!("accepted by {}", one_line(&yes.by)) });
    }
    let text = match (kind, entry.status, entry.helped) {
        (Kind::Suggested, Status::Expired, _) => "expired: nobody accepted it in time, and nothing was done",
        (Kind::Opened | Kind::Disrupted, _, Some(Helped::Yes)) => {
            "it helped: the metric is under the alarm's threshold"
        }
        (Kind::Opened | Kind::Disrupted, _, Some(Helped::No)) => {
            "it did not help: the metric is still over the alarm's threshold"
        }
        (Kind::Opened | Kind::Disrupted, _, Some(Helped::Unknown)) => {
            "nobody knows whether it helped: the metric could not be read"
        }
        (_, _, _) => return None,
    };
    Some(Line { label: "Since then".to_owned(), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_loud_the_file_makes_it_changes_nothing_of_what_it_is_to_its_incident() {
        let of = |kind, built, routed| {
            let notice = Notice {
                incident: "prod-eu/web/prewarm@1".to_owned(),
                kind,
                revision: 1,
                severity: built,
                service: "prod-eu/web".to_owned(),
                decision: DecisionId("D-00000".to_owned()),
                title: "t".to_owned(),
                lines: Vec::new(),
                quoted: Vec::new(),
            };
            Card::of(&notice, routed, Around::default()).phase()
        };
        assert_eq!(
            of(Kind::PrewarmComplete, Severity::Info, Severity::Page),
            Phase::Closed,
            "good news opens no alert"
        );
        assert_eq!(of(Kind::RolledBack, Severity::Page, Severity::Warn), Phase::Opened, "errors that go on close none");
    }
}
