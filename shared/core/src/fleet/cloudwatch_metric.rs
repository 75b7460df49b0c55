//! A CloudWatch metric that the fleet file names in full: namespace, name and dimensions.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::node::{Node, Want};
use super::problem::Findings;
use super::schema;
use super::template::{Kind, Template};

/// A metric's name.
pub(crate) const WANT: Want<'_> = Want {
    expected: "namespace and name of a metric, with `:` between them",
    example: "metric: AWS/ElastiCache:CPUUtilization",
};
const EXAMPLE_DIMENSIONS: &str = "dimensions: { CacheClusterId: redis-001 }";
const WANT_VALUE: Want<'_> = Want {
    expected: "a text with no placeholder but `{environment}`; in quotes if it is made of digits",
    example: EXAMPLE_DIMENSIONS,
};
/// CloudWatch takes namespaces, metric names and dimension names up to this length.
const CLOUDWATCH_NAME_MAX: usize = 255;
/// CloudWatch takes this many dimensions of one metric.
const DIMENSIONS_MAX: usize = 30;

/// What [`parse`] takes.
pub(crate) fn schema() -> Json {
    let most = CLOUDWATCH_NAME_MAX;
    schema::text(WANT, &format!("^[A-Za-z0-9._/# -]{{1,{most}}}:[ -~]{{1,{most}}}$"))
}

/// What [`dimensions`] takes.
pub(crate) fn dimensions_schema() -> Json {
    let name = json!({ "type": "string", "pattern": format!("^[ -~]{{1,{CLOUDWATCH_NAME_MAX}}}$") });
    let value = schema::put(Kind::Shared.schema(), "patternErrorMessage", WANT_VALUE.expected.into());
    let dimensions = json!({
        "type": "object",
        "propertyNames": name,
        "additionalProperties": value,
        "maxProperties": DIMENSIONS_MAX,
    });
    schema::shown(dimensions, EXAMPLE_DIMENSIONS)
}

/// `AWS/ElastiCache:CPUUtilization`; a namespace has no colon here, a name may have.
pub(crate) fn parse(text: &str) -> Option<(String, String)> {
    let (namespace, metric) = text.split_once(':')?;
    let of_namespace = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#' | ' ');
    let right = (1..=CLOUDWATCH_NAME_MAX).contains(&namespace.len())
        && namespace.chars().all(of_namespace)
        && cloudwatch_name(metric);
    right.then(|| (namespace.to_owned(), metric.to_owned()))
}

fn cloudwatch_name(text: &str) -> bool {
    (1..=CLOUDWATCH_NAME_MAX).contains(&text.len()) && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}

/// Names and values; a value may have `{environment}` in it.
pub(crate) fn dimensions(node: &Node, f: &mut Findings) -> Option<BTreeMap<String, Template>> {
    let want = Want { expected: "a mapping of dimension names to values", example: EXAMPLE_DIMENSIONS };
    let entries = node.entries(f, want)?;
    if entries.len() > DIMENSIONS_MAX {
        let expected = format!("at most {DIMENSIONS_MAX} dimensions");
        f.problem(&node.place, format!("{} dimensions", entries.len()), &expected, EXAMPLE_DIMENSIONS);
        return None;
    }
    let mut dimensions = BTreeMap::new();
    for entry in entries {
        if !cloudwatch_name(&entry.key) {
            let expected = "a dimension name: printable ASCII, at most 255 characters";
            f.problem(&entry.at, format!("the name `{}`", entry.key), expected, EXAMPLE_DIMENSIONS);
        }
        if let Some(value) = entry.node.text(f, WANT_VALUE, |text| Template::from_text(text, Kind::Shared)) {
            dimensions.insert(entry.key.clone(), value);
        }
    }
    Some(dimensions)
}
