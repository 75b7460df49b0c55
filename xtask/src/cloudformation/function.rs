//! A function, its log, and what becomes of an invocation that fails.

use serde_json::{Map, Value, json};

use super::parameters::code_key;
use super::template::{arn_of, logical, text};
use super::{roles, stores};
use crate::manifest::{Asynchronous, Function, Manifest};

pub(super) fn add(resources: &mut Map<String, Value>, short: &str, function: &Function, manifest: &Manifest) {
    let id = logical(short);
    let log = json!({
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": format!("/aws/lambda/{}", function.name),
            "RetentionInDays": manifest.log_retention_days.value,
        },
    });
    resources.insert(format!("{id}Log"), log);
    resources.insert(id.clone(), lambda(short, function));
    resources.insert(format!("{id}Invocations"), invocations(&id, &function.asynchronous));
}

/// The function comes after its log, which Lambda would otherwise make without an end, and after what it uses.
fn lambda(short: &str, function: &Function) -> Value {
    let variables: Map<String, Value> =
        function.environment.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    json!({
        "Type": "AWS::Lambda::Function",
        "DependsOn": [format!("{}Log", logical(short)), stores::TABLE, stores::TOPIC],
        "Properties": {
            "FunctionName": function.name,
            "Description": function.description,
            "Runtime": function.runtime,
            "Handler": function.handler,
            "Architectures": [{ "Ref": "Architecture" }],
            "MemorySize": function.memory_mb.value,
            "Timeout": function.timeout_seconds.value,
            "Role": arn_of(&roles::role(short)),
            "Code": { "S3Bucket": { "Ref": "CodeBucket" }, "S3Key": { "Ref": code_key(short) } },
            "Layers": [{ "Ref": stores::FLEET }],
            "Environment": { "Variables": variables },
        },
    })
}

fn invocations(id: &str, asynchronous: &Asynchronous) -> Value {
    json!({
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": { "Ref": id },
            "Qualifier": "$LATEST",
            "MaximumEventAgeInSeconds": asynchronous.max_event_age_seconds.value,
            "MaximumRetryAttempts": asynchronous.retries.value,
            "DestinationConfig": { "OnFailure": { "Destination": arn_of(stores::DEAD_LETTERS) } },
        },
    })
}
