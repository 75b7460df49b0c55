//! Mode `observe`: what would have been done. The first of a remedy in a day of an environment is told at once, the whole
//! day in one notice after it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use crate::decide::{Judgement, Plan};
use crate::id::CaseKey;

/// Remedies that a day's notice names; the report has them all.
const REMEDIES_MAX: usize = 20;
/// The report of the day before, whenever it is read within the day after it.
const REPORT: &str = "headroom report --since 48h";

/// The first of a remedy in a day.
#[must_use]
pub fn would_act(about: &About<'_>, remedy: &str, plan: &Plan, judgement: &Judgement) -> Notice {
    let title = format!("{}: {remedy} would act: {plan}", about.label);
    let notice = Notice::new(Kind::WouldAct, Severity::Info, about, &title);
    let notice = match judgement.need {
        Some(need) => notice.line("Why", need.to_string()),
        None => notice,
    };
    notice
        .line(
            "Not done",
            format!("{remedy} is in mode `observe` here: it is decided and recorded, and nothing is changed"),
        )
        .line("Next", format!("the rest of the day's {remedy} is counted in one message tomorrow"))
        .line("To act", "`mode: act` in the fleet file")
}

/// What an environment's remedies would have done in the UTC day that begins at `day`; `None` when nothing. Its revision is
/// that of the day: told twice, it is the same notice.
#[must_use]
pub fn would_have_acted(environment: &str, day: Timestamp, times: &BTreeMap<String, u32>) -> Option<Notice> {
    let mut times: Vec<(&str, u32)> =
        times.iter().map(|(name, n)| (name.as_str(), *n)).filter(|(_, n)| *n > 0).collect();
    times.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let all = times.iter().fold(0_u32, |all, (_, n)| all.saturating_add(*n));
    let (date, often) = (day.strftime("%F"), if all == 1 { "once".to_owned() } else { format!("{all} times") });
    let named: Vec<String> = times.iter().take(REMEDIES_MAX).map(|(name, n)| format!("{name} {n}")).collect();
    let more = times.len().saturating_sub(REMEDIES_MAX);
    let more = if more > 0 { format!(", and {more} more remedies") } else { String::new() };
    let incident = format!("{environment}/would-act@{date}");
    let decision = CaseKey(incident.clone()).decision();
    let about = About { incident: &incident, label: environment, decision: &decision, now: day };
    let title = format!("{environment}: would have acted {often} on {date}");
    let notice = Notice::new(Kind::WouldAct, Severity::Info, &about, &title)
        .line("Remedies", named.join(", ") + &more)
        .line("Not done", "they are in mode `observe` here: nothing was changed")
        .line("Look", format!("`{REPORT}` with what it would have cost"));
    (all > 0).then_some(notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_with_its_most_frequent_remedies_first() {
        let day: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let of = |times: &[(&str, u32)]| {
            let times = times.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
            would_have_acted("prod-eu", day, &times)
        };
        assert_eq!(of(&[("cpu-high", 0)]), None, "nothing is no news");
        let notice = of(&[("cpu-high", 3), ("memory-high", 0), ("slow", 11)]).unwrap();
        assert_eq!(notice.title, "prod-eu: would have acted 14 times on 2026-11-22");
        assert_eq!(notice.lines[0], ("Remedies".to_owned(), "slow 11, cpu-high 3".to_owned()));
        assert_eq!(notice.dedup_key(), "prod-eu/would-act@2026-11-22/would-act/1795305600000");
        assert!(of(&[("cpu-high", 1)]).unwrap().title.contains("acted once on"));
        let many: Vec<String> = (0..30).map(|n| format!("r{n:02}")).collect();
        let many: Vec<(&str, u32)> = many.iter().map(|name| (name.as_str(), 1)).collect();
        assert!(of(&many).unwrap().lines[0].1.ends_with("r19 1, and 10 more remedies"));
    }
}
