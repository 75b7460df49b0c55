//! Signals: each source decoded in one file, beside the EventBridge pattern that selects it.

pub mod alarm;
mod arn;
mod belongs;
mod dead_letter;
mod decode;
pub mod deployment;
mod ec2;
pub mod hook;
mod hook_call;
mod identity;
mod limits;
pub mod minute;
mod read;
mod receive;
mod refused;
mod scaling;
mod service;
mod service_action;
mod task;
mod tick;

pub use alarm::{AlarmEvent, AlarmState, ConfigurationChange, Mute};
pub use arn::{Arn, is_account, is_region};
pub use belongs::{Foreign, belongs};
pub use decode::{By, SOURCES, Signal, Source, decode};
pub use deployment::{DeploymentEvent, Rollout};
pub use ec2::{Ec2Change, Ec2Event};
pub use hook::{HookEvent, HookStatus};
pub use hook_call::HookCall;
pub use identity::{Home, Identity, Order};
pub use limits::PAYLOAD_BYTES_MAX;
pub use receive::{Again, Received, receive, receive_bytes};
pub use refused::NotASignal;
pub use scaling::ScalingEvent;
pub use service_action::ServiceAction;
pub use task::{Container, TaskEvent};
pub use tick::{Tick, TickBy};
