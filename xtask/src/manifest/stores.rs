//! What the functions share: table, topic, dead letters, fleet layer.

use std::collections::BTreeMap;

use headroom_aws::journal;
use headroom_pipeline::notifier::RECEIVES_MAX;

use super::shape::{DeadLetters, Index, Layer, Number, Queue, Table, Topic};

/// Name of the journal's table.
pub(super) const TABLE: &str = "headroom";
/// Name of the notices topic.
pub(super) const TOPIC: &str = "headroom-notices";
/// Name of the topic of mail.
pub(super) const MAIL_TOPIC: &str = "headroom-mail";
/// Name of the queue behind the notices topic.
pub(super) const NOTICES_QUEUE: &str = "headroom-notices";
/// Name of the dead letter queue.
pub(super) const DEAD_LETTERS: &str = "headroom-dead-letters";
/// Path of the compiled fleet file inside its layer, which Lambda mounts at `/opt`.
pub(super) const FLEET_FILE: &str = "headroom/fleet.json";
/// The same path as the functions see it.
pub(super) const FLEET_MOUNTED: &str = "/opt/headroom/fleet.json";

/// ARN of the notices topic.
pub(super) fn topic_arn() -> String {
    format!("arn:${{partition}}:sns:${{region}}:${{account}}:{TOPIC}")
}

/// ARN of the topic of mail.
pub(super) fn mail_topic_arn() -> String {
    format!("arn:${{partition}}:sns:${{region}}:${{account}}:{MAIL_TOPIC}")
}

/// ARN of the queue behind the notices topic.
pub(super) fn notices_queue_arn() -> String {
    format!("arn:${{partition}}:sqs:${{region}}:${{account}}:{NOTICES_QUEUE}")
}

/// ARN of the table.
pub(super) fn table_arn() -> String {
    format!("arn:${{partition}}:dynamodb:${{region}}:${{account}}:table/{TABLE}")
}

/// ARN of the index of what is due.
pub(super) fn index_arn() -> String {
    format!("{}/index/{}", table_arn(), journal::DUE_INDEX)
}

/// ARN of the index of entries.
pub(super) fn entries_arn() -> String {
    format!("{}/index/{}", table_arn(), journal::ENTRIES_INDEX)
}

/// ARN of the dead letter queue.
pub(super) fn dead_letters_arn() -> String {
    format!("arn:${{partition}}:sqs:${{region}}:${{account}}:{DEAD_LETTERS}")
}

/// ARN of a function.
pub(super) fn function_arn(name: &str) -> String {
    format!("arn:${{partition}}:lambda:${{region}}:${{account}}:function:{name}")
}

pub(super) fn table() -> Table {
    Table {
        name: TABLE,
        attributes: BTreeMap::from([
            (journal::PK, "S"),
            (journal::SK, "S"),
            (journal::DUE_SHARD, "S"),
            (journal::DUE, "N"),
            (journal::ENTRY_SHARD, "S"),
            (journal::ENTRY_AT, "N"),
        ]),
        hash: journal::PK,
        range: journal::SK,
        indexes: vec![
            Index {
                name: journal::DUE_INDEX,
                hash: journal::DUE_SHARD,
                range: journal::DUE,
                holds: Vec::new(),
                reason: "what somebody must look at; sparse",
            },
            Index {
                name: journal::ENTRIES_INDEX,
                hash: journal::ENTRY_SHARD,
                range: journal::ENTRY_AT,
                holds: journal::ENTRIES_INDEX_HOLDS.to_vec(),
                reason: "entries by time and by decision id, for people and the notifier",
            },
        ],
        time_to_live: journal::EXPIRES,
    }
}

pub(super) fn topic() -> Topic {
    Topic { name: TOPIC, display_name: "Headroom" }
}

pub(super) fn mail_topic() -> Topic {
    Topic { name: MAIL_TOPIC, display_name: "Headroom" }
}

/// The queue that the notifier works.
pub(super) fn notices_queue() -> Queue {
    Queue {
        name: NOTICES_QUEUE,
        arn: notices_queue_arn(),
        topic: TOPIC,
        visibility_seconds: Number {
            value: 180,
            reason: "six times the function's time-out, as Lambda advises: a message of a dead function comes again",
        },
        retention_seconds: Number {
            value: 4 * 86_400,
            reason: "a notice that waits for quiet hours or a service that is down is far younger",
        },
        receives_max: Number {
            value: RECEIVES_MAX + 5,
            reason: "the function sends a dead letter with its reason before SQS sends one without",
        },
        batch_size: Number { value: 10, reason: "ten messages fit into the time-out; what does not comes again" },
        concurrency_max: Number {
            value: 2,
            reason: "the least that AWS takes: a channel takes a message a second, and more at once only wait",
        },
    }
}

pub(super) fn dead_letters() -> DeadLetters {
    DeadLetters {
        name: DEAD_LETTERS,
        arn: dead_letters_arn(),
        retention_seconds: Number {
            value: 14 * 86_400,
            reason: "the longest that SQS keeps: a letter outlives a holiday",
        },
    }
}

pub(super) fn fleet_layer() -> Layer {
    Layer { name: "headroom-fleet", file: FLEET_FILE, mounted: FLEET_MOUNTED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_file_is_found_where_lambda_mounts_layers() {
        assert_eq!(format!("/opt/{FLEET_FILE}"), FLEET_MOUNTED);
    }

    #[test]
    fn every_key_of_the_table_has_a_type() {
        let table = table();
        let mut keys: Vec<&str> = table.indexes.iter().flat_map(|index| [index.hash, index.range]).collect();
        keys.extend([table.hash, table.range]);
        for key in &keys {
            assert!(table.attributes.contains_key(key), "{key}");
        }
        assert_eq!(table.attributes.len(), keys.len(), "DynamoDB refuses attributes that are in no key");
    }
}
