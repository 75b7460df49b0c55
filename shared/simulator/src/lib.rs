//! A deterministic world on a virtual clock: ECS services, their load, CloudWatch and Application Auto Scaling,
//! behind the same five ports as AWS, so that Headroom itself runs inside it.
//!
//! Same scenario and seed, same run, byte for byte. No wall clock, no thread, no file: the clock jumps from one
//! instant that matters to the next, and a run is bounded ([`run::DAYS_MAX`]).

mod alarms;
mod called;
mod capacities;
pub mod cloudwatch;
pub mod delivery;
pub mod deploy;
pub mod ecs;
pub mod event;
mod history;
pub mod journal;
pub mod load;
mod measured;
pub mod outside;
pub mod pace;
mod people;
mod policies;
mod poll;
mod ports;
pub mod queue;
pub mod random;
mod releases;
pub mod report;
pub mod run;
pub mod scaling;
pub mod scenario;
pub mod service;
pub mod tasks;
pub mod view;
mod wording;
pub mod world;
