//! The scripts miss nothing: every name of the enums is reached, and no guard can be taken from a remedy unseen.

use std::collections::BTreeSet;
use std::fmt::Write;

use headroom_core::decide::{Guard, refusals, waits};
use headroom_core::fleet::Action;

use super::flows::FLOWS;
use super::scene::{Scene, acts, decided};
use super::turns::TURNS;
use crate::golden;

#[test]
fn every_refusal_and_every_wait_of_the_enums_is_reached_by_a_script() {
    let reached: BTreeSet<&str> = TURNS.iter().map(|t| t.gives).chain(FLOWS.iter().map(|(name, _)| *name)).collect();
    let all: BTreeSet<&str> = refusals().iter().map(|r| r.name()).chain(waits().iter().map(|w| w.name())).collect();
    assert_eq!(reached, all);
}

/// The scenes of a remedy: the one in which it acts, and every turn.
fn scenes(action: Action) -> Vec<Scene> {
    let turns = TURNS.iter().filter(|turn| turn.concerns(action)).map(|turn| {
        let mut scene = acts(action);
        (turn.change)(&mut scene);
        scene
    });
    std::iter::once(acts(action)).chain(turns).collect()
}

/// How many scripts decide otherwise when a guard is taken away. Only the decision counts: that the answer of the guard
/// itself is missing would be no proof.
fn scripts_that_fail(action: Action, guard: Guard) -> usize {
    let otherwise = |scene: &Scene| scene.decide(Some(guard)).decision != scene.decide(None).decision;
    scenes(action).iter().filter(|scene| otherwise(scene)).count()
}

#[test]
fn no_guard_can_be_taken_from_a_remedy_without_a_script_that_fails() {
    let mut table = format!("{:<15}", "guard");
    decided().for_each(|action| write!(table, " {:>20}", action.name()).unwrap());
    table.push('\n');
    let mut unproved = Vec::new();
    for guard in Guard::ALL {
        write!(table, "{:<15}", guard.name()).unwrap();
        for action in decided() {
            if !action.guards().contains(&guard) {
                write!(table, " {:>20}", "-").unwrap();
                continue;
            }
            let failing = scripts_that_fail(action, guard);
            write!(table, " {failing:>20}").unwrap();
            if failing == 0 {
                unproved.push((action.name(), guard.name()));
            }
        }
        table.push('\n');
    }
    println!("scripts that fail when a guard is taken away\n{table}");
    assert_eq!(unproved, [], "nothing fails without these");
    golden::compare("scripts/decisions/guards.txt", &table);
}

#[test]
fn guards_are_asked_in_one_order_and_none_twice() {
    for action in Action::ALL {
        let places: Vec<usize> =
            action.guards().iter().filter_map(|g| Guard::ALL.iter().position(|known| known == g)).collect();
        assert!(places.is_sorted_by(|a, b| a < b), "{}: {places:?}", action.name());
    }
}
