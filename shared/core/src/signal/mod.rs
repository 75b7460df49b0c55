//! Signals: each source decoded in one file, beside the EventBridge pattern that selects it.

pub mod alarm;
pub mod minute;
mod refused;

pub use alarm::{AlarmEvent, AlarmState, Mute};
pub use refused::{NotASignal, Signal, decode};
