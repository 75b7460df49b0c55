//! Warnings about `schedules`.

use crate::fleet::compiled::Service;
use crate::fleet::file::FleetFile;
use crate::fleet::opens::Opens;
use crate::fleet::problem::Findings;

/// The baseline min has to be the lowest scheduled one: a floor that is not above it raises nothing (SEMANTICS 26).
pub(super) fn floor_within_the_baseline(file: &FleetFile, services: &[Service], f: &mut Findings) {
    // What the usual load asks for is not known here.
    for schedule in file.schedules.iter().filter(|s| s.schedule.usual.is_none()) {
        let floor = schedule.schedule.floor;
        for service in services.iter().filter(|s| schedule.schedule.concerns(s) && s.capacity.min >= floor) {
            let min = service.capacity.min;
            let text = format!("floor {floor} does nothing at min {min}: `capacity.min` has to be the lowest floor");
            f.warn(schedule.floor_place(), text, service.label());
        }
    }
}

/// Hours without a zone are meant in somebody's own, and are kept in UTC.
pub(super) fn hours_of_no_zone(file: &FleetFile, f: &mut Findings) {
    for schedule in &file.schedules {
        let s = &schedule.schedule;
        for environment in file.environments.list.iter().filter(|e| e.timezone.is_none()) {
            if s.environments.contains(&environment.name) {
                let opens = match &s.opens {
                    Opens::Days { hours, .. } | Opens::Dates { hours, .. } => hours.from.to_string(),
                    Opens::Cron { cron, .. } => format!("`{cron}`"),
                };
                let text = format!("{opens} is UTC in {}, which has no `timezone`", environment.name);
                f.warn(schedule.floor_place(), text, String::new());
            }
        }
    }
}
