//! Killed anywhere, told twice, a topic that takes nothing: one episode, one notice, one suggestion.

use std::collections::BTreeSet;

use headroom_core::at_max::Topic;
use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{Kind, Notice};
use headroom_pipeline::{Capacities as _, Clock as _, Journal as _, Keys, Write, Written, capacity_pass, look_at};

use super::hampered::Hampered;
use super::play::{Play, SURGE, Setting, fleet};

/// A service that has been at its max for a while, and nobody looked.
fn at_max() -> (Play, ServiceId) {
    let load = [("00:00", SURGE)];
    let play = Play::unwatched(&Setting { tasks: 6, load: &load, ..Setting::default() }).minutes(10);
    let id = play.world().read(|all| all[0].spec.id.clone());
    (play, id)
}

/// Distinct notices of a kind, by their dedup key: a notice may go out twice with the same one.
fn distinct(notices: &[(i64, Notice)], kind: Kind) -> usize {
    let keys: BTreeSet<String> = notices.iter().filter(|(_, n)| n.kind == kind).map(|(_, n)| n.dedup_key()).collect();
    keys.len()
}

async fn one_of_each(fleet: &Fleet, acts: bool, n: usize) -> bool {
    let (play, id) = at_max();
    let world = play.world();
    let killed = Hampered::killed(world, n);
    let _killed_or_not = look_at(&killed, fleet, &id, "first", true).await;
    let reached_the_end = killed.left.get() > 0;
    for _ in 0..3 {
        look_at(world, fleet, &id, "again", false).await.unwrap();
    }
    let entries = world.entries().unwrap();
    let of = |topic| entries.iter().filter(|e| e.episode.as_ref().is_some_and(|e| e.topic == topic)).count();
    assert_eq!(of(Topic::AtMax), 1, "killed at {n}");
    let proposals = entries.iter().filter(|e| e.episode.is_none() && e.remedy == "at-max");
    let statuses: Vec<Status> = proposals.map(|e| e.status).collect();
    let expected = if acts { [Status::Acted, Status::Planned] } else { [Status::Suggested; 2] };
    assert!(statuses.len() == 1 && expected.contains(&statuses[0]), "killed at {n}: {statuses:?}");
    let told = world.take_notices();
    // Killed once max was raised, the lease's own notice says so; the reconciler sends it.
    let least = usize::from(!acts);
    assert!((least..=1).contains(&distinct(&told, Kind::AtMax)), "killed at {n}: {told:#?}");
    reached_the_end
}

#[tokio::test]
async fn killed_at_any_call_there_is_one_episode_one_notice_and_one_suggestion() {
    let fleet = fleet(Mode::Suggest);
    let mut n = 0;
    while !one_of_each(&fleet, false, n).await {
        n += 1;
        assert!(n < 50, "a look never ends");
    }
    assert!(n >= 4, "a look writes the episode, the suggestion, the notice and its end; it was killed at {n} places");
}

#[tokio::test]
async fn killed_at_any_call_in_mode_act_max_is_raised_once() {
    let fleet = fleet(Mode::Act);
    let mut n = 0;
    while !one_of_each(&fleet, true, n).await {
        n += 1;
        assert!(n < 50, "a look never ends");
    }
    assert!(n >= 5, "killed at {n} places");
}

#[tokio::test]
async fn the_same_event_ten_times_is_one_episode_and_one_notice() {
    let (fleet, (play, id)) = (fleet(Mode::Suggest), at_max());
    for n in 0..10 {
        look_at(play.world(), &fleet, &id, &format!("event-{n}"), true).await.unwrap();
    }
    let told = play.world().take_notices();
    assert_eq!(told.iter().filter(|(_, notice)| notice.kind == Kind::AtMax).count(), 1, "{told:#?}");
    assert_eq!(play.episodes(Topic::AtMax).len(), 1);
}

#[tokio::test]
async fn an_episode_that_the_journal_has_forgotten_does_not_hush_the_next_one() {
    let (fleet, (play, id)) = (fleet(Mode::Suggest), at_max());
    let world = play.world();
    let keys = Keys { service: Some(id.clone()), ..Keys::default() };
    let state = world.load(&keys).await.unwrap().state;
    let mut next = state.service.clone();
    next.episodes.insert(Topic::AtMax, CaseKey("forgotten".to_owned()));
    let write = Write { state: Some((id.clone(), next, state.generation)), ..Write::default() };
    assert_eq!(world.write(&write).await.unwrap(), Written::Done);
    look_at(world, &fleet, &id, "event", true).await.unwrap();
    assert_eq!(world.take_notices().iter().filter(|(_, notice)| notice.kind == Kind::AtMax).count(), 1);
}

#[tokio::test]
async fn an_episode_of_a_service_that_left_the_fleet_file_is_closed_and_no_longer_due() {
    let (mut fleet, (play, id)) = (fleet(Mode::Suggest), at_max());
    let world = play.world();
    look_at(world, &fleet, &id, "event", true).await.unwrap();
    assert_eq!(world.take_notices().iter().filter(|(_, notice)| notice.kind == Kind::AtMax).count(), 1);
    fleet.services.clear();
    let play = play.minutes(2);
    for n in 0..2 {
        capacity_pass(play.world(), &fleet, &format!("minute-{n}")).await.unwrap();
    }
    let told = play.world().take_notices();
    let closed: Vec<&Notice> = told.iter().map(|(_, n)| n).filter(|n| n.kind == Kind::EpisodeOver).collect();
    assert!(closed.len() == 1 && closed[0].title.contains("left the fleet file"), "{told:#?}");
    assert_eq!(play.world().episodes(play.world().now()).await.unwrap(), []);
}
