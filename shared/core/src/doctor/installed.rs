//! What is installed in the account: rules, functions, the fleet that they load.

use std::collections::BTreeMap;

use super::examine::Patient;
use super::finding::{Check, Finding};
use crate::fleet::{Fleet, Service};
use crate::signal::AlarmState;

/// Where the fleet of the functions is found: the SDK of Lambda is no part of this program.
const DEPLOYED: &str = "give the layer's fleet.json with --deployed: `aws lambda get-function --function-name \
                        headroom-alarm-handler` names the layer, `aws lambda get-layer-version-by-arn` its zip";

pub(super) fn rules(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Rules;
    let found = match check.read("", &patient.sight.rules) {
        Ok(found) => found,
        Err(unknown) => return vec![unknown],
    };
    let mut wrong = Vec::new();
    for name in &patient.expected.rules {
        match found.iter().find(|(rule, _)| rule == name) {
            Some((_, true)) => {}
            Some((_, false)) => {
                wrong.push(
                    check.bad(format!(
                        "{name} is disabled: its events are lost; `aws events enable-rule --name {name}`"
                    )),
                );
            }
            None => wrong.push(check.bad(format!("{name} is not there: deploy the stack of this version"))),
        }
    }
    check.of_many(wrong, format!("{} rules, all enabled", patient.expected.rules.len()))
}

/// The functions themselves are seen by their alarms: heartbeat, errors, throttles, dead letters.
pub(super) fn functions(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Functions;
    let found = match check.read("", &patient.sight.own_alarms) {
        Ok(found) => found,
        Err(unknown) => return vec![unknown],
    };
    let mut wrong = Vec::new();
    for name in &patient.expected.alarms {
        match found.iter().find(|(alarm, _)| alarm == name).map(|(_, state)| state) {
            Some(AlarmState::Ok) => {}
            Some(AlarmState::Alarm) => {
                wrong.push(check.bad(format!("{name} is in ALARM: docs/runbook.md says what it means")))
            }
            Some(AlarmState::InsufficientData) => wrong.push(check.unknown(format!("{name} has no data yet"))),
            None => wrong.push(check.bad(format!("{name} is not there: deploy the stack of this version"))),
        }
    }
    check.of_many(wrong, format!("{} alarms of Headroom itself, all quiet", patient.expected.alarms.len()))
}

pub(super) fn fleet(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Fleet;
    let Some(deployed) = patient.deployed.known() else {
        return vec![check.unknown(format!("what the functions load: {}; {DEPLOYED}", patient.deployed.why()))];
    };
    let mut differs: Vec<Finding> = services(patient, deployed)
        .into_iter()
        .map(|text| check.warn(format!("{text}; deploy this fleet file")))
        .collect();
    let rest = |fleet: &Fleet| Fleet { services: Vec::new(), source: String::new(), ..fleet.clone() };
    if rest(deployed) != rest(patient.fleet) {
        let text = "schedules, limits, channels, routes or environments differ from what the functions load";
        differs.push(check.warn(format!("{text}; deploy this fleet file")));
    }
    check.of_many(differs, format!("the functions load this fleet file: {}", patient.count()))
}

fn services(patient: &Patient<'_>, deployed: &Fleet) -> Vec<String> {
    let name = &patient.environment.name;
    let here = |fleet: &Fleet| -> BTreeMap<String, Service> {
        fleet.services.iter().filter(|s| s.environment == *name).map(|s| (s.label(), s.clone())).collect()
    };
    let (local, theirs) = (here(patient.fleet), here(deployed));
    let mut differs = Vec::new();
    for (label, service) in &local {
        match theirs.get(label) {
            None => differs.push(format!("{label} is not in the fleet that the functions load")),
            Some(other) if other != service => differs.push(format!("{label} differs from what the functions load")),
            Some(_) => {}
        }
    }
    differs.extend(
        theirs.keys().filter(|l| !local.contains_key(*l)).map(|l| format!("{l} is loaded, and not in this file")),
    );
    differs
}
