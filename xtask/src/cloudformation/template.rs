//! The whole template, and the few forms that all of it uses.

use serde_json::{Map, Value, json};

use super::{alarms, function, parameters, roles, stores, wake};
use crate::manifest::Manifest;

/// Renders the template from the manifest and from nothing else.
pub(crate) fn template(manifest: &Manifest) -> Value {
    let mut resources = Map::new();
    stores::add(&mut resources, manifest);
    for (short, function) in &manifest.functions {
        roles::add(&mut resources, short, function);
        function::add(&mut resources, short, function, manifest);
        wake::add(&mut resources, short, function);
    }
    alarms::add(&mut resources, manifest);
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Headroom: keeps ECS services inside safe capacity. Made by `xtask generate`; do not edit.",
        "Parameters": parameters::parameters(manifest),
        "Conditions": parameters::conditions(),
        "Resources": resources,
        "Outputs": {
            "NoticesTopic": { "Description": "Where notices go", "Value": { "Ref": stores::TOPIC } },
            "DeadLetters": { "Description": "What could not be handled", "Value": { "Ref": stores::DEAD_LETTERS } },
            "Table": { "Description": "Journal, leases, limits", "Value": { "Ref": stores::TABLE } },
        },
    })
}

/// `alarm-handler` becomes `AlarmHandler`: logical ids are letters and digits.
pub(super) fn logical(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
    };
    name.split(|c: char| !c.is_ascii_alphanumeric()).map(word).collect()
}

/// A text of the manifest with its placeholders as CloudFormation's own.
pub(super) fn text(text: &str) -> Value {
    let filled = text
        .replace("${partition}", "${AWS::Partition}")
        .replace("${region}", "${AWS::Region}")
        .replace("${account}", "${AWS::AccountId}");
    if filled.contains("${") { json!({ "Fn::Sub": filled }) } else { json!(filled) }
}

/// ARN of a resource of this template.
pub(super) fn arn_of(resource: &str) -> Value {
    json!({ "Fn::GetAtt": [resource, "Arn"] })
}
