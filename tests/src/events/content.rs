//! Only content counts: the order of keys, white space and members that nobody knows change no word of the line.

use std::fmt::Write as _;

use headroom_core::decoded::tell;
use headroom_core::fleet::Fleet;
use headroom_core::signal::receive_bytes;
use headroom_simulator::random::Random;
use serde_json::{Value, json};

use super::fixtures::{all, langfuse};
use super::real;

const SEED: u64 = 20_261_123;
/// Spellings of each event.
const SPELLINGS: u64 = 20;

#[test]
fn another_order_of_keys_and_unknown_members_at_every_level_change_no_line() {
    let fleet = langfuse();
    let events: Vec<(String, Value)> = all()
        .into_iter()
        .map(|f| (f.name, f.event))
        .chain(real::events().into_iter().map(|e| (e.name, e.event)))
        .collect();
    for (n, (name, event)) in events.iter().enumerate() {
        let said = lines(event.to_string().as_bytes(), &fleet);
        for spelling in 0..SPELLINGS {
            let mut random = Random::new(SEED, n as u64 * SPELLINGS + spelling);
            let other = spelt(event, &mut random);
            assert_eq!(said, lines(other.as_bytes(), &fleet), "{name}: {other}");
        }
    }
}

#[test]
fn the_spellings_really_differ() {
    let event = json!({ "a": 1, "b": { "c": [{ "d": "{\"e\":1,\"f\":2}" }], "g": 2 } });
    let mut random = Random::new(SEED, 0);
    let other = spelt(&event, &mut random);
    let read: Value = serde_json::from_str(&other).unwrap();
    assert!(read.get("a") == Some(&json!(1)) && read.as_object().unwrap().len() > 2, "{other}");
    let inside: Value = serde_json::from_str(read["b"]["c"][0]["d"].as_str().unwrap()).unwrap();
    assert!(inside.as_object().unwrap().len() > 2, "a text of json is spelt anew as well: {other}");
    let orders: std::collections::BTreeSet<bool> = (0..20)
        .map(|n| {
            let other = spelt(&event, &mut Random::new(SEED, n));
            other.find("\"a\"") < other.find("\"b\"")
        })
        .collect();
    assert_eq!(orders.len(), 2, "keys are really shuffled");
}

fn lines(bytes: &[u8], fleet: &Fleet) -> Vec<String> {
    receive_bytes(bytes).iter().flat_map(|r| [tell(r, None).to_string(), tell(r, Some(fleet)).to_string()]).collect()
}

/// The same content in another spelling.
fn spelt(value: &Value, random: &mut Random) -> String {
    let mut out = String::new();
    write(value, random, &mut out);
    out
}

fn write(value: &Value, random: &mut Random, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(String, &Value)> = map.iter().map(|(k, v)| (k.clone(), v)).collect();
            let unknown =
                [json!(null), json!(true), json!(-7.5e3), json!("x"), json!([{ "y": 1 }]), json!({ "z": "é" })];
            members.push((format!("unknown-{}", random.next()), &unknown[below(random, unknown.len())]));
            // Fisher and Yates.
            for i in (1..members.len()).rev() {
                members.swap(i, below(random, i + 1));
            }
            out.push('{');
            for (i, (key, member)) in members.iter().enumerate() {
                let _ = write!(out, "{}{}{}:", if i == 0 { "" } else { "," }, space(random), json!(key));
                write(member, random, out);
            }
            let _ = write!(out, "{}}}", space(random));
        }
        Value::Array(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                let _ = write!(out, "{}{}", if i == 0 { "" } else { "," }, space(random));
                write(item, random, out);
            }
            out.push(']');
        }
        // A text of JSON, such as the message of a notification, is content as well.
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inside @ Value::Object(_)) => {
                let _ = write!(out, "{}", json!(spelt(&inside, random)));
            }
            Ok(_) | Err(_) => {
                let _ = write!(out, "{value}");
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

fn space(random: &mut Random) -> &'static str {
    ["", " ", "\n\t", "\r\n  "][below(random, 4)]
}

/// A number below `bound`.
pub(super) fn below(random: &mut Random, bound: usize) -> usize {
    (random.next() % bound.max(1) as u64) as usize
}
