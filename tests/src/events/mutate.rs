//! Seeded damage to events: trees with parts exchanged, and bytes.

use headroom_simulator::random::Random;
use serde_json::{Map, Value, json};

use super::content::below;

/// Damages a tree in one to three places; texts of JSON are opened and damaged inside, too.
pub(super) fn tree(event: &Value, others: &[Value], random: &mut Random) -> Value {
    let mut damaged = event.clone();
    for _ in 0..=below(random, 3) {
        let depth = below(random, 8);
        damage(&mut damaged, depth, others, random);
    }
    damaged
}

/// Walks down at random and damages what is there.
fn damage(value: &mut Value, depth: usize, others: &[Value], random: &mut Random) {
    if depth > 0 {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let nth = below(random, map.len());
                if let Some(inside) = map.values_mut().nth(nth) {
                    return damage(inside, depth - 1, others, random);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                let nth = below(random, list.len());
                return damage(&mut list[nth], depth - 1, others, random);
            }
            Value::String(text) => {
                if let Ok(mut inside @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                    damage(&mut inside, depth - 1, others, random);
                    *text = inside.to_string();
                    return;
                }
            }
            Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    match value {
        Value::Object(map) => members(map, others, random),
        Value::Array(list) => match below(random, 5) {
            0 => list.clear(),
            1 => list.push(anything(others, random)),
            2 => list.reverse(),
            3 => list.truncate(1),
            _ => *value = anything(others, random),
        },
        Value::String(text) if below(random, 2) == 0 => *text = scratched(text, random),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => *value = anything(others, random),
    }
}

fn members(map: &mut Map<String, Value>, others: &[Value], random: &mut Random) {
    let nth = below(random, map.len());
    let key = map.keys().nth(nth).cloned().unwrap_or_default();
    match below(random, 5) {
        0 => {
            map.remove(&key);
        }
        1 => {
            if let Some(moved) = map.remove(&key) {
                map.insert(scratched(&key, random), moved);
            }
        }
        2 => {
            map.insert(key, anything(others, random));
        }
        3 => {
            let other = below(random, map.len());
            if let Some(copied) = map.values().nth(other).cloned() {
                map.insert(key, copied);
            }
        }
        _ => map.clear(),
    }
}

/// A value of any type, or a part of another event.
fn anything(others: &[Value], random: &mut Random) -> Value {
    let long = "x".repeat(1 + below(random, 5_000));
    match below(random, 16) {
        0 => json!(null),
        1 => json!(random.next().is_multiple_of(2)),
        2 => json!(random.next() as i64),
        3 => json!(random.next()),
        4 => json!(f64::from_bits(random.next() >> 2)),
        5 => json!(-1),
        6 => json!(""),
        7 => json!(long),
        8 => json!("ALARM"),
        9 => json!("2026-11-23T02:00:31.118+0000"),
        10 => json!("\u{0}\u{feff}é\u{1f525}\n"),
        11 => json!([]),
        12 => json!({}),
        13 => (0..below(random, 40)).fold(json!(1), |inside, _| json!({ "deeper": [inside] })),
        _ => part(&others[below(random, others.len())], random),
    }
}

fn part(event: &Value, random: &mut Random) -> Value {
    let mut value = event;
    for _ in 0..=below(random, 4) {
        let inside = match value {
            Value::Object(map) => map.values().nth(below(random, map.len())),
            Value::Array(list) => list.get(below(random, list.len())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        value = inside.unwrap_or(value);
    }
    value.clone()
}

/// A text with a character taken out, put in, changed, or all in another case.
pub(super) fn scratched(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = below(random, chars.len());
    let odd = [' ', '-', '0', '9', 'A', 'z', '\u{0}', 'é', '"', '\\'][below(random, 10)];
    match below(random, 6) {
        0 if !chars.is_empty() => {
            chars.remove(at);
        }
        1 => chars.insert(at.min(chars.len()), odd),
        2 if !chars.is_empty() => chars[at] = odd,
        3 => return text.to_lowercase(),
        4 => chars.truncate(at),
        _ => chars.push(odd),
    }
    chars.into_iter().collect()
}

/// Damages bytes: flips, cuts, repeats, and joins with another event.
pub(super) fn bytes(text: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=below(random, 4) {
        let at = below(random, bytes.len());
        let length = below(random, 40).min(bytes.len() - at);
        match below(random, 6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << below(random, 8),
            1 => drop(bytes.drain(at..at + length)),
            2 => bytes.insert(at, (random.next() & 0xff) as u8),
            3 => {
                let repeated = bytes[at..at + length].to_vec();
                bytes.splice(at..at, repeated);
            }
            4 => bytes.truncate(at),
            _ => {
                let from = below(random, other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes
}
