//! What whoever deploys chooses.

use serde_json::{Map, Value, json};

use super::template::logical;
use crate::manifest::Manifest;

/// True when Headroom may change the fleet.
pub(super) const ACTS: &str = "Acts";
/// True when somebody reads notices by e-mail.
pub(super) const HAS_EMAIL: &str = "HasEmail";

pub(super) fn parameters(manifest: &Manifest) -> Map<String, Value> {
    let mut all = Map::new();
    let mut add = |name: &str, value: Value| all.insert(name.to_owned(), value);
    add("CodeBucket", json!({ "Type": "String", "Description": "S3 bucket with the functions' zips" }));
    for short in manifest.functions.keys() {
        let description = format!("Key of the zip of {short}; a new key deploys new code");
        add(&code_key(short), json!({ "Type": "String", "Description": description }));
    }
    add("FleetBucket", json!({ "Type": "String", "Description": "S3 bucket with the fleet's layer" }));
    let layer =
        format!("Key of a zip that holds the compiled fleet as {}; a new key deploys it", manifest.fleet_layer.file);
    add("FleetKey", json!({ "Type": "String", "Description": layer }));
    add(
        "Mode",
        json!({
            "Type": "String", "Default": "observe", "AllowedValues": ["observe", "suggest", "act"],
            "Description": "Only in act may the functions change ECS services. Before leaving act, end every lease: see Uninstall in the README"
        }),
    );
    add(
        "NoticesEmail",
        json!({ "Type": "String", "Default": "", "Description": "Address that gets every notice; empty: none" }),
    );
    if let Some(function) = manifest.functions.values().next() {
        add(
            "Architecture",
            json!({
                "Type": "String", "Default": function.architecture, "AllowedValues": ["x86_64", "arm64"],
                "Description": "What the zips were built for"
            }),
        );
    }
    all
}

/// The parameter that names a function's zip.
pub(super) fn code_key(short: &str) -> String {
    logical(short) + "Key"
}

pub(super) fn conditions() -> Value {
    json!({
        ACTS: { "Fn::Equals": [{ "Ref": "Mode" }, "act"] },
        HAS_EMAIL: { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "NoticesEmail" }, ""] }] },
    })
}
