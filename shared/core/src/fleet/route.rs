//! `routes`: which channels a notice goes to. The first route that fits counts.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::notice::Severity;

use super::compiled::Fleet;
use super::node::{Fields, Node, Want};
use super::problem::Findings;
use super::refer::{self, Names};
use super::schema::{self, Key};
use super::severity;

const EXAMPLE: &str = "- { severity: page, to: [ops] }";
const KEYS: [Key; 5] = [
    Key("environment", "One environment or a list; every one when left out.", refer::one_or_some_schema),
    Key("service", "One service or a list; every one when left out.", refer::one_or_some_schema),
    Key("severity", "Exactly this severity; every one when left out.", severity::schema),
    Key("severity_max", "What goes this way is at most this severe.", severity::schema),
    Key("to", "Channels that get it.", refer::some_schema),
];

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    let cap = |(word, severity): (&str, Severity)| {
        let under = json!({ "properties": { "severity_max": schema::words(&severity::under(severity)) } });
        schema::where_is("severity", &[word], under)
    };
    let route = schema::shown(schema::mapping(&KEYS, &["to"]), EXAMPLE);
    json!({ "type": "array", "items": schema::with(route, severity::SEVERITIES.into_iter().map(cap).collect()) })
}

/// Which notices go where; a condition that is `None` fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// Names of environments.
    pub environments: Option<Vec<String>>,
    /// Names of services as in the fleet file.
    pub services: Option<Vec<String>>,
    /// Exactly this severity, as the notice has it.
    pub severity: Option<Severity>,
    /// What goes this way is at most this severe; `page` when the file names none.
    pub severity_max: Severity,
    /// Names of channels, at least one.
    pub to: Vec<String>,
}

impl Route {
    /// Whether a notice goes this way. `service` is `None` for what concerns an environment as a whole;
    /// a route that names services does not fit that.
    pub(crate) fn fits(&self, environment: &str, service: Option<&str>, severity: Severity) -> bool {
        let among = |names: &Option<Vec<String>>, name: Option<&str>| {
            names.as_ref().is_none_or(|names| names.iter().any(|n| Some(n.as_str()) == name))
        };
        among(&self.environments, Some(environment))
            && among(&self.services, service)
            && self.severity.is_none_or(|only| only == severity)
    }
}

/// The first route that fits a notice, and the severity that the notice has on it; `None`: no route fits.
#[must_use]
pub fn route<'f>(
    fleet: &'f Fleet,
    environment: &str,
    service: Option<&str>,
    severity: Severity,
) -> Option<(&'f Route, Severity)> {
    let route = fleet.routes.iter().find(|route| route.fits(environment, service, severity))?;
    Some((route, severity.min(route.severity_max)))
}

/// What routes refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) environments: Names<'k>,
    pub(crate) services: Names<'k>,
    pub(crate) channels: Names<'k>,
}

/// Reads the section.
pub(crate) fn read(node: &Node, known: Known<'_>, f: &mut Findings) -> Option<Vec<Route>> {
    let items = node.items(f, Want { expected: "a list: the first that fits counts", example: EXAMPLE })?;
    Some(items.iter().filter_map(|item| one(item, known, f)).collect())
}

fn one(node: &Node, known: Known<'_>, f: &mut Findings) -> Option<Route> {
    let fields = node.mapping(f, &KEYS, EXAMPLE)?;
    let environments = fields.read(f, "environment", |n, f| known.environments.one_or_some(n, f));
    let services = fields.read(f, "service", |n, f| known.services.one_or_some(n, f));
    let severity = fields.read(f, "severity", severity::read);
    let severity_max = fields.read(f, "severity_max", severity::read);
    let to = fields.require(f, "to", EXAMPLE, |n, f| known.channels.some(n, f));
    caps(&fields, severity, severity_max, f);
    Some(Route {
        line: node.place.line,
        environments,
        services,
        severity,
        severity_max: severity_max.unwrap_or(Severity::Page),
        to: to?,
    })
}

