//! What `headroom explain` prints, and that the README shows exactly that.

use std::path::PathBuf;

use headroom_core::seen::Seen;
use headroom_core::signal::{Signal, decode};
use headroom_core::time::{Seconds, after};
use headroom_core::{explain, fleet};

use crate::golden;

pub(crate) fn file(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn explained(fleet_text: &str, name: &str, late: u32, short: bool) -> String {
    let fleet = fleet::parse(fleet_text, name).unwrap();
    let json = serde_json::from_str(&file("tests/fixtures/alarms/cpu_high.json")).unwrap();
    let seen: Seen = serde_json::from_str(&file("tests/fixtures/seen/lfe_7918_0200.json")).unwrap();
    let Ok(Signal::Alarm(event)) = decode(&json) else { panic!("no alarm") };
    let offline = explain::offline(&fleet, &event, &seen, after(event.at, Seconds(late))).unwrap();
    if short { explain::short(&offline) } else { explain::long(&offline) }
}

pub(crate) const LANGFUSE: &str = "examples/langfuse/headroom.yaml";

#[test]
fn the_decision_of_the_night_is_explained_with_every_number() {
    golden::compare("scripts/explain_act.txt", &explained(&file(LANGFUSE), LANGFUSE, 1, false));
}

#[test]
fn a_late_event_is_explained_by_what_happens_next() {
    golden::compare("scripts/explain_late.txt", &explained(&file(LANGFUSE), LANGFUSE, 1_829, false));
}

/// The code blocks of a Markdown text with this fence.
fn blocks<'a>(text: &'a str, fence: &str) -> Vec<&'a str> {
    text.split("```").skip(1).step_by(2).filter_map(|b| b.strip_prefix(fence)?.strip_prefix('\n')).collect()
}

#[test]
fn the_readme_shows_a_complete_fleet_file_and_the_transcript_that_it_gives() {
    let readme = file("README.md");
    let yaml = blocks(&readme, "yaml");
    let yaml = yaml.first().expect("a yaml block");
    let transcript = blocks(&readme, "text").into_iter().find(|b| b.contains("headroom explain --short"));
    let (_, printed) = transcript.expect("a transcript").split_once('\n').unwrap();
    let expected = explained(yaml, "headroom.yaml", 1, true);
    assert_eq!(printed.trim_end(), expected.trim_end(), "README.md");
}
