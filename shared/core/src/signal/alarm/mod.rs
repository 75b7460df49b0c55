//! Everything that is an alarm: one file for each form in which CloudWatch tells it, pattern and decoder together.

mod arn;
mod body;
mod composite;
mod event;
mod metric;
mod reason;
mod state;

pub mod configuration;
pub mod contributor;
pub mod lambda_action;
pub mod sns;
pub mod state_change;

pub use composite::Composite;
pub use configuration::{Changed, ConfigurationChange, Operation};
pub use event::{AlarmEvent, Contributor, Mute, SCALING_PREFIX};
pub use metric::WatchedMetric;
pub use state::AlarmState;
pub use state_change::{DETAIL_TYPE, SOURCE, pattern};