/// A cap that is not under the one severity that fits would do nothing.
fn caps(fields: &Fields<'_>, severity: Option<Severity>, most: Option<Severity>, f: &mut Findings) {
    if let (Some(severity), Some(most)) = (severity, most)
        && let (Some(only), Some(entry)) = (fields.get("severity"), fields.entry("severity_max"))
        && most >= severity
    {
        let found = format!("severity_max {} beside severity {}", entry.node.describe(), only.describe());
        let expected = "a severity_max under severity, or none: here it changes nothing";
        f.problem(&entry.at, found, expected, "- { severity: page, severity_max: warn, to: [ops] }");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{file, yaml};

    const KNOWN: Known<'_> = Known {
        environments: Names { what: "environment", known: &["staging", "prod"] },
        services: Names { what: "service", known: &["web", "worker"] },
        channels: Names { what: "channel", known: &["ops", "oncall"] },
    };

    fn read(text: &str) -> Result<Vec<Route>, Vec<(String, String)>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let routes = super::read(&node, KNOWN, &mut f);
        let problems: Vec<_> = f.problems.into_iter().map(|p| (p.path, p.found)).collect();
        routes.filter(|_| problems.is_empty()).ok_or(problems)
    }

    fn fleet(routes: &str) -> Fleet {
        let text = format!(
            "version: 1\nfleet: shop\nenvironments:\n  - {{ name: staging, account: \"111111111111\", region: eu-west-1 }}\n  \
             - {{ name: prod, account: \"222222222222\", region: eu-west-1 }}\n\
             defaults: {{ cluster: \"{{environment}}\", capacity: {{ min: 1, max: 2 }} }}\n\
             services: {{ web: {{}}, worker: {{}} }}\n\
             channels: {{ ops: {{ kind: email, address: a@b.de }}, oncall: {{ kind: email, address: c@d.de }} }}\n\
             routes: {routes}\n"
        );
        file::parse(&text, "f").expect("a fleet")
    }

    #[test]
    fn a_route_names_what_it_fits_and_where_it_goes() {
        let routes = read(
            "[{ environment: staging, severity_max: warn, to: [ops] }, { service: [web, worker], severity: page, to: [oncall, ops] }]",
        );
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            routes,
            Ok(vec![
                Route {
                    line: 1,
                    environments: Some(names(&["staging"])),
                    services: None,
                    severity: None,
                    severity_max: Severity::Warn,
                    to: names(&["ops"]),
                },
                Route {
                    line: 1,
                    environments: None,
                    services: Some(names(&["web", "worker"])),
                    severity: Some(Severity::Page),
                    severity_max: Severity::Page,
                    to: names(&["oncall", "ops"]),
                },
            ])
        );
    }

    #[test]
    fn every_name_is_known_and_every_route_leads_somewhere() {
        for (text, path, found) in [
            ("[{ to: [] }]", "[0].to", "an empty list"),
            ("[{ severity: page }]", "[0]", "no `to`"),
            ("[{ to: [opps] }]", "[0].to[0]", "unknown channel `opps`, did you mean `ops`?"),
            ("[{ to: ops }]", "[0].to", "`ops`"),
            ("[{ to: [ops, ops] }]", "[0].to[1]", "`ops` a second time"),
            ("[{ environment: [prod, nowhere], to: [ops] }]", "[0].environment[1]", "unknown environment `nowhere`"),
            ("[{ service: database, to: [ops] }]", "[0].service", "unknown service `database`"),
            ("[{ severity: loud, to: [ops] }]", "[0].severity", "`loud`"),
            (
                "[{ severity: warn, severity_max: warn, to: [ops] }]",
                "[0].severity_max",
                "severity_max `warn` beside severity `warn`",
            ),
            (
                "[{ severity: info, severity_max: page, to: [ops] }]",
                "[0].severity_max",
                "severity_max `page` beside severity `info`",
            ),
            ("{ to: [ops] }", "", "a mapping"),
        ] {
            assert_eq!(read(text), Err(vec![(path.to_owned(), found.to_owned())]), "{text}");
        }
    }

    #[test]
    fn the_first_route_that_fits_counts_and_caps() {
        let fleet = fleet(
            "[{ environment: staging, severity_max: warn, to: [ops] }, { service: worker, severity: page, to: [oncall] }, \
             { environment: prod, severity: page, to: [oncall, ops] }, { environment: prod, service: [web], to: [ops] }]",
        );
        for (environment, service, severity, expected) in [
            ("staging", Some("web"), Severity::Page, Some((0, Severity::Warn))),
            ("staging", Some("worker"), Severity::Info, Some((0, Severity::Info))),
            ("staging", None, Severity::Page, Some((0, Severity::Warn))),
            ("prod", Some("worker"), Severity::Page, Some((1, Severity::Page))),
            ("prod", Some("worker"), Severity::Warn, None),
            ("prod", Some("web"), Severity::Page, Some((2, Severity::Page))),
            ("prod", Some("web"), Severity::Info, Some((3, Severity::Info))),
            ("prod", None, Severity::Page, Some((2, Severity::Page))),
            ("prod", None, Severity::Warn, None),
        ] {
            let found = route(&fleet, environment, service, severity);
            let expected = expected.map(|(index, severity): (usize, _)| (&fleet.routes[index], severity));
            assert_eq!(found, expected, "{environment} {service:?} {severity:?}");
        }
    }

    #[test]
    fn a_fleet_without_routes_sends_nothing_anywhere() {
        assert_eq!(route(&fleet("[]"), "prod", Some("web"), Severity::Page), None);
    }
}
