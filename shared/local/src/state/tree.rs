//! A tree of values as JSON and back, exactly: times stay times, and doubles are written as text, because JSON
//! readers round the last digit of a number.

use serde_json::{Map as JsonMap, Value as Json, json};

use crate::value::{Map, Value};

const TIME: &str = "$time";
const DOUBLE: &str = "$double";

/// JSON of a tree.
pub(super) fn write(map: &Map) -> Json {
    Json::Object(map.iter().map(|(name, value)| (name.to_owned(), one(value))).collect())
}

fn one(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Integer(n) => json!(n),
        Value::Float(n) => json!({ DOUBLE: n.to_string() }),
        Value::Time(at) => json!({ TIME: at.to_string() }),
        Value::Text(text) => json!(text),
        Value::List(list) => Json::Array(list.iter().map(one).collect()),
        Value::Map(map) => write(map),
    }
}

/// A tree from its JSON.
pub(super) fn read(json: &Json) -> Option<Map> {
    let members = json.as_object()?.iter().map(|(name, value)| Some((name.clone(), value_of(value)?)));
    members.collect::<Option<Vec<_>>>().map(|all| all.into_iter().fold(Map::new(), |map, (n, v)| map.with(n, v)))
}

fn value_of(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(n) => Value::Integer(n.as_i64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(list) => Value::List(list.iter().map(value_of).collect::<Option<_>>()?),
        Json::Object(map) => match (tagged(map, TIME), tagged(map, DOUBLE)) {
            (Some(at), _) => Value::Time(at),
            (None, Some(n)) => Value::Float(n),
            (None, None) => Value::Map(read(json)?),
        },
    })
}

fn tagged(map: &JsonMap<String, Json>, tag: &str) -> Option<f64> {
    if map.len() == 1 { map.get(tag)?.as_str()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_as_it_was_written_to_the_last_bit() {
        let awkward = 0.1 + 0.2 + 1e-17;
        let inner = Map::new().with("d", awkward).with("e", 2.0).with("t", Value::Time(1_795_392_000.123_456_7));
        let map = Map::new().with("b", true).with("l", vec![inner]).with("n", -7_i64).with("s", "$time");
        let text = write(&map).to_string();
        assert_eq!(read(&serde_json::from_str(&text).unwrap()), Some(map));
    }
}
