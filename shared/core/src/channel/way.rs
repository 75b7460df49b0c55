//! Where a notice goes: severity, route, channels.

use crate::fleet::{Channel, Fleet, route};
use crate::notice::{Notice, Severity};

use super::loud::loudness;

/// One channel that a notice goes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way<'f> {
    /// The channel.
    pub channel: &'f Channel,
    /// How loud the notice is there.
    pub severity: Severity,
}

/// The channels of a notice, in the order of its route; none when no route fits.
#[must_use]
pub fn ways<'f>(fleet: &'f Fleet, notice: &Notice) -> Vec<Way<'f>> {
    let (environment, service) = place(notice);
    let severity = loudness(fleet, environment, notice);
    let Some((route, severity)) = route(fleet, environment, service, severity) else { return Vec::new() };
    let channel = |name: &String| fleet.channels.iter().find(|channel| channel.name == *name);
    route.to.iter().filter_map(channel).map(|channel| Way { channel, severity }).collect()
}

/// Environment and service of a notice: `prod-eu/web`, or an environment alone.
pub(super) fn place(notice: &Notice) -> (&str, Option<&str>) {
    match notice.service.split_once('/') {
        Some((environment, service)) => (environment, Some(service)),
        None => (&notice.service, None),
    }
}
