//! Table, topic, dead letters and the fleet's layer.

use serde_json::{Map, Value, json};

use super::parameters::{ACTS, HAS_EMAIL};
use super::template::{arn_of, text};
use crate::manifest::{Index, Manifest, Table};

/// Logical id of the table.
pub(super) const TABLE: &str = "Table";
/// Logical id of the notices topic.
pub(super) const TOPIC: &str = "Notices";
/// Logical id of the topic of mail.
pub(super) const MAIL: &str = "Mail";
/// Logical id of the dead letter queue.
pub(super) const DEAD_LETTERS: &str = "DeadLetters";
/// Logical id of the fleet's layer.
pub(super) const FLEET: &str = "Fleet";

pub(super) fn add(resources: &mut Map<String, Value>, manifest: &Manifest) {
    resources.insert(TABLE.to_owned(), table(&manifest.table));
    let topic = json!({
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "TopicName": manifest.topic.name,
            "DisplayName": manifest.topic.display_name,
        },
    });
    resources.insert(TOPIC.to_owned(), topic);
    resources.insert(format!("{TOPIC}ByMail"), email());
    let mail = json!({
        "Type": "AWS::SNS::Topic",
        "Properties": { "TopicName": manifest.mail_topic.name, "DisplayName": manifest.mail_topic.display_name },
    });
    resources.insert(MAIL.to_owned(), mail);
    resources.insert(format!("{MAIL}Policy"), mail_policy());
    resources.insert(format!("{TOPIC}Policy"), topic_policy());
    let queue = json!({
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": manifest.dead_letters.name,
            "MessageRetentionPeriod": manifest.dead_letters.retention_seconds.value,
            "SqsManagedSseEnabled": true,
        },
    });
    resources.insert(DEAD_LETTERS.to_owned(), queue);
    resources.insert(format!("{DEAD_LETTERS}Policy"), queue_policy(manifest));
    let layer = json!({
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": manifest.fleet_layer.name,
            "Description": "The compiled fleet file",
            "Content": { "S3Bucket": { "Ref": "FleetBucket" }, "S3Key": { "Ref": "FleetKey" } },
        },
    });
    resources.insert(FLEET.to_owned(), layer);
}

/// Mail tells what opens and what closes (SEMANTICS 28); alarms on Headroom itself, which have no attribute, come too.
fn email() -> Value {
    json!({
        "Type": "AWS::SNS::Subscription",
        "Condition": HAS_EMAIL,
        "Properties": {
            "Protocol": "email",
            "Endpoint": { "Ref": "NoticesEmail" },
            "TopicArn": { "Ref": TOPIC },
            "FilterPolicy": { "phase": ["opened", "closed", { "exists": false }] },
        },
    })
}

/// In `act` mode the table holds what services must be returned to, so deleting the stack stops at it until the
/// mode is left. No `Retain`: the name is fixed, and a table left behind would be in the next deployment's way.
fn table(table: &Table) -> Value {
    let attribute = |(name, kind): (&&str, &&str)| json!({ "AttributeName": name, "AttributeType": kind });
    json!({
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": table.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": table.attributes.iter().map(attribute).collect::<Vec<_>>(),
            "KeySchema": key(table.hash, table.range),
            "GlobalSecondaryIndexes": table.indexes.iter().map(index).collect::<Vec<_>>(),
            "TimeToLiveSpecification": { "AttributeName": table.time_to_live, "Enabled": true },
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
            "SSESpecification": { "SSEEnabled": true },
            "DeletionProtectionEnabled": { "Fn::If": [ACTS, true, false] },
        },
    })
}

fn key(hash: &str, range: &str) -> Value {
    json!([{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }])
}

fn index(index: &Index) -> Value {
    let projection = match index.holds.as_slice() {
        [] => json!({ "ProjectionType": "KEYS_ONLY" }),
        holds => json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": holds }),
    };
    json!({ "IndexName": index.name, "KeySchema": key(index.hash, index.range), "Projection": projection })
}

/// Headroom's own alarms may publish; nobody may without TLS.
fn topic_policy() -> Value {
    let alarms = json!({
        "Sid": "OwnAlarms", "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": "sns:Publish", "Resource": { "Ref": TOPIC },
        "Condition": {
            "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
            "ArnLike": { "aws:SourceArn": text("arn:${partition}:cloudwatch:${region}:${account}:alarm:headroom-*") },
        },
    });
    json!({
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{ "Ref": TOPIC }],
            "PolicyDocument": { "Version": "2012-10-17", "Statement": [alarms, only_tls("sns:Publish", &json!({ "Ref": TOPIC }))] },
        },
    })
}

/// The notifier publishes with its role; nobody may without TLS.
fn mail_policy() -> Value {
    let statement = only_tls("sns:Publish", &json!({ "Ref": MAIL }));
    json!({
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{ "Ref": MAIL }],
            "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] },
        },
    })
}

/// EventBridge sends with its own name what a rule could not deliver; Lambda and the Scheduler send with roles.
fn queue_policy(manifest: &Manifest) -> Value {
    let rules: Vec<Value> = manifest
        .functions
        .values()
        .flat_map(|f| &f.rules)
        .map(|rule| text(&format!("arn:${{partition}}:events:${{region}}:${{account}}:rule/{}", rule.name)))
        .collect();
    let events = json!({
        "Sid": "UndeliveredEvents", "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": arn_of(DEAD_LETTERS),
        "Condition": { "ArnEquals": { "aws:SourceArn": rules } },
    });
    json!({
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{ "Ref": DEAD_LETTERS }],
            "PolicyDocument": { "Version": "2012-10-17", "Statement": [events, only_tls("sqs:*", &arn_of(DEAD_LETTERS))] },
        },
    })
}

pub(super) fn only_tls(action: &str, resource: &Value) -> Value {
    json!({
        "Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}
