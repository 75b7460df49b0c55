//! What the functions share: table, topic, dead letters, fleet layer.

use std::collections::BTreeMap;

use super::shape::{DeadLetters, Index, Layer, Number, Table, Topic};

/// Name of the journal's table.
pub(super) const TABLE: &str = "headroom";
/// Name of the notices topic.
pub(super) const TOPIC: &str = "headroom-notices";
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

/// ARN of the table.
pub(super) fn table_arn() -> String {
    format!("arn:${{partition}}:dynamodb:${{region}}:${{account}}:table/{TABLE}")
}

/// ARN of the table's index.
pub(super) fn index_arn() -> String {
    format!("{}/index/{}", table_arn(), table().index.name)
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
        attributes: BTreeMap::from([("pk", "S"), ("sk", "S"), ("due_shard", "S"), ("due", "N")]),
        hash: "pk",
        range: "sk",
        index: Index { name: "due", hash: "due_shard", range: "due" },
        time_to_live: "expires",
    }
}

pub(super) fn topic() -> Topic {
    Topic { name: TOPIC, display_name: "Headroom" }
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
        for key in [table.hash, table.range, table.index.hash, table.index.range] {
            assert!(table.attributes.contains_key(key), "{key}");
        }
        assert_eq!(table.attributes.len(), 4, "DynamoDB refuses attributes that are in no key");
    }
}
