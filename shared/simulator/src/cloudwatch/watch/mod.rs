//! Alarms: what was put, how they stand, and the events of their changes.

mod composite;
mod describe;
mod detail;
mod entry;
mod look;
mod metric;
mod mute;
mod muted;
mod put;
mod reason;
mod rule;
mod standing;
mod store;

pub use describe::{AlarmFilter, AlarmKind, AlarmView, Described, MuteView};
pub use mute::{MuteStatus, PutMuteRule};
pub use put::{Actions, Comparison, PutCompositeAlarm, PutMetricAlarm, Suppressor, Watched};
pub use standing::{Standing, SuppressedBy};
pub(crate) use store::Alarms;

use entry::name_of;
