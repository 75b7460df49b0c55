//! The fleet: what `headroom.yaml` says, and its compiled form.
//!
//! Text -> located nodes (`yaml`, `node`) -> one element per file -> `resolve` -> [`compiled`].

pub mod compiled;
pub mod draft;

mod advice;
mod alert;
mod alert_kind;
mod capacity;
mod channel;
mod cloudwatch_metric;
mod connections;
mod cost;
mod count;
mod cron;
mod days;
mod dependency;
mod duration;
mod endpoint;
mod environment;
mod file;
mod freeze;
mod holidays;
mod ics;
mod layer;
mod lead;
mod limits;
mod lines;
mod local_time;
mod mode;
mod money;
mod name;
mod node;
mod not_yet;
mod opens;
mod overrides;
mod packed;
mod pattern;
mod percent;
mod predictive;
mod problem;
mod quiet;
mod ready;
mod refer;
mod remedy;
mod resolve;
mod rollback;
mod route;
mod scaling;
mod schedule;
mod schema;
mod secret;
mod service;
mod severity;
mod slice;
mod switch;
mod task;
mod template;
mod threshold;
mod ties;
mod timing;
mod traffic;
mod when;
mod words;
mod yaml;

pub use alert::{Alert, Alerts};
pub use alert_kind::AlertKind;
pub use channel::{Channel, ChannelKind};
pub use compiled::{
    Action, Architecture, COMPILED_VERSION, Capacity, Environment, Fleet, Limits, Metric, Mode, Remedy, RemedyList,
    Scaling, Service, Sizing, Task, When,
};
pub use connections::Connections;
pub use cost::{Bill, BillItem, CacheNode};
pub use cron::Cron;
pub use days::{Day, Days};
pub use dependency::{Dependency, Watch, WhileHigh};
pub use duration::parse as parse_duration;
pub use file::{Parsed, Source, json_schema, parse, parse_with_overrides, read};
pub use freeze::Freeze;
pub use holidays::Holidays;
pub use lead::Lead;
pub use local_time::LocalTime;
pub use opens::{Hours, Opens};
pub use predictive::{Forecast, Predictive};
pub use problem::{Note, NoteKind, Problem};
pub use quiet::QuietHours;
pub use ready::{HttpReady, Ready};
pub use rollback::Rollback;
pub use route::{Route, route};
pub use schedule::{START_LASTS, Schedule};
pub use secret::SecretRef;
pub use switch::{Switch, SwitchWatch};
pub use template::AlarmName;
pub use threshold::{Threshold, Unit};
pub use traffic::Traffic;
