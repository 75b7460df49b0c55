//! A queue between a topic and a function.

use serde_json::{Map, Value, json};

use super::stores::{self, only_tls};
use super::template::arn_of;
use crate::manifest::Queue;

pub(super) fn add(resources: &mut Map<String, Value>, function: &str, queue: &Queue) {
    let id = format!("{function}Queue");
    let declared = json!({
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": queue.name,
            "VisibilityTimeout": queue.visibility_seconds.value,
            "MessageRetentionPeriod": queue.retention_seconds.value,
            "SqsManagedSseEnabled": true,
            "RedrivePolicy": {
                "deadLetterTargetArn": arn_of(stores::DEAD_LETTERS),
                "maxReceiveCount": queue.receives_max.value,
            },
        },
    });
    resources.insert(id.clone(), declared);
    resources.insert(format!("{id}Policy"), policy(&id));
    let subscription = json!({
        "Type": "AWS::SNS::Subscription",
        "DependsOn": [format!("{id}Policy")],
        "Properties": {
            "TopicArn": { "Ref": stores::TOPIC },
            "Protocol": "sqs",
            "Endpoint": arn_of(&id),
            "RawMessageDelivery": true,
        },
    });
    resources.insert(format!("{id}Subscription"), subscription);
    let source = json!({
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": arn_of(&id),
            "FunctionName": { "Ref": function },
            "BatchSize": queue.batch_size.value,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": { "MaximumConcurrency": queue.concurrency_max.value },
        },
    });
    resources.insert(format!("{id}Source"), source);
}

/// The topic alone may send.
fn policy(id: &str) -> Value {
    let topic = json!({
        "Sid": "OwnNotices", "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": arn_of(id),
        "Condition": { "ArnEquals": { "aws:SourceArn": { "Ref": stores::TOPIC } } },
    });
    json!({
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{ "Ref": id }],
            "PolicyDocument": { "Version": "2012-10-17", "Statement": [topic, only_tls("sqs:*", &arn_of(id))] },
        },
    })
}
