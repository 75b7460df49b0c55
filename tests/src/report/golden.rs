//! The night of LFE-7918 and a night that was only observed, as people read them.

use headroom_core::entry::Entry;
use headroom_core::fleet::Mode;
use headroom_core::report::{markdown, quiet, report, text};
use headroom_core::signal::AlarmState;
use headroom_pipeline::on_alarm;

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web};
use crate::golden;
use crate::night::played;
use crate::scene::night;

const DAY: i64 = 86_400;

/// The night as it was played, in another service the same alarm in observe mode, and one that came too late.
pub(super) async fn nights() -> Vec<Entry> {
    let (world, _) = played().await;
    let mut entries = world.entries();
    let (mut fleet, observed) = night();
    for service in &mut fleet.services {
        service.remedies.iter_mut().for_each(|remedy| remedy.mode = Mode::Observe);
    }
    on_alarm(&observed, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0), "first").await.unwrap();
    observed.advance(3_600);
    on_alarm(&observed, &fleet, &cpu_alarm(AlarmState::Alarm, at(FIRES + 60), 95.0), "late").await.unwrap();
    entries.extend(observed.entries().into_iter().map(|entry| Entry { label: "prod-us/web".into(), ..entry }));
    entries
}

#[tokio::test]
async fn two_nights_are_reported_in_both_forms() {
    let entries = nights().await;
    let last = entries.iter().map(|e| e.at).max().unwrap();
    let mut report = report(&entries, false, at(last.as_second() - DAY), at(last.as_second() + 60));
    report.quiet = Some(quiet(&langfuse_web(), &report));
    golden::compare("scripts/report_nights.txt", &text(&report));
    golden::compare("scripts/report_nights_markdown.txt", &markdown(&report));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["lines"].as_array().map(Vec::len), Some(report.lines.len()));
    assert_eq!(json["total"]["acted"], 1);
}

#[tokio::test]
async fn nothing_is_printed_that_others_wrote_freely() {
    let mut entries = nights().await;
    let evil = "\u{1b}[2J|x\n# y <b>";
    for entry in &mut entries {
        entry.label = evil.to_owned();
        entry.remedy = evil.to_owned();
    }
    let report = report(&entries, true, at(0), entries.iter().map(|e| e.at).max().unwrap());
    for text in [text(&report), markdown(&report)] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n# y") && !text.contains("arn:"), "{text}");
        assert!(!text.contains(&entries[0].service.account), "{text}");
    }
    let rows = markdown(&report);
    let mut rows = rows.lines().filter(|line| line.contains("\\# y"));
    assert!(rows.all(|row| row.replace("\\|", "").matches('|').count() == 14), "{}", markdown(&report));
}
