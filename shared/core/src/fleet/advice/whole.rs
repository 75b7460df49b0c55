//! Warnings about the fleet as a whole.

use std::collections::BTreeMap;

use super::{routes, schedules};
use crate::fleet::compiled::{Service, When};
use crate::fleet::file::FleetFile;
use crate::fleet::problem::Findings;
use crate::fleet::remedy::RemedyFile;

/// Every warning that needs more than one service.
pub(crate) fn fleet(file: &FleetFile, services: &[Service], f: &mut Findings) {
    for remedy in &file.remedies.list {
        let with: Vec<&Service> =
            services.iter().filter(|s| s.remedies.iter().any(|r| r.line == remedy.place.line)).collect();
        if with.is_empty() && !services.is_empty() {
            f.warn(&remedy.place, format!("no service has the remedy `{}`", remedy.name), String::new());
        }
        one_alarm_for_many(remedy, &with, f);
    }
    schedules::floor_within_the_baseline(file, services, f);
    schedules::hours_of_no_zone(file, f);
    routes::who_gets_what(file, f);
}

/// Without a placeholder the name finds several services, and the alarm's tag or dimensions must tell them apart.
fn one_alarm_for_many(remedy: &RemedyFile, with: &[&Service], f: &mut Findings) {
    let mut named: BTreeMap<(&str, &str, String), u32> = BTreeMap::new();
    for service in with {
        for own in service.remedies.iter().filter(|r| r.line == remedy.place.line) {
            if let When::Alarm { alarm } = &own.when {
                *named.entry((&service.account, &service.region, alarm.of(service))).or_default() += 1;
            }
        }
    }
    if let Some(((.., alarm), count)) = named.into_iter().find(|(_, count)| *count > 1) {
        let text = format!(
            "the alarm `{alarm}` is named for {count} services of one region: its tag `headroom:service` or its \
             dimensions must say which, or the name needs `{{service}}`"
        );
        f.warn(&remedy.place, text, String::new());
    }
}
