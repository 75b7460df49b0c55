//! A remedy that only tells does so once, in every mode, and rests.

use headroom_core::entry::Status;
use headroom_core::fleet::{Action, Mode};
use headroom_core::notice::Kind;
use headroom_pipeline::{Handled, sweep};

use super::crew::{fires, with_mode};
use crate::scene::told;
use crate::world::Fault;

#[tokio::test]
async fn people_are_told_once_in_every_mode_and_nothing_is_changed() {
    for mode in [Mode::Observe, Mode::Suggest, Mode::Act] {
        let (fleet, world) = with_mode(Action::NotifyOnly, mode);
        assert!(matches!(fires(&fleet, &world, 0).await, Handled::Recorded(_, Status::Acted)), "{mode}");
        assert!(matches!(fires(&fleet, &world, 0).await, Handled::Duplicate(_, Status::Acted)));
        fires(&fleet, &world, 60).await;
        assert_eq!(told(&world, Kind::Told), 1, "{mode}: within the cooldown");
        assert!(world.mutations().is_empty() && world.disruptions().is_empty());
    }
}

#[tokio::test]
async fn what_could_not_be_published_is_told_in_the_next_minute() {
    let (fleet, world) = with_mode(Action::NotifyOnly, Mode::Act);
    world.fail_at(4, Fault::Fails);
    fires(&fleet, &world, 0).await;
    assert!(world.heal());
    assert_eq!(told(&world, Kind::Told), 0);
    world.advance(60);
    sweep(&world, &fleet, "sweep").await.unwrap();
    assert_eq!(told(&world, Kind::Told), 1);
}
