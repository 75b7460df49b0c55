//! Nothing is printed that was not in the entry, and nothing of it that others wrote freely.

use headroom_core::fleet::Action;
use headroom_core::history::{Incident, explained, list, markdown};
use headroom_core::signal::AlarmState;
use headroom_pipeline::on_alarm;

use crate::fleets::{FIRES, at, cpu_alarm, web};
use crate::night::played;
use crate::remedies::crew::{fires, task, with};
use crate::scene::night;

const CANARY: &str = "NEVERTELL";

fn everything(all: &[headroom_core::entry::Entry]) -> Vec<String> {
    let mut texts = vec![list(all, false)];
    for entry in all {
        let incident = Incident::of(entry, all);
        texts.extend([explained(entry, &incident), markdown(&incident)]);
    }
    texts
}

#[tokio::test]
async fn free_text_accounts_and_arns_are_never_printed() {
    let (fleet, world) = night();
    let mut event = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    event.reason = Some(CANARY.to_owned());
    event.service_tag = None;
    on_alarm(&world, &fleet, &event, CANARY).await.unwrap();
    let all = world.entries();
    assert!(serde_json::to_string(&all).unwrap().contains(CANARY), "it is in the entry");
    for text in everything(&all) {
        assert!(!text.contains(CANARY) && !text.contains(&web().account) && !text.contains("arn:"), "{text}");
    }
}

#[tokio::test]
async fn a_plan_that_replaces_tasks_names_no_account_either() {
    for action in [Action::ForceNewDeployment, Action::StopTask] {
        let (fleet, world) = with(action);
        world.service(&web(), |s| s.tasks = vec![task(1, |t| t.unhealthy = true)]);
        fires(&fleet, &world, 0).await;
        assert_eq!(world.disruptions().len(), 1);
        let all = world.entries();
        assert!(serde_json::to_string(&all).unwrap().contains("arn:aws:ecs"), "it is in the entry");
        for text in everything(&all) {
            assert!(!text.contains(&web().account) && !text.contains("arn:"), "{text}");
        }
    }
}

#[tokio::test]
async fn no_name_of_others_moves_a_cursor_or_becomes_markup() {
    let (fleet, world) = night();
    on_alarm(&world, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "first").await.unwrap();
    let mut all = world.entries();
    let evil = "\u{1b}[2J|x\n```\n# y <b>";
    for entry in &mut all {
        entry.label = evil.to_owned();
        entry.remedy = evil.to_owned();
        entry.event.as_mut().unwrap().name = evil.to_owned();
        entry.told.iter_mut().for_each(|told| told.title = evil.to_owned());
    }
    for text in everything(&all) {
        assert!(!text.contains('\u{1b}') && !text.contains("\n# y"), "{text}");
    }
    let document = markdown(&Incident::of(&all[0], &all));
    assert_eq!(document.matches("```").count(), 2, "{document}");
    let mut rows = document.lines().filter(|line| line.starts_with("| 20"));
    assert!(rows.all(|row| row.replace("\\|", "").matches('|').count() == 5), "{document}");
}

/// Numbers of a text that are not part of a word.
fn numbers(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':' || c == '-' || c.is_ascii_alphabetic()))
        .map(|word| word.trim_matches(['.', ':', '-']).to_owned())
        .filter(|word| {
            word.chars().all(|c| c.is_ascii_digit() || c == '.') && word.contains(|c: char| c.is_ascii_digit())
        })
        .collect()
}

/// Every number that an entry holds, in the precisions in which numbers are printed.
fn held(value: &serde_json::Value, into: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::Number(n) => {
            let n = n.as_f64().unwrap();
            into.extend([format!("{n:.0}"), format!("{n:.1}"), format!("{n:.2}")]);
        }
        serde_json::Value::String(text) => into.extend(numbers(text)),
        serde_json::Value::Array(list) => list.iter().for_each(|v| held(v, into)),
        serde_json::Value::Object(members) => members.values().for_each(|v| held(v, into)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

#[tokio::test]
async fn every_number_of_an_explanation_is_in_its_entry() {
    let (world, _) = played().await;
    let all = world.entries();
    let mut known = std::collections::BTreeSet::new();
    held(&serde_json::to_value(&all).unwrap(), &mut known);
    // The numbers of the guards, of the datapoints and of the event's age are counts of what is there.
    let counts = 1..=headroom_core::decide::Guard::ALL.len();
    known.extend(counts.map(|n| n.to_string()));
    // Two tasks more than the least cost: a price times a number of tasks.
    let price = all.iter().find_map(|e| Some(e.rule.as_ref()?.usd_task_hour? * 1.0)).unwrap();
    known.insert(format!("{price:.2}"));
    known.insert("0".to_owned());
    let mut checked = 0;
    for entry in &all {
        for number in numbers(&headroom_core::explain::long(entry)) {
            assert!(known.contains(&number), "{number} of {}", headroom_core::explain::long(entry));
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}
