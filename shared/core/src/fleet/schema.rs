//! What the JSON Schema of the fleet file is put together from. Each element describes itself beside its reader.
//!
//! Draft 2020-12, and only keywords that earlier drafts have too, as editors differ in what they know.

use serde_json::{Map, Value, json};

use super::node::{self, Node, Want};
use super::problem::Findings;
use super::{name, yaml};

/// A key of a mapping: its name, a sentence that editors show, and the schema of its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key(pub(crate) &'static str, pub(crate) &'static str, pub(crate) fn() -> Value);

/// The names of keys.
pub(crate) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|Key(name, ..)| *name).collect()
}

/// A mapping with these keys and no other.
pub(crate) fn mapping(keys: &[Key], required: &[&str]) -> Value {
    let mapping = properties(keys.iter().map(|Key(name, about, schema)| (*name, *about, schema())));
    if required.is_empty() { mapping } else { put(mapping, "required", json!(required)) }
}

/// A mapping with these keys and no other: name, sentence and schema of each.
pub(crate) fn properties<'k>(keys: impl Iterator<Item = (&'k str, &'k str, Value)>) -> Value {
    let described = keys.map(|(name, about, schema)| (name.to_owned(), put(schema, "description", about.into())));
    json!({ "type": "object", "properties": described.collect::<Map<_, _>>(), "additionalProperties": false })
}

/// A mapping by names that people choose.
pub(crate) fn by_name(value: &Value) -> Value {
    json!({ "type": "object", "propertyNames": name::schema(), "additionalProperties": value })
}

/// A list in which nothing stands twice.
pub(crate) fn list(items: &Value, least: usize) -> Value {
    json!({ "type": "array", "items": items, "minItems": least, "uniqueItems": true })
}

/// A text of a pattern; `want` is what the reader says about another one.
pub(crate) fn text(want: Want<'_>, pattern: &str) -> Value {
    let text = json!({ "type": "string", "pattern": pattern, "patternErrorMessage": want.expected });
    shown(text, want.example)
}

/// One of these words.
pub(crate) fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// A definition that several places share.
pub(crate) fn shared(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

/// Adds the example of an error, without the key that stands before it there.
pub(crate) fn shown(schema: Value, example: &str) -> Value {
    let read = yaml::load(example, &mut Findings::new("")).map(|node| as_json(&node));
    let value = match read {
        Some(Value::Object(keys)) => keys.into_iter().next().map(|(_, value)| value),
        Some(Value::Array(items)) => items.into_iter().next(),
        other => other,
    };
    match value {
        Some(value) => put(schema, "examples", json!([value])),
        None => schema,
    }
}

/// Adds what holds where nothing stands.
pub(crate) fn or(schema: Value, usual: Value) -> Value {
    put(schema, "default", usual)
}

/// Adds rules between the keys of a mapping.
pub(crate) fn with(schema: Value, rules: Vec<Value>) -> Value {
    put(schema, "allOf", Value::Array(rules))
}

/// Where a key is one of these words, something else holds too.
pub(crate) fn where_is(key: &str, words: &[&str], then: Value) -> Value {
    json!({ "if": { "properties": { key: { "enum": words } }, "required": [key] }, "then": then })
}

/// Where a key stands, something else holds too.
pub(crate) fn beside(key: &str, then: Value) -> Value {
    json!({ "if": { "required": [key] }, "then": then })
}

/// None of these keys.
pub(crate) fn without(keys: &[&str]) -> Value {
    let never: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), Value::Bool(false))).collect();
    json!({ "properties": never })
}

/// All of these keys.
pub(crate) fn all_of(keys: &[&str]) -> Value {
    json!({ "required": keys })
}

/// Exactly one of these keys.
pub(crate) fn one_of(keys: &[&str]) -> Value {
    json!({ "oneOf": keys.iter().map(|key| json!({ "required": [key] })).collect::<Vec<_>>() })
}

/// At least one of these keys.
pub(crate) fn some_of(keys: &[&str]) -> Value {
    json!({ "anyOf": keys.iter().map(|key| json!({ "required": [key] })).collect::<Vec<_>>() })
}

/// A value of a YAML text as JSON.
fn as_json(node: &Node) -> Value {
    match &node.value {
        node::Value::Nothing => Value::Null,
        node::Value::Bool(b) => (*b).into(),
        node::Value::Integer(n) => (*n).into(),
        node::Value::Number(n) => (*n).into(),
        node::Value::Text(text) => text.as_str().into(),
        node::Value::List(items) => items.iter().map(as_json).collect(),
        node::Value::Map(entries) => entries.iter().map(|e| (e.key.clone(), as_json(&e.node))).collect(),
    }
}

/// Sets a member of a schema.
pub(crate) fn put(mut schema: Value, key: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert(key.to_owned(), value);
    }
    schema
}
