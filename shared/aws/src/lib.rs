//! The five ports over the AWS SDK, and what `headroom init`, `doctor`, `journal` and `explain` read: the only crate that names
//! `aws-sdk-*`.

pub mod act;
mod app;
pub mod ask;
mod aws;
pub mod capacity;
mod clock;
mod config;
pub mod disrupt;
pub mod doctor;
mod error;
mod fleet;
pub mod history;
mod http;
pub mod inventory;
pub mod journal;
pub mod logs;
pub mod notify;
pub mod permission;
pub mod person;
pub mod rollback;
pub mod settings;
pub mod speak;
mod start_error;
pub mod telemetry;

pub use app::{App, SpeakingApp, owner, until};
pub use aws::Aws;
pub use permission::{Function, Permission, Resource};
pub use settings::Settings;
pub use start_error::StartError;
