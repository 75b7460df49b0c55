//! Warnings about `routes`.

use std::collections::BTreeSet;

use crate::fleet::file::FleetFile;
use crate::fleet::node::Place;
use crate::fleet::problem::Findings;
use crate::fleet::route::Route;
use crate::notice::Severity;

/// What notices of alarms on Headroom itself are about.
const ITSELF: &str = "headroom";
const SEVERITIES: [(&str, Severity); 3] =
    [("page", Severity::Page), ("warn", Severity::Warn), ("info", Severity::Info)];

/// A route that an earlier one always takes the notices from, and notices that no route takes.
pub(super) fn who_gets_what(file: &FleetFile, f: &mut Findings) {
    let Some(last) = file.routes.last() else { return };
    // A service that no route names goes the way of every other such.
    let named = file.routes.iter().flat_map(|r| r.services.iter().flatten()).map(|name| Some(name.as_str()));
    let services: BTreeSet<Option<&str>> = named.chain([None, Some("")]).collect();
    let mut used = vec![false; file.routes.len()];
    let mut lost: Vec<String> = Vec::new();
    // Alarms on Headroom itself come from no environment of the file.
    let itself = ITSELF.to_owned();
    for environment in file.environments.names.iter().chain([&itself]) {
        for (word, severity) in SEVERITIES {
            for service in &services {
                match file.routes.iter().position(|route| route.fits(environment, *service, severity)) {
                    Some(index) => used[index] = true,
                    None => lost.push(format!("{word} of {environment}")),
                }
            }
        }
    }
    for (index, route) in file.routes.iter().enumerate().filter(|(index, _)| !used[*index]) {
        let text = "nothing goes this way: earlier routes take all that fits it. The first that fits counts";
        f.warn(&place(index, route), text.to_owned(), String::new());
    }
    lost.dedup();
    if let Some(first) = lost.first() {
        let others = if lost.len() > 1 { format!(" and {} more", lost.len() - 1) } else { String::new() };
        let text = format!("no route takes {first}{others}. The last one can take the rest: `- {{ to: [CHANNEL] }}`");
        f.warn(&place(file.routes.len() - 1, last), text, String::new());
    }
}

fn place(index: usize, route: &Route) -> Place {
    Place { line: route.line, column: 1, path: format!("routes[{index}]") }
}
