//! The manifest: everything that a deployment needs to know about the functions, made from the code.
//!
//! CloudFormation is rendered from it and nothing else; any other tool reads the same file.

mod alarms;
mod functions;
mod iam;
mod shape;
mod stores;

pub(crate) use functions::manifest;
pub(crate) use shape::{
    Alarm, Asynchronous, Effect, Function, Index, Invoker, Manifest, Number, Queue, Rule, Schedule, Statement, Table,
};
