//! An entry without the words of others, for what leaves the company: `redact: true` of its environment.

use crate::decide::{Decision, Judgement, Refusal, Waiting};
use crate::entry::Entry;
use crate::seen::{Reading, Seen};

/// What stands where words were.
const HIDDEN: &str = "(not shown: redact)";

/// Whether the environment of an entry wants it.
pub(super) fn wants(entry: &Entry) -> bool {
    entry.rule.as_ref().is_some_and(|rule| rule.redact)
}

/// The entry with every text of AWS replaced: in what could not be read, in what was decided on it, in why it failed.
pub(super) fn redacted(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    let mut words = Vec::new();
    hide_option(&mut entry.failure, &mut words);
    if let Some(event) = &mut entry.event {
        event.reason = None;
    }
    if let Some(seen) = &mut entry.seen {
        hide_seen(seen, &mut words);
    }
    if let Some(judgement) = &mut entry.judgement {
        hide_decision(&mut judgement.decision, &mut words);
        hide_answers(judgement, &words);
    }
    entry
}

fn hide(text: &mut String, words: &mut Vec<String>) {
    let found = std::mem::replace(text, HIDDEN.to_owned());
    if !found.is_empty() {
        words.push(found);
    }
}

fn hide_option(text: &mut Option<String>, words: &mut Vec<String>) {
    text.iter_mut().for_each(|text| hide(text, words));
}

fn hide_reading<T>(reading: &mut Reading<T>, words: &mut Vec<String>) {
    match reading {
        Reading::Unreadable(why) => hide(why, words),
        Reading::Known(_) | Reading::Absent | Reading::Stale { .. } => {}
    }
}

fn hide_seen(seen: &mut Seen, words: &mut Vec<String>) {
    hide_reading(&mut seen.service, words);
    hide_reading(&mut seen.target, words);
    hide_reading(&mut seen.policies, words);
    hide_reading(&mut seen.load, words);
    hide_reading(&mut seen.alarm, words);
    hide_reading(&mut seen.tasks, words);
    for need in &mut seen.needs {
        hide_reading(&mut need.load, words);
        hide_reading(&mut need.alarm, words);
    }
}

fn hide_decision(decision: &mut Decision, words: &mut Vec<String>) {
    match decision {
        Decision::Refuse(Refusal::Unseen { why, .. } | Refusal::OutcomeUnknown { cause: why, .. })
        | Decision::Wait { why: Waiting::MetricMissing { why } | Waiting::ComesAgain { why }, .. } => hide(why, words),
        Decision::Refuse(Refusal::Conflict { expected, found }) => {
            hide(expected, words);
            hide(found, words);
        }
        Decision::Act(_) | Decision::Wait { .. } | Decision::Refuse(_) => {}
    }
}

/// What a guard saw is a sentence with those words in it.
fn hide_answers(judgement: &mut Judgement, words: &[String]) {
    for answer in &mut judgement.guards {
        for found in words {
            answer.saw = answer.saw.replace(found.as_str(), HIDDEN);
        }
    }
}
