//! What wakes the function: an alarm on a max and a scaling event are looked at as the minute is, whatever they say.

use headroom_core::at_max::Topic;
use headroom_core::fleet::{self, Action, Fleet, Mode, When};
use headroom_core::notice::Kind;
use headroom_pipeline::{Answered, on_capacity_payload};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::play::{Play, SURGE, Setting};

/// The alarm of `prod-eu/web` on high CPU: in this fleet it raises max.
fn alarm(from: &str, to: &str) -> Value {
    let text = include_str!("../../fixtures/alarms/cpu_high.json");
    let mut event: Value = serde_json::from_str(text).unwrap();
    event["detail"]["previousState"]["value"] = json!(from);
    event["detail"]["state"]["value"] = json!(to);
    event
}

/// Langfuse's own remedies, of which the one on CPU does this.
fn by_alarm(action: Action) -> Fleet {
    let text = include_str!("../../../examples/langfuse/headroom.yaml");
    let mut fleet = fleet::parse(text, "examples/langfuse/headroom.yaml").unwrap();
    for service in &mut fleet.services {
        let own = service.remedies.iter().cloned().map(|remedy| match remedy.when {
            When::Metric { .. } if remedy.name == "cpu-high" => {
                fleet::Remedy { action, sizing: None, mode: Mode::Suggest, ..remedy }
            }
            When::Metric { .. } | When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => remedy,
        });
        service.remedies = own.collect();
    }
    fleet
}

fn at_max() -> Play {
    Play::unwatched(&Setting { tasks: 6, load: &[("00:00", SURGE)], ..Setting::default() }).minutes(10)
}

async fn answered(play: &Play, fleet: &Fleet, payload: &Value) -> Vec<Result<Answered, &'static str>> {
    let answers = on_capacity_payload(play.world(), fleet, payload, "owner", Timestamp::MAX).await;
    answers.into_iter().map(|answer| answer.outcome.map_err(|failed| failed.kind)).collect()
}

#[tokio::test]
async fn an_alarm_whose_remedy_raises_max_is_looked_at_once_however_often_it_comes() {
    let (play, fleet) = (at_max(), by_alarm(Action::RaiseMax));
    for _ in 0..3 {
        assert_eq!(answered(&play, &fleet, &alarm("OK", "ALARM")).await, [Ok(Answered::Looked)]);
    }
    assert_eq!(play.episodes(Topic::AtMax).len(), 1);
    let told = play.world().take_notices();
    assert_eq!(told.iter().filter(|(_, notice)| notice.kind == Kind::AtMax).count(), 1, "{told:#?}");
    // What the alarm itself wakes is the alarm handler's: only the proposal of the episode is journaled here.
    assert!(play.entries().iter().all(|entry| entry.remedy == "at-max"), "{:#?}", play.entries());
}

#[tokio::test]
async fn an_alarm_that_is_quiet_or_about_something_else_wakes_nothing() {
    for (action, from, to) in [
        (Action::RaiseMax, "ALARM", "OK"),
        (Action::ScaleOut, "OK", "ALARM"),
        (Action::RaiseMax, "OK", "INSUFFICIENT_DATA"),
    ] {
        let play = at_max();
        let answers = answered(&play, &by_alarm(action), &alarm(from, to)).await;
        assert!(
            matches!(&answers[..], [Ok(Answered::Ignored { reason: "not-about-max", .. })]),
            "{from} to {to}: {answers:?}"
        );
        assert!(play.entries().is_empty());
    }
}

#[tokio::test]
async fn an_alarm_of_a_service_that_is_not_at_its_max_opens_nothing() {
    let setting = Setting { load: &[("00:00", "1600/min 60ms")], ..Setting::default() };
    let play = Play::unwatched(&setting).minutes(10);
    let answers = answered(&play, &by_alarm(Action::RaiseMax), &alarm("OK", "ALARM")).await;
    assert_eq!(answers, [Ok(Answered::Looked)]);
    assert!(play.entries().is_empty() && play.world().take_notices().is_empty());
}
