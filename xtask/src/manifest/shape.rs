//! The manifest's shape.
//!
//! Texts may hold `${partition}`, `${region}` and `${account}`, which the reader fills in.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// A number that somebody chose, beside the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) reason: &'static str,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Manifest {
    pub(crate) about: &'static str,
    /// By short name, which is also the binary's.
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) fleet_layer: Layer,
    pub(crate) table: Table,
    pub(crate) topic: Topic,
    /// Mail by routes: each address is subscribed with the filter `{"channel": ["<its channel>"]}`.
    pub(crate) mail_topic: Topic,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) log_retention_days: Number,
    /// On Headroom itself.
    pub(crate) alarms: Vec<Alarm>,
}

/// One Lambda function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) description: &'static str,
    #[serde(rename = "crate")]
    pub(crate) source: String,
    pub(crate) handler: &'static str,
    pub(crate) runtime: &'static str,
    pub(crate) architecture: &'static str,
    pub(crate) memory_mb: Number,
    pub(crate) timeout_seconds: Number,
    pub(crate) environment: BTreeMap<&'static str, String>,
    pub(crate) rules: Vec<Rule>,
    /// Services that invoke it without a rule, when people point them at it.
    pub(crate) invokers: Vec<Invoker>,
    pub(crate) schedules: Vec<Schedule>,
    /// The queue that it works, when it works one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<Queue>,
    pub(crate) asynchronous: Asynchronous,
    /// Whether it reads the secrets that the fleet file names: a deployment allows it those outside `headroom/` by ARN.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) secrets: bool,
    pub(crate) iam: Iam,
}

/// How an asynchronous invocation is kept and tried again; what is given up goes to the dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Asynchronous {
    pub(crate) max_event_age_seconds: Number,
    pub(crate) retries: Number,
}

/// Statements of a function's role. `observe` and `suggest` hold `always`; `act` holds both lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Iam {
    pub(crate) always: Vec<Statement>,
    pub(crate) act: Vec<Statement>,
}

/// Whether a statement gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// One IAM statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    pub(crate) effect: Effect,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<Value>,
    pub(crate) reason: String,
    /// Why the resources are not narrower; present whenever one of them is `*` or holds a `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wildcard_reason: Option<&'static str>,
}

/// An EventBridge rule that wakes a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) pattern: Value,
    pub(crate) max_event_age_seconds: Number,
    pub(crate) retries: Number,
}

/// A service that may invoke a function, for resources of this account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Invoker {
    pub(crate) name: &'static str,
    pub(crate) principal: &'static str,
    pub(crate) source_arn: String,
    pub(crate) reason: &'static str,
}

/// An EventBridge Scheduler schedule that wakes a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Schedule {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) payload: Value,
    pub(crate) max_event_age_seconds: Number,
    pub(crate) retries: Number,
    /// Statements of the role that the Scheduler takes on.
    pub(crate) iam: Vec<Statement>,
}

/// The layer that brings the compiled fleet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    /// Path inside the layer's zip.
    pub(crate) file: &'static str,
    /// Path that the functions see.
    pub(crate) mounted: &'static str,
}

/// The journal's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Attribute name to type, `S` or `N`.
    pub(crate) attributes: BTreeMap<&'static str, &'static str>,
    pub(crate) hash: &'static str,
    pub(crate) range: &'static str,
    pub(crate) indexes: Vec<Index>,
    pub(crate) time_to_live: &'static str,
}

/// An index of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) range: &'static str,
    /// Attributes beside the keys; empty: the keys only.
    pub(crate) holds: Vec<&'static str>,
    pub(crate) reason: &'static str,
}

/// The topic that notices go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
}

/// A queue behind a topic. It answers by message (`ReportBatchItemFailures`); what it delivers too often goes to the dead
/// letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Queue {
    pub(crate) name: &'static str,
    pub(crate) arn: String,
    /// The topic that it is subscribed to, with raw delivery.
    pub(crate) topic: &'static str,
    pub(crate) visibility_seconds: Number,
    pub(crate) retention_seconds: Number,
    pub(crate) receives_max: Number,
    pub(crate) batch_size: Number,
    pub(crate) concurrency_max: Number,
}

/// The queue for what was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DeadLetters {
    pub(crate) name: &'static str,
    pub(crate) arn: String,
    pub(crate) retention_seconds: Number,
}

/// A CloudWatch alarm on Headroom itself; it tells the notices topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) namespace: &'static str,
    pub(crate) metric: &'static str,
    pub(crate) dimensions: BTreeMap<&'static str, String>,
    pub(crate) statistic: &'static str,
    pub(crate) period_seconds: u32,
    pub(crate) periods: u32,
    pub(crate) comparison: &'static str,
    pub(crate) threshold: u32,
    pub(crate) missing_data: &'static str,
}
