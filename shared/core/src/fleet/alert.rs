//! `alerts`: what people are told and how loudly. The list is closed; the file changes single alerts.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::channel::alert_of;
use crate::notice::{Kind, Severity};
use crate::time::Seconds;

use super::alert_kind::AlertKind;
use super::count;
use super::duration::Range;
use super::node::{Entry, Node, Want};
use super::problem::{Findings, NoteKind};
use super::schema::{self, Key};
use super::{severity, words};

/// What does not happen yet.
const TODAY: &str = "it is never raised";
const KEYS: [Key; 4] = [
    Key(
        "severity",
        "How loud it is: page wakes people, warn goes to the chat, info to the incident's thread.",
        severity::schema,
    ),
    Key("after", "How long it lasts before people are told.", || WAITS.schema_or(STILL_HIGH_AFTER)),
    Key("page_after", "How long it lasts before it pages.", || WAITS.schema_or(AT_MAX_PAGE_AFTER)),
    Key("turns_per_hour", "Turns from out to in or back within an hour before people are told.", || {
        schema::or(count::schema(TURNS.0, TURNS.1, "6"), FLAPPING_TURNS.into())
    }),
];

/// The keys that mean something for an alert.
fn meant(kind: AlertKind) -> Vec<&'static str> {
    std::iter::once(KEYS[0].0).chain(kind.own_key().map(|(key, _)| key)).collect()
}

/// The others.
fn foreign(kind: AlertKind) -> Vec<&'static str> {
    let meant = meant(kind);
    schema::names(&KEYS).into_iter().filter(|key| !meant.contains(key)).collect()
}

/// The definition that all alerts share.
pub(crate) const DEFINITION: (&str, fn() -> Json) = ("alert", || {
    // A page that pages later contradicts itself.
    let page = schema::where_is(KEYS[0].0, &["page"], schema::without(&["page_after"]));
    schema::with(schema::mapping(&KEYS, &[]), vec![page])
});

/// What [`Alerts::read`] takes.
pub(crate) fn schema() -> Json {
    let alert = |kind: AlertKind| {
        let meant = vec![schema::without(&foreign(kind))];
        (kind.name(), kind.about(), schema::with(schema::shared(DEFINITION.0), meant))
    };
    schema::shown(schema::properties(AlertKind::ALL.into_iter().map(alert)), EXAMPLE_ALL)
}

const EXAMPLE: &str = "at-max: { severity: warn, page_after: 30m }";
const EXAMPLE_ALL: &str = "alerts: { at-max: { severity: warn, page_after: 30m } }";
/// A minute is one look of the reconciler; what may wait for more than a day is no alert.
const WAITS: Range = Range { least: "1m", most: "1d", example: "30m" };
/// Two scaling policies that answer each other turn at every look; one turn an hour is an ordinary day.
const TURNS: (u32, u32) = (2, 60);

/// Target tracking needs about five minutes to act; after ten, scaling did not help.
const STILL_HIGH_AFTER: Seconds = Seconds(10 * 60);
/// Long enough for somebody who reads the chat to say yes to the proposal.
const AT_MAX_PAGE_AFTER: Seconds = Seconds(30 * 60);
/// Six turns an hour: out and in again every twenty minutes, each time with tasks that just became useful.
const FLAPPING_TURNS: u32 = 6;

/// One alert with its effective values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// How loud it is in production.
    pub severity: Severity,
    /// How loud it is elsewhere: the same, unless the file leaves open how loud a late pre-warm is.
    pub severity_elsewhere: Severity,
    /// How long it lasts before people are told; exactly for `still-high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Seconds>,
    /// How long it lasts before it pages; for `at-max` only, and not where it pages at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_after: Option<Seconds>,
    /// Turns from out to in or back within an hour before people are told; exactly for `flapping`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns_per_hour: Option<u32>,
}

/// Whether some kind of notice is told under it.
fn raised(kind: AlertKind) -> bool {
    let loud = [Severity::Info, Severity::Warn, Severity::Page];
    Kind::ALL.into_iter().any(|notice| loud.into_iter().any(|severity| alert_of(notice, severity) == Some(kind)))
}

/// Every alert there is, in the order of [`AlertKind::ALL`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Alert>", into = "Vec<Alert>")]
pub struct Alerts(Vec<Alert>);

