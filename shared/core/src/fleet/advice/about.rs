//! One service of one environment, as the warnings about it need it.

use super::{alarms, bounds, cooldowns};
use crate::fleet::compiled::Service;
use crate::fleet::layer::Layer;
use crate::fleet::node::Place;
use crate::fleet::problem::Findings;
use crate::fleet::service::ServiceFile;

/// A service that was resolved, and where its parts stand in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) service: &'a Service,
    pub(crate) file: &'a ServiceFile,
    /// All levels of the file, the nearest on top.
    pub(crate) layer: &'a Layer,
}

impl About<'_> {
    /// Warns at the place of a value, or at the service when the value is a default.
    pub(super) fn warn(&self, f: &mut Findings, at: Option<&Place>, text: String) {
        f.warn(at.unwrap_or(&self.file.place), text, self.service.label());
    }
}

/// Every warning about one service.
pub(crate) fn service(about: About<'_>, f: &mut Findings) {
    for advise in [
        bounds::one_task_in_production,
        bounds::no_room_for_a_remedy,
        cooldowns::gives_back_faster_than_it_takes,
        alarms::no_alarm_can_be_made,
        alarms::fires_while_all_is_well,
    ] {
        advise(about, f);
    }
}
