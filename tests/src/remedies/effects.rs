//! SEMANTICS 24: each acted case is judged after its settle time: helped, not helped, unknown.

use headroom_core::entry::Helped;
use headroom_core::fleet::Action;
use headroom_core::notice::Kind;
use headroom_core::signal::AlarmState;
use headroom_pipeline::sweep;

use super::crew::{fires, with};
use crate::fleets::web;
use crate::scene::told;

/// A restart, and what is read ten minutes later.
async fn after_ten_minutes(value: Option<f64>) -> (Option<Helped>, usize) {
    let (fleet, world) = with(Action::ForceNewDeployment);
    fires(&fleet, &world, 0).await;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    world.advance(601);
    if let Some(value) = value {
        world.metric(&web(), "CPUUtilization", value, Some(2));
    }
    sweep(&world, &fleet, "sweep").await.unwrap();
    let helped = world.entries().into_iter().find_map(|e| e.helped);
    (helped, told(&world, Kind::DidNotHelp))
}

#[tokio::test]
async fn semantics_24_a_restart_is_judged_by_its_metric_and_silence_counts_for_nothing() {
    assert_eq!(after_ten_minutes(Some(40.0)).await, (Some(Helped::Yes), 0));
    assert_eq!(after_ten_minutes(Some(90.0)).await, (Some(Helped::No), 1));
    assert_eq!(after_ten_minutes(None).await, (Some(Helped::Unknown), 0));
}

#[tokio::test]
async fn telling_people_is_no_action_whose_effect_is_judged() {
    let (fleet, world) = with(Action::NotifyOnly);
    fires(&fleet, &world, 0).await;
    world.advance(601);
    world.metric(&web(), "CPUUtilization", 90.0, Some(2));
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(world.entries().pop().and_then(|e| e.helped), None);
    assert_eq!(told(&world, Kind::DidNotHelp), 0);
}