impl Alert {
    fn of(kind: AlertKind) -> Self {
        let severity = kind.severity();
        let late = kind == AlertKind::PrewarmLate;
        Self {
            kind,
            severity,
            severity_elsewhere: if late { Severity::Warn } else { severity },
            after: (kind == AlertKind::StillHigh).then_some(STILL_HIGH_AFTER),
            page_after: (kind == AlertKind::AtMax).then_some(AT_MAX_PAGE_AFTER),
            turns_per_hour: (kind == AlertKind::Flapping).then_some(FLAPPING_TURNS),
        }
    }

    /// How loud it is in an environment, which [`is_production`](super::Environment::is_production) or not.
    #[must_use]
    pub fn severity_in(&self, production: bool) -> Severity {
        if production { self.severity } else { self.severity_elsewhere }
    }

    /// Reads what the file changes.
    fn read(kind: AlertKind, node: &Node, f: &mut Findings) -> Option<Self> {
        let mut alert = Self::of(kind);
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        for entry in foreign(kind).into_iter().filter_map(|key| fields.entry(key)) {
            let found = format!("`{}` of `{}`", entry.key, kind.name());
            let expected = format!("keys that mean something here: {}", words::list(&meant(kind)));
            let own = kind.own_key().map_or("severity: warn", |(_, example)| example);
            let example = format!("{}: {{ {own} }}", kind.name());
            f.problem(&entry.at, found, &expected, &example);
        }
        let said = fields.read(f, "severity", severity::read);
        if let Some(severity) = said {
            (alert.severity, alert.severity_elsewhere) = (severity, severity);
        }
        alert.after = alert.after.map(|usual| fields.read(f, "after", |n, f| WAITS.read(n, f)).unwrap_or(usual));
        let turns = |n: &Node, f: &mut Findings| count::read(n, f, TURNS.0, TURNS.1, "turns_per_hour: 6");
        alert.turns_per_hour =
            alert.turns_per_hour.map(|usual| fields.read(f, "turns_per_hour", turns).unwrap_or(usual));
        if kind == AlertKind::AtMax {
            alert.page_after = page_after(alert.severity, fields.entry("page_after"), f);
        }
        Some(alert)
    }
}

/// When `at-max` pages. A warning does so by itself; information only if the file asks for it.
fn page_after(severity: Severity, written: Option<&Entry>, f: &mut Findings) -> Option<Seconds> {
    match (severity, written) {
        (Severity::Page, Some(entry)) => {
            f.problem(&entry.at, "`page_after` beside `severity: page`", "one of them: it pages at once", EXAMPLE);
            None
        }
        (Severity::Page | Severity::Info, None) => None,
        (Severity::Warn, None) => Some(AT_MAX_PAGE_AFTER),
        (Severity::Warn | Severity::Info, Some(entry)) => WAITS.read(&entry.node, f),
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self(AlertKind::ALL.into_iter().map(Alert::of).collect())
    }
}

impl Alerts {
    /// Reads `alerts`.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let known = AlertKind::ALL.map(AlertKind::name);
        node.fields(f, &known, EXAMPLE)?;
        let entries = node.entries(f, Want { expected: "a mapping by alert", example: EXAMPLE })?;
        let mut alerts = Self::default();
        for alert in &mut alerts.0 {
            if let Some(entry) = entries.iter().find(|entry| entry.key == alert.kind.name())
                && let Some(read) = Alert::read(alert.kind, &entry.node, f)
            {
                if !raised(alert.kind) {
                    f.note(NoteKind::NotYet, &entry.node.place, TODAY);
                }
                *alert = read;
            }
        }
        Some(alerts)
    }

    /// The effective values of one alert.
    #[must_use]
    pub fn get(&self, kind: AlertKind) -> Alert {
        self.0.iter().find(|alert| alert.kind == kind).copied().unwrap_or_else(|| Alert::of(kind))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.0.iter()
    }
}

impl TryFrom<Vec<Alert>> for Alerts {
    type Error = String;

    fn try_from(alerts: Vec<Alert>) -> Result<Self, String> {
        if alerts.iter().map(|alert| alert.kind).eq(AlertKind::ALL) {
            return Ok(Self(alerts));
        }
        Err("alerts: not each of them once, in their order".to_owned())
    }
}

