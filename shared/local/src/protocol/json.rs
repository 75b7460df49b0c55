//! awsJson 1.0 and 1.1 (Smithy, "AWS JSON 1.0 protocol", "AWS JSON 1.1 protocol").

use serde_json::{Value as Json, json};

use super::select::{Protocol, Rendered};
use crate::failure::Failure;
use crate::value::{Map, Value};

/// Reads a body; an empty one is an empty structure.
pub(super) fn decode(body: &[u8]) -> Result<Map, Failure> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    // serde_json refuses more than 128 levels by itself.
    let json: Json = serde_json::from_slice(body).map_err(|e| Failure::malformed(format!("body: {e}")))?;
    let Value::Map(map) = from_json(json) else { return Err(Failure::malformed("body: expected a structure")) };
    Ok(map)
}

/// A tree from JSON.
pub(crate) fn from_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Integer),
        Json::String(text) => Value::Text(text),
        Json::Array(list) => Value::List(list.into_iter().map(from_json).collect()),
        Json::Object(map) => Value::Map(Map::of_unique(map.into_iter().map(|(name, value)| (name, from_json(value))))),
    }
}

/// JSON of a tree; times are epoch seconds.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Integer(n) => json!(n),
        Value::Time(at) if at.fract() == 0.0 => json!(*at as i64),
        Value::Float(n) | Value::Time(n) => json!(n),
        Value::Text(text) => json!(text),
        Value::List(list) => Json::Array(list.iter().map(to_json).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(name, value)| (name.to_owned(), to_json(value))).collect()),
    }
}

fn content_type(protocol: Protocol) -> (&'static str, String) {
    let version = if protocol == Protocol::Json10 { "1.0" } else { "1.1" };
    ("content-type", format!("application/x-amz-json-{version}"))
}

/// A good answer.
pub(super) fn output(protocol: Protocol, output: &Value) -> Rendered {
    let body = if *output == Value::Null { Vec::new() } else { to_json(output).to_string().into_bytes() };
    Rendered { status: 200, headers: vec![content_type(protocol)], body }
}

/// A failure; its name stands in the body and in a header.
pub(super) fn failure(protocol: Protocol, failure: &Failure) -> Rendered {
    let body = json!({ "__type": failure.shape, "message": failure.message });
    let headers = vec![content_type(protocol), ("x-amzn-errortype", failure.shape.to_owned())];
    Rendered { status: failure.status, headers, body: body.to_string().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_stay_doubles_times_are_epoch_seconds_and_an_answer_without_output_is_empty() {
        let map = Map::new().with("d", 2.0).with("i", 2_i64).with("t", Value::Time(10.0)).with("m", Value::Time(10.5));
        let rendered = output(Protocol::Json11, &map.into());
        assert_eq!(String::from_utf8(rendered.body).unwrap(), r#"{"d":2.0,"i":2,"m":10.5,"t":10}"#);
        assert_eq!(rendered.headers, [("content-type", "application/x-amz-json-1.1".to_owned())]);
        assert!(output(Protocol::Json10, &Value::Null).body.is_empty());
    }

    #[test]
    fn a_failure_names_its_shape_in_body_and_header() {
        let rendered = failure(Protocol::Json11, &Failure::sender("ClusterNotFoundException", "Cluster not found."));
        assert_eq!(rendered.status, 400);
        assert!(rendered.headers.contains(&("x-amzn-errortype", "ClusterNotFoundException".to_owned())));
        let body: Json = serde_json::from_slice(&rendered.body).unwrap();
        assert_eq!(body, json!({"__type": "ClusterNotFoundException", "message": "Cluster not found."}));
    }

    #[test]
    fn what_is_not_a_structure_is_malformed() {
        for bad in [&b"[]"[..], b"7", b"{\"a\":", b"\xFF\xFE", "[".repeat(100_000).as_bytes()] {
            assert_eq!(decode(bad).unwrap_err().shape, "SerializationException");
        }
    }
}
