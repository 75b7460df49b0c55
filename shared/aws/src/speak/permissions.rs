//! What speaking may call.

use crate::permission::{Permission, Resource};

/// What speaking may call.
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        sid: "KeepThreads",
        actions: &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        on: Resource::Table,
        mutates_fleet: false,
        reason: "an incident's thread in each channel, the notices of a digest, and the entry that a notice is about",
    },
    Permission {
        sid: "FindEntry",
        actions: &["dynamodb:Query"],
        on: Resource::EntriesIndex,
        mutates_fleet: false,
        reason: "a notice shows the present state of its entry, which it names by its decision id",
    },
    Permission {
        sid: "ReadSecrets",
        actions: &["secretsmanager:GetSecretValue"],
        on: Resource::Secrets,
        mutates_fleet: false,
        reason: "a channel's token or key, which the fleet file names",
    },
    Permission {
        sid: "PublishToChannels",
        actions: &["sns:Publish"],
        on: Resource::ChannelTopics,
        mutates_fleet: false,
        reason: "mail, and channels of kind sns",
    },
    Permission {
        sid: "WorkTheQueue",
        actions: &[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueUrl",
        ],
        on: Resource::NoticesQueue,
        mutates_fleet: false,
        reason: "Lambda reads the queue with the function's own role, by the first three; the function says when a message comes again",
    },
    Permission {
        sid: "FindDeadLetters",
        actions: &["sqs:GetQueueUrl"],
        on: Resource::DeadLetters,
        mutates_fleet: false,
        reason: "a notice that is given up is sent there with its reason",
    },
];
