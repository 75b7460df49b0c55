//! A hundred thousand damaged events: none panics, each is told in one line, and none that differs from an alarm in
//! its source, detail-type, account or state acts as that alarm.

use headroom_core::decide::match_alarm;
use headroom_core::fleet::Fleet;
use headroom_core::signal::{Received, Signal, belongs, receive, receive_bytes};
use headroom_simulator::random::Random;
use serde_json::{Value, json};

use super::content::below;
use super::fixtures::{Fixture, all, langfuse};
use super::mutate;
use crate::{fuzz, golden};

const SEED: u64 = 20_261_123;
/// Damaged trees; CI's share, a few seconds.
const TREES: u64 = 70_000;
/// Damaged bytes.
const BYTES: u64 = 30_000;
/// Values put at each place that says who sent what.
const PER_PLACE: u64 = 400;

/// Whether it would be acted on: an alarm or a contributor that begins to fire, of this fleet, with a remedy.
fn actionable(received: &[Received], fleet: &Fleet) -> bool {
    received.iter().any(|record| match &record.signal {
        Ok(signal @ (Signal::Alarm(alarm) | Signal::Contributor(alarm))) => {
            let begins = alarm.firing() && alarm.is_edge();
            begins && belongs(signal, record.again.as_ref(), fleet).is_ok() && match_alarm(fleet, alarm).is_ok()
        }
        Ok(_) | Err(_) => false,
    })
}

