//! What `headroom decode --fleet` says of each fixture: one golden text a folder, the readable table of sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use headroom_core::decoded::tell;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::signal::{SOURCES, Signal, receive};

use super::fixtures::{all, langfuse, slug};
use crate::golden;

#[test]
fn every_fixture_is_told_as_its_golden_line_says() {
    let fleet = langfuse();
    let mut folders: BTreeMap<String, String> = BTreeMap::new();
    for fixture in all() {
        let text = folders.entry(fixture.folder().to_owned()).or_default();
        for received in receive(&fixture.event) {
            let _ = writeln!(text, "{}  {}", fixture.name, tell(&received, Some(&fleet)));
        }
    }
    for (folder, text) in folders {
        golden::compare(&format!("fixtures/events/{folder}.txt"), &text);
    }
}

#[test]
fn every_source_has_fixtures_that_are_decoded_and_refused_ones_are_none() {
    let fixtures = all();
    for source in SOURCES {
        let folder = slug(source.name);
        let mut own = fixtures.iter().filter(|f| f.folder() == folder).peekable();
        assert!(own.peek().is_some(), "no fixture in {folder}");
        for fixture in own.filter(|f| !f.malformed()) {
            let decoded = receive(&fixture.event).iter().all(|r| r.signal.is_ok());
            assert!(decoded, "{}: {:?}", fixture.name, receive(&fixture.event));
        }
    }
    for fixture in fixtures.iter().filter(|f| f.folder() == "refused" || f.malformed()) {
        assert!(receive(&fixture.event).iter().all(|r| r.signal.is_err()), "{}", fixture.name);
    }
}

#[test]
fn what_is_doubtful_is_read_and_matched_to_nothing() {
    let fleet = langfuse();
    let mut doubtful = 0;
    for fixture in all().iter().filter(|f| f.name.contains("/doubtful/")) {
        for received in receive(&fixture.event) {
            let told = tell(&received, Some(&fleet));
            let case = told.case.as_ref().and_then(|case| case.decision.as_ref());
            assert!(told.signal.is_some() && case.is_none(), "{}: {told}", fixture.name);
            assert!(told.matched.as_deref().is_some_and(|m| m.contains("doubtful")), "{}: {told}", fixture.name);
            doubtful += 1;
        }
    }
    assert!(doubtful >= 5);
}

#[test]
fn one_event_by_several_channels_is_one_case() {
    let fleet = langfuse();
    let keys = |names: &[&str]| -> Vec<String> {
        let fixtures = all();
        let keys = names.iter().map(|name| {
            let fixture = fixtures.iter().find(|f| f.name == *name).unwrap_or_else(|| panic!("no {name}"));
            let decoded = tell(&receive(&fixture.event)[0], Some(&fleet));
            decoded.case.unwrap_or_else(|| panic!("{name}: {}", decoded.facts)).key
        });
        keys.collect()
    };
    let out_of_memory = keys(&[
        "ecs_task/not_selected/out_of_memory.json",
        "dead_letter/lambda_destination_in_a_queue.json",
        "dead_letter/eventbridge_rule.json",
    ]);
    let alarm = keys(&[
        "alarm/metric.json",
        "alarm_action/metric.json",
        "alarm_notification/lambda_record.json",
        "alarm_notification/raw.json",
        "alarm_notification/in_a_queue.json",
        "alarm_notification/http.json",
    ]);
    assert!(alarm.iter().all(|key| *key == alarm[0]), "{alarm:?}");
    assert_ne!(keys(&["alarm/metric_ok.json"])[0], alarm[0]);
    assert!(out_of_memory.iter().all(|key| *key == out_of_memory[0]), "{out_of_memory:?}");
    assert_ne!(keys(&["ecs_task/not_selected/scaled_in.json"])[0], out_of_memory[0]);
}

#[test]
fn the_case_that_is_told_is_the_one_that_the_journal_gets() {
    let fleet = langfuse();
    let mut compared = 0;
    for fixture in all() {
        for received in receive(&fixture.event) {
            let Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) = &received.signal else { continue };
            let Ok(matched) = headroom_core::decide::match_alarm(&fleet, alarm) else { continue };
            let service = ServiceId::of(matched.service);
            let key = CaseKey::of_alarm(alarm, &service, &matched.remedy.name);
            let told = tell(&received, Some(&fleet)).case.map(|case| case.key);
            assert_eq!(told, Some(key.0), "{}", fixture.name);
            compared += 1;
        }
    }
    assert!(compared > 0);
}
