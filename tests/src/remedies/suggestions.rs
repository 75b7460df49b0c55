//! In mode `suggest` a plan is kept and told, and changes nothing; after half an hour it is no longer an offer.

use headroom_core::entry::Status;
use headroom_core::fleet::{Action, Mode};
use headroom_core::notice::Kind;
use headroom_pipeline::{Handled, sweep};

use super::crew::{fires, with_mode};
use crate::scene::{night, told};
use crate::world::Fault;

#[tokio::test]
async fn a_suggestion_names_its_command_and_expires_after_half_an_hour() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Suggest;
    assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Suggested)));
    let suggested = world.with_status(Status::Suggested);
    let message = world.messages().pop().expect("told");
    let command = format!("headroom apply {}", suggested[0].decision);
    assert!(message.text().contains(&command), "{}", message.text());
    for minute in 0..29 {
        world.advance(60);
        sweep(&world, &fleet, &format!("a{minute}")).await.unwrap();
    }
    assert_eq!(world.with_status(Status::Suggested).len(), 1, "29 minutes");
    world.advance(120);
    sweep(&world, &fleet, "last").await.unwrap();
    assert_eq!(world.with_status(Status::Expired).len(), 1);
    assert!(world.mutations().is_empty(), "nothing was done");
    assert_eq!(told(&world, Kind::Suggested), 1);
}

#[tokio::test]
async fn a_suggestion_rests_like_an_action() {
    let (fleet, world) = with_mode(Action::ForceNewDeployment, Mode::Suggest);
    fires(&fleet, &world, 0).await;
    fires(&fleet, &world, 60).await;
    assert_eq!(told(&world, Kind::Suggested), 1, "TRAPS 24: no flood of approvals");
    assert!(world.disruptions().is_empty());
}

#[tokio::test]
async fn a_suggestion_that_could_not_be_told_is_told_later_and_still_expires() {
    let (mut fleet, world) = night();
    fleet.services[0].remedies[0].mode = Mode::Suggest;
    world.fail_at(4, Fault::Fails);
    fires(&fleet, &world, 0).await;
    assert!(world.heal());
    world.advance(60);
    // What is due, its entry, no service to look at: the fourth call tells, and fails again.
    world.fail_at(4, Fault::Fails);
    sweep(&world, &fleet, "failed").await.unwrap();
    assert!(world.heal());
    assert_eq!(world.with_status(Status::Suggested).len(), 1, "untold, and still open");
    world.advance(60);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(told(&world, Kind::Suggested), 1);
    assert_eq!(world.with_status(Status::Suggested).len(), 1, "told, and still open");
    world.advance(1_800);
    sweep(&world, &fleet, "late").await.unwrap();
    assert_eq!(world.with_status(Status::Expired).len(), 1);
}