/// The values that say who sent what, with their places: a place inside a text of JSON is its own path.
fn guarded(event: &Value) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    collect(event, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, inside) in map {
                let in_state = path.last().is_some_and(|parent| parent == "state");
                path.push(key.clone());
                let says = ["source", "detail-type", "account", "accountId", "AWSAccountId", "NewStateValue"];
                if says.contains(&key.as_str()) || (key == "value" && in_state) {
                    found.push((path.clone(), inside.clone()));
                } else {
                    collect(inside, path, found);
                }
                path.pop();
            }
        }
        Value::Array(list) => {
            for (n, inside) in list.iter().enumerate() {
                path.push(n.to_string());
                collect(inside, path, found);
                path.pop();
            }
        }
        Value::String(text) => {
            if let Ok(inside @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                collect(&inside, path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a value that says who sent what is found nowhere any more: moved as it was, it still says the same.
fn says_something_else(before: &[(Vec<String>, Value)], damaged: &Value) -> bool {
    let after = guarded(damaged);
    let kept = |path: &[String], value: &Value| after.iter().any(|(p, v)| p.last() == path.last() && v == value);
    before.iter().any(|(path, value)| !kept(path, value))
}

/// Puts a value at a place; `None` takes it away.
fn put(value: &mut Value, path: &[String], new: Option<&Value>) {
    let (first, rest) = path.split_first().expect("a path");
    match value {
        Value::Object(map) if rest.is_empty() => match new {
            Some(new) => drop(map.insert(first.clone(), new.clone())),
            None => drop(map.remove(first)),
        },
        Value::Object(map) => put(map.get_mut(first).expect("on the path"), rest, new),
        Value::Array(list) => put(&mut list[first.parse::<usize>().expect("an index")], rest, new),
        Value::String(text) => {
            let mut inside = serde_json::from_str(text).expect("a text of json");
            put(&mut inside, path, new);
            *text = inside.to_string();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("no such place: {path:?}"),
    }
}

/// An event that acts, and is the only one of its payload: damage to one record leaves the others as they are.
fn acts_alone(event: &Value, fleet: &Fleet) -> bool {
    let received = receive(event);
    received.len() == 1 && actionable(&received, fleet)
}

fn actionable_fixtures(fleet: &Fleet) -> Vec<Fixture> {
    let fixtures: Vec<Fixture> = all().into_iter().filter(|f| acts_alone(&f.event, fleet)).collect();
    let channels = ["detail-type", "alarmData", "NewStateValue"];
    for channel in channels {
        assert!(fixtures.iter().any(|f| f.text.contains(channel)), "no actionable fixture with {channel}");
    }
    fixtures
}

#[test]
fn nothing_made_of_an_event_by_damage_panics_or_acts_as_another() {
    let (fleet, fixtures) = (langfuse(), all());
    let events: Vec<Value> = fixtures.iter().map(|f| f.event.clone()).collect();
    let before: Vec<Vec<(Vec<String>, Value)>> = events.iter().map(guarded).collect();
    let acting: Vec<usize> = (0..events.len()).filter(|n| acts_alone(&events[*n], &fleet)).collect();
    // Parts that are put into an event are of events that do not act: otherwise it could become another that does.
    let quiet: Vec<Value> = events.iter().filter(|event| !actionable(&receive(event), &fleet)).cloned().collect();
    let mut random = Random::new(SEED, 0);
    let (mut decoded, mut told_apart) = (0_u64, 0_u64);
    for n in 0..TREES {
        // Every second one is made of an event that would act, for those have something to lose.
        let nth = match n.is_multiple_of(2) {
            true => acting[below(&mut random, acting.len())],
            false => below(&mut random, events.len()),
        };
        let damaged = mutate::tree(&events[nth], &quiet, &mut random);
        let received = receive(&damaged);
        fuzz::hold(&received);
        decoded += u64::from(received.iter().any(|r| r.signal.is_ok()));
        if acting.contains(&nth) && says_something_else(&before[nth], &damaged) {
            told_apart += 1;
            assert!(!actionable(&received, &fleet), "{} acts as {damaged}", fixtures[nth].name);
        }
    }
    for _ in 0..BYTES {
        let (one, other) = (below(&mut random, fixtures.len()), below(&mut random, fixtures.len()));
        let damaged = mutate::bytes(fixtures[one].text.as_bytes(), fixtures[other].text.as_bytes(), &mut random);
        let received = receive_bytes(&damaged);
        fuzz::hold(&received);
        decoded += u64::from(received.iter().any(|r| r.signal.is_ok()));
    }
    let all = TREES + BYTES;
    golden::say(&format!(
        "{all} damaged events, seed {SEED}: {decoded} still decode; of {told_apart} made of an actionable \
         alarm with another source, detail-type, account or state none acts"
    ));
    assert!(decoded > all / 10 && decoded < all * 9 / 10, "the damage is neither nothing nor everything");
    assert!(told_apart > TREES / 20);
}

#[test]
fn another_source_detail_type_account_or_state_never_acts() {
    let fleet = langfuse();
    let mut random = Random::new(SEED, 1);
    let (mut tried, mut places) = (0_u64, 0_u64);
    for fixture in actionable_fixtures(&fleet) {
        for (path, value) in guarded(&fixture.event) {
            places += 1;
            for new in instead(&value, &mut random) {
                let mut changed = fixture.event.clone();
                put(&mut changed, &path, new.as_ref());
                let received = receive(&changed);
                assert!(!actionable(&received, &fleet), "{}: {path:?} is {new:?}", fixture.name);
                tried += 1;
            }
        }
    }
    golden::say(&format!("{tried} other values at the {places} places that say who sent what, seed {SEED}: none acts"));
    assert!(places >= 10 && tried >= 1_000);
}

/// Everything plausible, then scratches of the value itself; never the value.
fn instead(value: &Value, random: &mut Random) -> Vec<Option<Value>> {
    let plausible = [
        "",
        "aws.cloudwatch",
        "aws.ecs",
        "aws.cloudwatch ",
        "AWS.CloudWatch",
        "test",
        "aws.events",
        "headroom.schedule",
        "CloudWatch Alarm State Change",
        "CloudWatch Alarm Contributor State Change",
        "ECS Service Action",
        "CloudWatch Alarm Configuration Change",
        "Scheduled Event",
        "Headroom Minute",
        "cloudwatch alarm state change",
        "111111111111",
        "222222222222",
        "333333333333",
        "444444444444",
        "999999999999",
        "22222222222",
        "2222222222222",
        "OK",
        "INSUFFICIENT_DATA",
        "ALARM",
        "alarm",
        "Alarm",
        "ALARM ",
        "IN_ALARM",
        "null",
        "true",
    ];
    let mut values: Vec<Option<Value>> = plausible.into_iter().map(|text| Some(json!(text))).collect();
    values.extend([None, Some(json!(null)), Some(json!(true)), Some(json!(222_222_222_222_u64)), Some(json!([value]))]);
    values.push(Some(json!({ "value": value })));
    if let Value::String(text) = value {
        values.extend((0..PER_PLACE).map(|_| Some(json!(mutate::scratched(text, random)))));
    }
    values.retain(|new| new.as_ref() != Some(value));
    values
}
