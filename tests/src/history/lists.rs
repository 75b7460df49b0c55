//! The journal as a list and as a post-mortem's timeline.

use headroom_core::history::{COLUMNS_MAX, Incident, explained, list, markdown};

use crate::golden;
use crate::night::played;

#[tokio::test]
async fn the_night_as_a_list_has_a_line_per_entry_and_counts() {
    let (world, _) = played().await;
    let text = list(&world.entries(), false);
    assert!(text.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{text}");
    assert_eq!(text.lines().count(), world.entries().len() + 2, "header, entries, counts");
    golden::compare("scripts/journal_night.txt", &text);
    // The entries themselves: tests/e2e/test_journal.py puts them into a table.
    let mut all = world.entries();
    all.sort_by_key(|e| e.at);
    golden::compare("fixtures/journal/night.json", &format!("{}\n", serde_json::to_string_pretty(&all).unwrap()));
}

#[tokio::test]
async fn the_night_as_markdown_is_one_incident_from_any_of_its_entries() {
    let (world, _) = played().await;
    let all = world.entries();
    let texts: Vec<String> = all.iter().map(|entry| markdown(&Incident::of(entry, &all))).collect();
    assert!(all.len() > 2 && texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    golden::compare("scripts/journal_night_markdown.txt", &texts[0]);
    let first = all.iter().min_by_key(|e| e.at).unwrap();
    golden::compare("scripts/journal_night_explained.txt", &explained(first, &Incident::of(first, &all)));
}
