//! The CloudFormation template: a thin reader of the manifest.

mod alarms;
mod function;
mod parameters;
mod queue;
mod roles;
mod stores;
mod template;
#[cfg(test)]
mod tests;
mod wake;

pub(crate) use template::template;
