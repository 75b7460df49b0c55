//! How plans other than a floor are explained: a disruption, a raised max, a proposal; each before and after.

use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Action, Mode};
use headroom_core::history::{Incident, explained};
use headroom_pipeline::sweep;

use crate::fleets::web;
use crate::golden;
use crate::remedies::crew::{fires, with};
use crate::scene::{minutes, night};
use crate::world::{Fault, World};

/// The entry of the alarm, with what happened after.
fn text(world: &World) -> String {
    let all = world.entries();
    let entry: &Entry = all.iter().find(|e| e.event.is_some()).unwrap();
    explained(entry, &Incident::of(entry, &all))
}

#[tokio::test]
async fn a_restart_is_explained_with_what_it_expects_and_what_came_of_it() {
    let (fleet, world) = with(Action::ForceNewDeployment);
    // The first send is lost: loaded, asked, planned, counted again, sent.
    world.fail_at(5, Fault::Fails);
    fires(&fleet, &world, 0).await;
    assert!(world.heal());
    world.advance(61);
    sweep(&world, &fleet, "sweep").await.unwrap();
    minutes(&world, &fleet, 12, Some(40.0)).await;
    let told = text(&world);
    assert!(told.contains("force-new-deployment") && told.contains("2 sends"), "{told}");
    golden::compare("scripts/explain_restart.txt", &told);
}

#[tokio::test]
async fn a_raised_max_is_explained_until_it_went_back() {
    let (fleet, world) = with(Action::RaiseMax);
    world.service(&web(), |s| (s.desired, s.running) = (10, 10));
    fires(&fleet, &world, 0).await;
    world.alarm("prod-eu-web-cpu-high", headroom_core::signal::AlarmState::Ok);
    world.service(&web(), |s| (s.desired, s.running) = (9, 9));
    minutes(&world, &fleet, 40, Some(40.0)).await;
    let told = text(&world);
    assert!(told.contains("max 10 -> 14"), "{told}");
    golden::compare("scripts/explain_raise_max.txt", &told);
}

#[tokio::test]
async fn a_proposal_is_explained_with_its_command_and_when_nobody_took_it() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Suggest;
    fires(&fleet, &world, 0).await;
    let open = text(&world);
    assert!(open.contains("headroom apply D-"), "{open}");
    minutes(&world, &fleet, 31, Some(95.0)).await;
    assert_eq!(world.with_status(Status::Expired).len(), 1);
    golden::compare("scripts/explain_suggestion.txt", &format!("{open}\nhalf an hour later\n\n{}", text(&world)));
}
