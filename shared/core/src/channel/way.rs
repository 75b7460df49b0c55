//! Where a notice goes: severity, route, channels.

use crate::fleet::{Channel, Fleet, route};
use crate::notice::{Notice, Phase, Severity};

use super::loud::loudness;

/// One channel that a notice goes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way<'f> {
    /// The channel.
    pub channel: &'f Channel,
    /// How loud the notice is there.
    pub severity: Severity,
    /// Whether it only closes what was told there: the route of what opens and pages may be another.
    pub follows: bool,
}

/// The channels of a notice, in the order of its route; none when no route fits. What closes also goes wherever the
/// incident may have been told louder, so that no alert stays open.
#[must_use]
pub fn ways<'f>(fleet: &'f Fleet, notice: &Notice) -> Vec<Way<'f>> {
    let (environment, service) = place(notice);
    let own = loudness(fleet, environment, notice);
    let louder = [Severity::Info, Severity::Warn, Severity::Page].into_iter().filter(|louder| *louder > own);
    let louder = louder.filter(|_| notice.phase() == Phase::Closed).map(|louder| (louder, true));
    let mut ways: Vec<Way<'f>> = Vec::new();
    for (severity, follows) in std::iter::once((own, false)).chain(louder) {
        let Some((route, capped)) = route(fleet, environment, service, severity) else { continue };
        let severity = if follows { own } else { capped };
        for name in &route.to {
            let known = fleet.channels.iter().find(|channel| channel.name == *name);
            if let Some(channel) = known.filter(|channel| ways.iter().all(|way| way.channel.name != channel.name)) {
                ways.push(Way { channel, severity, follows });
            }
        }
    }
    ways
}

/// Environment and service of a notice: `prod-eu/web`, or an environment alone.
#[must_use]
pub fn place(notice: &Notice) -> (&str, Option<&str>) {
    match notice.service.split_once('/') {
        Some((environment, service)) => (environment, Some(service)),
        None => (&notice.service, None),
    }
}
