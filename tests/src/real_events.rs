//! Events that nobody here wrote, when a folder of them lies beside the clone; elsewhere nothing is missing.

use std::path::{Path, PathBuf};

use headroom_core::signal::{NotASignal, Signal, decode};
use serde_json::Value;

fn beside() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/events")
}

fn events(kind: &str) -> Vec<(String, Value)> {
    let Ok(folder) = std::fs::read_dir(beside().join(kind)) else { return Vec::new() };
    let read = |path: PathBuf| {
        let json = serde_json::from_str(&std::fs::read_to_string(&path).ok()?).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), json))
    };
    folder.filter_map(|entry| read(entry.ok()?.path())).collect()
}

#[test]
fn every_real_alarm_event_with_an_envelope_is_decoded() {
    for (name, event) in events("alarm_state_change") {
        let whole = ["account", "region", "resources"].iter().all(|key| event.get(key).is_some());
        match decode(&event) {
            Ok(Signal::Alarm(alarm)) => assert!(whole && !alarm.name.is_empty(), "{name}"),
            Err(NotASignal::Malformed { .. }) => assert!(!whole, "{name} has an envelope"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_real_release_of_a_suppression_is_an_edge() {
    for (name, event) in events("alarm_state_change") {
        if !name.contains("release_alarm_to_alarm") {
            continue;
        }
        let Ok(Signal::Alarm(alarm)) = decode(&event) else { panic!("{name}") };
        assert!(alarm.firing() && alarm.is_edge(), "{name}");
    }
}

#[test]
fn no_other_real_event_is_taken_for_an_alarm() {
    let Ok(kinds) = std::fs::read_dir(beside()) else { return };
    for kind in kinds.flatten().map(|k| k.file_name().to_string_lossy().into_owned()) {
        if kind.contains("alarm") && kind != "sns_not_alarm" || kind == "malformed" {
            continue;
        }
        for (name, event) in events(&kind) {
            assert!(!matches!(decode(&event), Ok(Signal::Alarm(_))), "{kind}/{name}");
        }
    }
}
