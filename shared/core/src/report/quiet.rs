//! Remedies of the fleet file that nothing woke.

use std::collections::BTreeMap;

use serde::Serialize;

use super::whole::Report;
use crate::fleet::Fleet;

/// A remedy that no event woke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quiet {
    /// The remedy.
    pub remedy: String,
    /// The services that have it and saw none of it.
    pub services: Vec<String>,
}

/// The remedies of a fleet that have no line, by name: their alarm never fired, or it does not exist.
#[must_use]
pub fn quiet(fleet: &Fleet, report: &Report) -> Vec<Quiet> {
    let mut quiet: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for service in &fleet.services {
        let label = service.label();
        for remedy in &service.remedies {
            if !report.lines.iter().any(|line| line.service == label && line.remedy == remedy.name) {
                quiet.entry(&remedy.name).or_default().push(label.clone());
            }
        }
    }
    quiet.into_iter().map(|(remedy, services)| Quiet { remedy: remedy.to_owned(), services }).collect()
}
