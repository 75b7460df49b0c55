//! How many tasks a scale-out asks for, and for how long.

use headroom_core::capacity::Grant;
use headroom_core::decide::Judgement;
use headroom_core::fleet::Action;
use headroom_core::seen::{Load, Reading};

use super::scene::{acts, name};
use crate::fleets::{FIRES, at};

fn granted(judgement: &Judgement) -> Grant {
    judgement.decision.grant().cloned().expect("a grant")
}

#[test]
fn an_unreadable_service_is_never_a_number() {
    let mut scene = acts(Action::ScaleOut);
    scene.seen.service = Reading::Unreadable("throttled".into());
    assert_eq!(name(&scene.decide(None).decision), "unseen");
}

#[test]
fn semantics_c_the_count_of_the_datapoints_own_minute_is_used_when_tasks_came_since() {
    let mut scene = acts(Action::ScaleOut);
    scene.service(|s| (s.desired, s.running) = (2, 2));
    scene.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(2), at: at(FIRES - 60) });
    scene.service(|s| (s.desired, s.running) = (3, 3));
    assert_eq!(name(&scene.decide(None).decision), "already-coming", "95 % was on 2 tasks: 3 are enough");
}

#[test]
fn a_lease_never_adds_more_than_add_max() {
    let mut scene = acts(Action::ScaleOut);
    scene.fleet.services[0].remedies[0].add_max = 1;
    scene.seen.load = Reading::Known(Load { value: 400.0, tasks: Some(2), at: at(FIRES - 60) });
    let grant = granted(&scene.decide(None));
    assert_eq!(grant.lease.floor, Some(3));
}

#[test]
fn a_source_that_fires_again_within_an_hour_keeps_its_lease_twice_as_long() {
    let mut scene = acts(Action::ScaleOut);
    let first = granted(&scene.decide(None));
    let mut old = first.lease.clone();
    old.ended = Some((at(FIRES - 600), headroom_core::capacity::Ended::LoadGone));
    old.as_of = at(FIRES - 4_000);
    scene.state.service.leases.insert(old.source.clone(), old);
    let again = granted(&scene.decide(None));
    assert_eq!((first.lease.patience, again.lease.patience), (1, 2));
    assert!(again.lease.until > first.lease.until);
}
