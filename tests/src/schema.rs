//! The JSON Schema against the reader: at every place both know the same keys, ask for the same and list the same words.

use std::collections::BTreeSet;

use headroom_core::fleet;
use serde_json::{Map, Value, json};

/// A step from the top of the file to a place in it.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    /// A name that people choose.
    Name,
    Item,
}

/// Every schema that stands at a place of the file, definitions followed.
fn places(schema: &Value, root: &Value, path: &[Step], found: &mut Vec<(Vec<Step>, Value)>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        let target = &root["$defs"][name];
        assert!(target.is_object(), "no definition {name}");
        return places(target, root, path, found);
    }
    found.push((path.to_vec(), schema.clone()));
    let next = |step: Step| [path, &[step]].concat();
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        places(property, root, &next(Step::Key(key.clone())), found);
    }
    if schema["additionalProperties"].is_object() {
        places(&schema["additionalProperties"], root, &next(Step::Name), found);
    }
    if schema["items"].is_object() {
        places(&schema["items"], root, &next(Step::Item), found);
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten().filter(|choice| choice["required"].is_null()) {
        places(choice, root, path, found);
    }
}

fn all_places() -> Vec<(Vec<Step>, Value)> {
    let schema = fleet::json_schema();
    let mut found = Vec::new();
    places(&schema, &schema, &[], &mut found);
    assert!(found.len() > 200, "{} places", found.len());
    found
}

/// The name that stands for those that people choose: one of an environment, so that `in` has it.
const NAME: &str = "here";

/// A file with this value at a place, and the place as problems name it.
fn file(path: &[Step], value: Value) -> (String, String) {
    let mut whole = value;
    for step in path.iter().rev() {
        whole = match step {
            Step::Key(key) => json!({ key: whole }),
            Step::Name => json!({ NAME: whole }),
            Step::Item => json!([whole]),
        };
    }
    let top = whole.as_object_mut().expect("the file is a mapping");
    if !top.contains_key("environments") {
        top.insert("environments".into(), json!([{ "name": NAME, "account": "111111111111", "region": "eu-west-1" }]));
    }
    let mut at = String::new();
    for step in path {
        match step {
            Step::Key(key) => at += &format!(".{key}"),
            Step::Name => at += &format!(".{NAME}"),
            Step::Item => at += "[0]",
        }
    }
    // JSON is YAML.
    (whole.to_string(), at.trim_start_matches('.').to_owned())
}

/// The words in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys(properties: Option<&Map<String, Value>>) -> BTreeSet<String> {
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}

#[test]
fn every_mapping_takes_the_keys_that_the_reader_takes_and_needs_those_that_it_needs() {
    let mut seen = 0;
    for (path, schema) in all_places() {
        if schema["type"] != "object" {
            continue;
        }
        let closed = schema["additionalProperties"] == false;
        assert!(closed || schema["additionalProperties"].is_object(), "{path:?} takes anything");
        let properties = keys(schema["properties"].as_object());
        if !closed && properties.is_empty() {
            continue;
        }
        let unknown = "no_such_key";
        let (text, at) = file(&path, json!({ unknown: {} }));
        let problems = fleet::parse(&text, "f").expect_err(&text);
        let child = if at.is_empty() { unknown.to_owned() } else { format!("{at}.{unknown}") };
        let refused = problems.iter().find(|p| p.path == child && p.found.starts_with("unknown key"));
        let refused = refused.unwrap_or_else(|| panic!("{child} is not refused in {text}: {problems:?}"));
        assert_eq!(quoted(&refused.expected), properties, "{at}");
        let lacking = problems.iter().filter(|p| p.path == at && p.expected.starts_with("the key "));
        let lacking: BTreeSet<String> = lacking.flat_map(|p| quoted(&p.expected)).collect();
        let required = schema["required"].as_array().into_iter().flatten();
        // The helper puts environments there.
        let required = required.filter_map(Value::as_str).filter(|key| !(at.is_empty() && *key == "environments"));
        assert_eq!(lacking, required.map(str::to_owned).collect(), "{at}: {problems:?}");
        seen += 1;
    }
    assert!(seen >= 40, "{seen} mappings");
}

#[test]
fn every_closed_list_of_words_is_the_readers() {
    let mut seen = 0;
    for (path, schema) in all_places() {
        let Some(words) = schema["enum"].as_array() else { continue };
        let words: BTreeSet<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let (mut before, last) = (path.clone(), path.last().expect("no word stands alone"));
        before.pop();
        // The reader looks at `size` beside this action only.
        let beside = |key: &str| if key == "size" { json!({ "do": "scale-out" }) } else { json!({}) };
        let (text, at) = match last {
            Step::Key(key) => {
                let mut mapping = beside(key);
                mapping[key] = "nosuchword".into();
                let (text, at) = file(&before, mapping);
                (text, format!("{at}.{key}").trim_start_matches('.').to_owned())
            }
            Step::Name | Step::Item => file(&path, json!("nosuchword")),
        };
        let problems = fleet::parse(&text, "f").expect_err(&text);
        let refused = problems.iter().find(|p| p.path == at && p.found == "`nosuchword`");
        let refused = refused.unwrap_or_else(|| panic!("{at} is not refused in {text}: {problems:?}"));
        assert_eq!(quoted(&refused.expected), words, "{at}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen} lists");
}

#[test]
fn every_key_has_a_sentence_for_editors() {
    fn check(schema: &Value, at: &str) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            // Forbidden beside another key.
            if property.is_boolean() {
                continue;
            }
            let rule = at.contains("allOf");
            let about = property["description"].as_str().unwrap_or_default();
            assert!(rule || (about.ends_with('.') && about.len() <= 120), "{at}.{key}: {about:?}");
        }
        match schema {
            Value::Object(members) => members.iter().for_each(|(key, value)| check(value, &format!("{at}.{key}"))),
            Value::Array(items) => items.iter().for_each(|value| check(value, at)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    check(&fleet::json_schema(), "");
}
