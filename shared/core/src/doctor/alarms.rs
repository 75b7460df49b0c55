//! Alarms that wake nothing, and remedies that nothing wakes.

use std::collections::BTreeSet;

use super::examine::Patient;
use super::finding::{Check, Finding};
use crate::fleet::{Action, When};
use crate::report::{wake_nothing, woken};

/// More lines of one kind say no more.
const TOLD_MAX: usize = 20;
/// Headroom's own alarms page people, and wake no remedy.
const OWN: &str = "headroom-";

pub(super) fn alarms(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Alarms;
    let alarms = match check.read("", &patient.sight.alarms) {
        Ok(alarms) => alarms,
        Err(unknown) => return vec![unknown],
    };
    let (account, region) = (&patient.environment.account, &patient.environment.region);
    let idle = wake_nothing(patient.fleet, account, region, alarms);
    let idle: Vec<_> = idle.into_iter().filter(|a| !a.alarm.starts_with(OWN)).collect();
    let told = idle.iter().take(TOLD_MAX).map(|a| check.warn(format!("{} wakes no remedy: {}", a.alarm, a.text)));
    let mut found: Vec<Finding> = told.collect();
    if idle.len() > TOLD_MAX {
        found.push(check.warn(format!("and {} more; headroom report --alarms lists all", idle.len() - TOLD_MAX)));
    }
    check
        .of_many(found, format!("{} alarms: each wakes a remedy, or is Auto Scaling's or Headroom's own", alarms.len()))
}

pub(super) fn remedies(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Remedies;
    let alarms = match check.read("alarms", &patient.sight.alarms) {
        Ok(alarms) => alarms,
        Err(unknown) => return vec![unknown],
    };
    let (account, region) = (&patient.environment.account, &patient.environment.region);
    let woken = woken(patient.fleet, account, region, alarms);
    let names: BTreeSet<&str> = alarms.iter().map(|a| a.name.as_str()).collect();
    let mut found = Vec::new();
    for (service, _) in patient.services() {
        for remedy in service.remedies.iter().filter(|r| r.action != Action::Rollback) {
            let label = service.label();
            let (wakes, wanted) = match &remedy.when {
                When::Metric { .. } => (
                    woken.contains(&(label.clone(), remedy.name.clone())),
                    format!("{}-{}", service.service, remedy.name),
                ),
                When::Alarm { alarm } | When::Contributor { alarm } => {
                    let name = alarm.of(service);
                    (names.contains(name.as_str()), name)
                }
                When::Event { .. } => continue,
            };
            if !wakes {
                let (name, line) = (&remedy.name, remedy.line);
                found.push(check.bad(format!("{label}: no alarm wakes {name} (line {line}); it waits for {wanted}")));
            }
        }
    }
    check.of_many(found, format!("{}: an alarm wakes each remedy", patient.count()))
}
