//! How large a payload may be. AWS delivers nothing larger; what is larger was made by somebody else and is
//! refused before it costs time or memory.

use serde_json::Value;

use super::refused::{NotASignal, quoted};

/// The largest payload of a synchronous invocation (Lambda quotas: 6 MB).
pub const PAYLOAD_BYTES_MAX: usize = 6 * 1_048_576;
/// Levels of lists and objects. The deepest real event has 10; the parser itself stops at 128.
const LEVELS_MAX: usize = 32;
/// Windows programs write it at the beginning of a file; AWS never does.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether a payload is of a size that AWS delivers. Its own stack, so that depth costs no call frames.
pub(super) fn check(payload: &Value) -> Result<(), NotASignal> {
    let mut bytes = 0;
    let mut open = vec![(payload, 1)];
    while let Some((value, level)) = open.pop() {
        if level > LEVELS_MAX {
            return Err(NotASignal::TooLarge { found: level, unit: "levels", max: LEVELS_MAX });
        }
        bytes += match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 4,
            Value::String(text) => text.len() + 2,
            Value::Array(list) => {
                open.extend(list.iter().map(|item| (item, level + 1)));
                2 + list.len()
            }
            Value::Object(map) => {
                open.extend(map.values().map(|item| (item, level + 1)));
                2 + map.keys().map(|key| key.len() + 4).sum::<usize>()
            }
        };
        if bytes > PAYLOAD_BYTES_MAX {
            return Err(NotASignal::TooLarge { found: bytes, unit: "bytes", max: PAYLOAD_BYTES_MAX });
        }
    }
    Ok(())
}

/// Parses a text that stood at `place`.
pub(super) fn parse(place: &'static str, text: &str) -> Result<Value, NotASignal> {
    if text.len() > PAYLOAD_BYTES_MAX {
        return Err(NotASignal::TooLarge { found: text.len(), unit: "bytes", max: PAYLOAD_BYTES_MAX });
    }
    if text.starts_with(BYTE_ORDER_MARK) {
        let why = "it begins with a byte order mark, which AWS never sends".to_owned();
        return Err(NotASignal::NotJson { place, why });
    }
    let value =
        serde_json::from_str(text).map_err(|error| NotASignal::NotJson { place, why: quoted(&error.to_string()) })?;
    check(&value)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (1..levels).fold(json!(1), |inside, _| json!({ "a": inside }))
    }

    #[test]
    fn levels_are_counted_and_limited() {
        assert_eq!(check(&nested(LEVELS_MAX)), Ok(()));
        let deep = NotASignal::TooLarge { found: LEVELS_MAX + 1, unit: "levels", max: LEVELS_MAX };
        assert_eq!(check(&nested(LEVELS_MAX + 1)), Err(deep));
    }

    #[test]
    fn what_lambda_could_not_deliver_is_refused() {
        let huge = "x".repeat(PAYLOAD_BYTES_MAX);
        assert!(matches!(check(&json!({ "a": huge })), Err(NotASignal::TooLarge { unit: "bytes", .. })));
        assert!(matches!(
            parse("body", &" ".repeat(PAYLOAD_BYTES_MAX + 1)),
            Err(NotASignal::TooLarge { unit: "bytes", .. })
        ));
    }

    #[test]
    fn a_text_that_is_no_json_is_refused_with_its_place() {
        for (text, why) in [
            ("Hello", "body is not json: expected value at line 1 column 1"),
            ("{\"a\":1", "body is not json: EOF while parsing an object at line 1 column 6"),
            ("\u{feff}{}", "body is not json: it begins with a byte order mark, which AWS never sends"),
            ("", "body is not json: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(parse("body", text).unwrap_err().to_string(), why);
        }
        let deep = "[".repeat(100_000);
        assert!(matches!(parse("body", &deep), Err(NotASignal::NotJson { .. })));
    }
}
