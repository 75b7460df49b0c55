//! EventBridge's patterns, as its user guide describes them ("Content filtering in Amazon EventBridge event
//! patterns"); the same question goes to the local stack's `TestEventPattern` end to end.

use serde_json::{Map, Value, json};

/// Whether an event matches a pattern.
///
/// # Panics
/// At an operator that this matcher does not know: a pattern must not pass because nobody looked.
pub(super) fn matches(pattern: &Value, event: &Value) -> bool {
    let pattern = pattern.as_object().expect("a pattern is an object");
    pattern.iter().all(|(key, wanted)| match wanted {
        Value::Array(choices) if key == "$or" => choices.iter().any(|choice| matches(choice, event)),
        // Of a list of objects one has it all.
        Value::Object(_) if event.get(key).is_some_and(Value::is_array) => {
            let list = event.get(key).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|inside| inside.is_object() && matches(wanted, inside)))
        }
        Value::Object(_) => event.get(key).is_some_and(|inside| inside.is_object() && matches(wanted, inside)),
        Value::Array(any) => one_of(any, event.get(key)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            panic!("{key}: {other} is neither a list nor an object")
        }
    })
}

fn one_of(any: &[Value], found: Option<&Value>) -> bool {
    let leaves: Vec<&Value> = match found {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().filter(|leaf| !leaf.is_object() && !leaf.is_array()).collect(),
        // `exists` and all others look at leaves only.
        Some(Value::Object(_)) => Vec::new(),
        Some(leaf) => vec![leaf],
    };
    any.iter().any(|wanted| match wanted {
        Value::Object(operator) => operate(operator, &leaves),
        exact @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => leaves.contains(&exact),
        Value::Array(_) => panic!("a list inside a list of a pattern"),
    })
}

fn operate(operator: &Map<String, Value>, leaves: &[&Value]) -> bool {
    let (name, operand) = operator.iter().next().expect("an operator");
    assert_eq!(operator.len(), 1, "one operator at a time: {operator:?}");
    let text = |test: &dyn Fn(&str) -> bool| leaves.iter().any(|leaf| leaf.as_str().is_some_and(test));
    let word = || operand.as_str().expect("a text");
    match name.as_str() {
        "exists" => leaves.is_empty() != operand.as_bool().expect("true or false"),
        "prefix" => text(&|leaf| leaf.starts_with(word())),
        "suffix" => text(&|leaf| leaf.ends_with(word())),
        "equals-ignore-case" => text(&|leaf| leaf.eq_ignore_ascii_case(word())),
        "anything-but" => match operand {
            Value::Array(list) => leaves.iter().any(|leaf| !list.contains(leaf)),
            Value::Object(inner) => leaves.iter().any(|leaf| !operate(inner, &[leaf])),
            one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                leaves.iter().any(|leaf| *leaf != one)
            }
        },
        other => panic!("{other}: an operator that this matcher does not know"),
    }
}

#[test]
fn the_matcher_answers_as_the_user_guide_says() {
    let event = json!({ "a": "alarm-high", "n": 1, "t": true, "list": ["x", "y"], "deep": { "b": null },
        "objects": [{ "c": "one", "d": 1 }, { "c": "two" }] });
    for (pattern, answer) in [
        (json!({ "a": ["alarm-high"] }), true),
        (json!({ "a": ["other"] }), false),
        (json!({ "a": ["other", "alarm-high"] }), true),
        (json!({ "a": ["alarm-high"], "n": [2] }), false),
        (json!({ "a": [{ "prefix": "alarm" }] }), true),
        (json!({ "a": [{ "prefix": "high" }] }), false),
        (json!({ "a": [{ "suffix": "high" }] }), true),
        (json!({ "a": [{ "equals-ignore-case": "ALARM-HIGH" }] }), true),
        (json!({ "a": [{ "anything-but": { "prefix": "alarm" } }] }), false),
        (json!({ "a": [{ "anything-but": ["other"] }] }), true),
        (json!({ "a": [{ "anything-but": "alarm-high" }] }), false),
        (json!({ "missing": [{ "anything-but": ["other"] }] }), false),
        (json!({ "missing": [{ "exists": false }] }), true),
        (json!({ "a": [{ "exists": false }] }), false),
        (json!({ "deep": { "b": [{ "exists": true }] } }), true),
        (json!({ "deep": { "b": [null] } }), true),
        (json!({ "list": ["y"] }), true),
        (json!({ "list": ["z"] }), false),
        (json!({ "t": [true] }), true),
        (json!({ "t": ["true"] }), false),
        (json!({ "deep": ["x"] }), false),
        (json!({ "a": { "b": ["x"] } }), false),
        (json!({ "objects": { "c": ["two"] } }), true),
        (json!({ "objects": { "c": ["two"], "d": [1] } }), false),
        (json!({ "$or": [{ "n": [2] }, { "t": [true] }] }), true),
        (json!({ "$or": [{ "n": [2] }, { "t": [false] }] }), false),
        (json!({ "a": ["other"], "$or": [{ "n": [1] }, { "t": [true] }] }), false),
        (json!({}), true),
    ] {
        assert_eq!(matches(&pattern, &event), answer, "{pattern}");
    }
}
