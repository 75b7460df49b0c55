//! Every outcome is a line that somebody can read.

use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::Mode;
use headroom_core::history::{Incident, Outcome, list, markdown};
use headroom_core::signal::{AlarmEvent, AlarmState};
use headroom_pipeline::{Clock, on_alarm};

use crate::fleets::{alarm, cpu_alarm, web};
use crate::golden;
use crate::scene::{granted, minutes};
use crate::world::World;

/// An hour and a half with an alarm that goes on, a person's questions to it, and its end.
async fn eventful() -> World {
    let (fleet, world) = granted().await;
    minutes(&world, &fleet, 6, Some(95.0)).await;
    let handle = async |event: AlarmEvent| on_alarm(&world, &fleet, &event, "e").await.unwrap();
    let again =
        AlarmEvent { previous: Some(AlarmState::Alarm), ..cpu_alarm(AlarmState::Alarm, Clock::now(&world), 95.0) };
    handle(again).await;
    world.advance(3);
    let ago = Clock::now(&world) - jiff::SignedDuration::from_secs(400);
    handle(alarm("slow", AlarmState::Alarm, ago, 3.0, 2.0)).await;
    world.advance(3);
    world.alarm("prod-eu-web-cpu-high", AlarmState::Ok);
    handle(cpu_alarm(AlarmState::Ok, Clock::now(&world), 50.0)).await;
    minutes(&world, &fleet, 60, Some(15.0)).await;
    let mut observed = fleet.clone();
    observed.services[0].remedies[0].mode = Mode::Observe;
    world.alarm("prod-eu-web-cpu-high", AlarmState::Alarm);
    // Its policy has taken the tasks away again.
    world.service(&web(), |s| (s.desired, s.running) = (2, 2));
    world.metric(&web(), "CPUUtilization", 95.0, Some(2));
    let event = cpu_alarm(AlarmState::Alarm, Clock::now(&world), 95.0);
    on_alarm(&world, &observed, &event, "o").await.unwrap();
    world
}

#[tokio::test]
async fn every_outcome_has_its_line_and_is_counted() {
    let world = eventful().await;
    let mut all = world.entries();
    // A call that AWS refused: what changed nothing is told from what did.
    let acted = all.iter().find(|e| e.status == Status::Acted && e.event.is_some()).unwrap().clone();
    let at = acted.at + jiff::SignedDuration::from_secs(20);
    let failure = Some("AccessDeniedException".to_owned());
    all.push(Entry { status: Status::Failed, failure, helped: None, changes: Vec::new(), at, ..acted });
    let text = list(&all, true);
    for outcome in Outcome::ALL {
        let word = format!("  {}  ", outcome.word());
        assert!(text.lines().any(|line| line.contains(&word)), "{word}: {text}");
    }
    golden::compare("scripts/journal_outcomes.txt", &text);
}

#[tokio::test]
async fn a_post_mortem_says_whether_anything_was_changed() {
    let world = eventful().await;
    let all = world.entries();
    let mut counted = [0; 3];
    for entry in &all {
        let text = markdown(&Incident::of(entry, &all));
        let row = text.lines().find(|line| line.starts_with("| Outcome |")).unwrap();
        let found = ["acted once", "nothing was changed: mode observe", "waits; nothing was changed yet"];
        let at = found.iter().position(|words| row.contains(words)).unwrap_or_else(|| panic!("{row}"));
        counted[at] += 1;
        assert_eq!(at == 0, text.contains("| change |"), "{text}");
    }
    assert!(counted.iter().all(|n| *n > 0), "{counted:?}");
}