impl From<Alerts> for Vec<Alert> {
    fn from(alerts: Alerts) -> Self {
        alerts.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<Alerts, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let alerts = Alerts::read(&node, &mut f).filter(|_| f.problems.is_empty());
        alerts.ok_or_else(|| f.problems.into_iter().map(|p| (p.path, p.found)).collect())
    }

    #[test]
    fn each_alert_has_one_name_and_a_default() {
        let alerts = Alerts::default();
        for kind in AlertKind::ALL {
            assert_eq!(alerts.get(kind).kind, kind);
            assert_eq!(serde_json::to_string(&kind).expect("JSON"), format!("\"{}\"", kind.name()));
        }
        let at_max = alerts.get(AlertKind::AtMax);
        assert_eq!((at_max.severity, at_max.page_after), (Severity::Warn, Some(Seconds(1_800))));
        let late = alerts.get(AlertKind::PrewarmLate);
        assert_eq!((late.severity_in(true), late.severity_in(false)), (Severity::Page, Severity::Warn));
        assert_eq!(alerts.iter().filter(|alert| alert.severity == Severity::Page).count(), 10);
    }

    #[test]
    fn the_file_changes_single_alerts() {
        let alerts = read(
            "{ still-high: { severity: warn, after: 5m }, flapping: { turns_per_hour: 4 }, \
             prewarm-late: { severity: info }, at-max: { page_after: 1h } }",
        )
        .expect("right");
        let still_high = alerts.get(AlertKind::StillHigh);
        assert_eq!((still_high.severity, still_high.after), (Severity::Warn, Some(Seconds(300))));
        assert_eq!(alerts.get(AlertKind::Flapping).turns_per_hour, Some(4));
        assert_eq!(alerts.get(AlertKind::PrewarmLate).severity_in(true), Severity::Info);
        assert_eq!(alerts.get(AlertKind::PrewarmLate).severity_in(false), Severity::Info);
        assert_eq!(alerts.get(AlertKind::AtMax).page_after, Some(Seconds(3_600)));
        assert_eq!(alerts.get(AlertKind::Drift), Alert::of(AlertKind::Drift));
    }

    #[test]
    fn at_max_pages_later_as_a_warning_only() {
        for (keys, after) in [
            ("severity: warn", Some(1_800)),
            ("severity: info", None),
            ("severity: page", None),
            ("severity: info, page_after: 2h", Some(7_200)),
        ] {
            let alerts = read(&format!("{{ at-max: {{ {keys} }} }}")).expect(keys);
            assert_eq!(alerts.get(AlertKind::AtMax).page_after.map(|s| s.0), after, "{keys}");
        }
    }

    #[test]
    fn a_key_that_means_nothing_for_an_alert_is_refused() {
        for (text, path, found) in [
            ("{ flapping: { after: 5m } }", "flapping.after", "`after` of `flapping`"),
            ("{ drift: { turns_per_hour: 4 } }", "drift.turns_per_hour", "`turns_per_hour` of `drift`"),
            ("{ still-high: { page_after: 5m } }", "still-high.page_after", "`page_after` of `still-high`"),
            (
                "{ at-max: { severity: page, page_after: 5m } }",
                "at-max.page_after",
                "`page_after` beside `severity: page`",
            ),
            ("{ at-max: { page_after: 30 } }", "at-max.page_after", "the number `30`"),
            ("{ flapping: { turns_per_hour: 1 } }", "flapping.turns_per_hour", "the number `1`"),
            ("{ self: { severity: loud } }", "self.severity", "`loud`"),
            ("{ self: page }", "self", "`page`"),
            ("{ at-mx: {} }", "at-mx", "unknown key `at-mx`, did you mean `at-max`?"),
            ("{ at-max: { sevrity: page } }", "at-max.sevrity", "unknown key `sevrity`, did you mean `severity`?"),
        ] {
            assert_eq!(read(text), Err(vec![(path.to_owned(), found.to_owned())]), "{text}");
        }
    }

    #[test]
    fn the_compiled_form_holds_every_alert() {
        let text = serde_json::to_string(&Alerts::default()).expect("JSON");
        assert_eq!(serde_json::from_str::<Alerts>(&text).expect("reads"), Alerts::default());
        let lacking = text.replacen(r#"{"kind":"scale-out","severity":"info","severity_elsewhere":"info"},"#, "", 1);
        assert_ne!(lacking, text);
        assert!(serde_json::from_str::<Alerts>(&lacking).is_err());
    }
}
