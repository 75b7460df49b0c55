//! A first fleet file from what runs already: what was found in, YAML text out.

mod alarms;
mod defaults;
mod environment;
mod found;
mod gather;
mod keys;
mod names;
mod policies;
mod quote;
mod remedies;
mod service;
mod shape;
mod text;
mod write;

pub use found::{
    Comparison, Controller, Found, FoundAlarm, FoundMetric, FoundPolicy, FoundService, Policy, TargetGroup, Watched,
};
pub use write::{Draft, Options, Refused, draft};
