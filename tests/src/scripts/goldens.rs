//! Each script gives what the golden file says, and the turn says which guard stopped it.

use headroom_core::fleet::Action;

use super::scene::{acts, decided, name, text};
use super::turns::TURNS;
use crate::golden;

/// The scripts of one remedy: it acts, and every turn in which it does not.
fn scripts(action: Action) -> String {
    let judgement = acts(action).decide(None);
    assert_eq!(name(&judgement.decision), "act", "{}", action.name());
    let asked: Vec<_> = judgement.guards.iter().map(|a| a.guard).collect();
    assert_eq!(asked, action.guards(), "{}: every guard, in its order", action.name());
    let mut page = text("acts", &judgement);
    for turn in TURNS.iter().filter(|turn| turn.concerns(action)) {
        let mut scene = acts(action);
        (turn.change)(&mut scene);
        let judgement = scene.decide(None);
        assert_eq!(name(&judgement.decision), turn.gives, "{} {:?}", action.name(), judgement.guards);
        let stopped = judgement.guards.last().filter(|a| !a.passed).map(|a| a.guard);
        assert_eq!(stopped, turn.stops, "{} {}", action.name(), turn.gives);
        page.push('\n');
        page.push_str(&text(turn.gives, &judgement));
    }
    page
}

#[test]
fn each_remedy_acts_and_each_of_its_guards_stops_it_as_the_scripts_say() {
    for action in decided() {
        golden::compare(&format!("scripts/decisions/{}.txt", action.name()), &scripts(action));
    }
}
