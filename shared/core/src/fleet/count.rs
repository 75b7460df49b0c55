//! Whole numbers with bounds: tasks, changes, requests.

use serde_json::{Value as Json, json};

use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::schema;

/// Tasks of one service: the quota that AWS sets by default for tasks per service.
pub(crate) const TASKS_MAX: u32 = 5_000;
/// More is a mistake of the unit.
pub(crate) const NUMBER_MAX: u32 = 1_000_000;

/// Reads a whole number in a range; a quoted one is refused, as it would be text to other readers.
pub(crate) fn read(node: &Node, f: &mut Findings, least: u32, most: u32, example: &str) -> Option<u32> {
    if let Value::Integer(n) = node.value
        && let Ok(n) = u32::try_from(n)
        && (least..=most).contains(&n)
    {
        return Some(n);
    }
    let expected = format!("a whole number from {least} to {most}");
    node.refuse(f, Want { expected: &expected, example });
    None
}

/// What [`read`] takes.
pub(crate) fn schema(least: u32, most: u32, example: &str) -> Json {
    schema::shown(json!({ "type": "integer", "minimum": least, "maximum": most }), example)
}

/// A number of tasks, 0 included.
pub(crate) fn tasks(node: &Node, f: &mut Findings) -> Option<u32> {
    read(node, f, 0, TASKS_MAX, "2")
}

/// What [`tasks`] takes.
pub(crate) fn tasks_schema() -> Json {
    schema(0, TASKS_MAX, "2")
}

/// A number of tasks, at least one.
pub(crate) fn tasks_some(node: &Node, f: &mut Findings) -> Option<u32> {
    read(node, f, 1, TASKS_MAX, "2")
}

/// What [`tasks_some`] takes.
pub(crate) fn tasks_some_schema() -> Json {
    schema(1, TASKS_MAX, "2")
}

/// A positive number, whole or not, up to a million.
pub(crate) fn positive(node: &Node, f: &mut Findings, expected: &str, example: &str) -> Option<f64> {
    let number = match node.value {
        Value::Integer(n) => u32::try_from(n).ok().map(f64::from),
        Value::Number(n) => Some(n),
        Value::Nothing | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    };
    let number = number.filter(|n| *n > 0.0 && *n <= f64::from(NUMBER_MAX));
    if number.is_none() {
        node.refuse(f, Want { expected, example });
    }
    number
}

/// What [`positive`] takes.
pub(crate) fn positive_schema(example: &str) -> Json {
    schema::shown(json!({ "type": "number", "exclusiveMinimum": 0, "maximum": NUMBER_MAX }), example)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::node::Place;

    fn node(value: Value) -> Node {
        Node { place: Place { line: 1, column: 1, path: "p".into() }, value, quoted: false }
    }

    #[test]
    fn only_whole_numbers_in_range_count() {
        let mut f = Findings::new("f");
        assert_eq!(read(&node(Value::Integer(3)), &mut f, 1, 3, ""), Some(3));
        for bad in [Value::Integer(0), Value::Integer(4), Value::Integer(-1), Value::Number(2.0)] {
            assert_eq!(read(&node(bad), &mut f, 1, 3, ""), None);
        }
        assert_eq!(read(&node(Value::Text("2".into())), &mut f, 1, 3, ""), None);
    }

    #[test]
    fn infinity_is_no_number_of_requests() {
        let mut f = Findings::new("f");
        assert_eq!(positive(&node(Value::Integer(1_000)), &mut f, "", ""), Some(1_000.0));
        for bad in [Value::Number(f64::INFINITY), Value::Number(f64::NAN), Value::Number(0.0), Value::Nothing] {
            assert_eq!(positive(&node(bad), &mut f, "", ""), None);
        }
    }
}
