//! Signals: each source decoded in one file, beside the EventBridge pattern that selects it.

pub mod alarm;
mod arn;
mod dead_letter;
mod decode;
mod deployment;
mod hook;
mod limits;
pub mod minute;
mod read;
mod receive;
mod refused;
mod service;
mod task;

pub use alarm::{AlarmEvent, AlarmState, Mute};
pub use arn::{Arn, is_account, is_region};
pub use decode::{By, SOURCES, Signal, Source, decode};
pub use deployment::{DeploymentEvent, Rollout};
pub use hook::{HookEvent, HookStatus};
pub use receive::{Again, Received, receive, receive_text};
pub use refused::NotASignal;
pub use task::{Container, TaskEvent};
