//! A decision explained from its entry is the decision explained offline.

use headroom_core::entry::Entry;
use headroom_core::history::{Incident, explained};
use headroom_core::signal::{AlarmEvent, AlarmState, Signal, decode};
use headroom_core::time::{Seconds, after};
use headroom_core::{explain, fleet};
use headroom_pipeline::on_alarm;

use crate::explained::{LANGFUSE, file};
use crate::fleets::web;
use crate::golden;
use crate::scene::minutes;
use crate::world::World;

/// The event of `explain_act.txt`.
fn fires() -> AlarmEvent {
    let json = serde_json::from_str(&file("tests/fixtures/alarms/cpu_high.json")).unwrap();
    match decode(&json) {
        Ok(Signal::Alarm(event)) => *event,
        other => panic!("{other:?}"),
    }
}

/// The event handled as the function does it, so much later; the world shows what the file of the offline
/// explanation says.
async fn recorded(late: u32) -> (World, Entry) {
    let fleet = fleet::parse(&file(LANGFUSE), LANGFUSE).unwrap();
    let event = fires();
    let world = World::new(after(event.at, Seconds(late)), None).with_service(&web(), 2, 10);
    world.quota(138.0, 200.0);
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    on_alarm(&world, &fleet, &event, "first").await.unwrap();
    let entry = world.entries().into_iter().next().unwrap();
    (world, entry)
}

#[tokio::test]
async fn a_recorded_decision_is_explained_as_offline() {
    let (_, entry) = recorded(1).await;
    golden::compare("scripts/explain_act.txt", &explain::long(&entry));
}

#[tokio::test]
async fn a_recorded_wait_is_explained_as_offline() {
    let (_, entry) = recorded(1_829).await;
    golden::compare("scripts/explain_late.txt", &explain::long(&entry));
}

#[tokio::test]
async fn an_explanation_by_id_goes_on_with_what_happened_after() {
    let (world, entry) = recorded(1).await;
    let fleet = fleet::parse(&file(LANGFUSE), LANGFUSE).unwrap();
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    minutes(&world, &fleet, 15, Some(63.3)).await;
    minutes(&world, &fleet, 50, Some(30.0)).await;
    let all = world.entries();
    let entry = all.iter().find(|e| e.key == entry.key).unwrap();
    let text = explained(entry, &Incident::of(entry, &all));
    assert!(text.starts_with(&explain::long(entry)), "{text}");
    golden::compare("scripts/explain_id.txt", &text);
}

#[tokio::test]
async fn an_entry_of_an_earlier_release_is_explained_without_its_rule() {
    let (_, entry) = recorded(1).await;
    let mut json = serde_json::to_value(&entry).unwrap();
    let object = json.as_object_mut().unwrap();
    object.remove("rule");
    object.remove("told");
    let old: Entry = serde_json::from_value(json).unwrap();
    let text = explain::long(&old);
    assert!(text.contains("\nmatched   prod-eu/web, remedy cpu-high, mode act\n"), "{text}");
    assert!(text.contains("ACT: scale-out to 3 tasks") && !text.contains("at most"), "{text}");
}
