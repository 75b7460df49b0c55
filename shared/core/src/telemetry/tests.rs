//! Every way of not acting, every status and every effect reaches the metrics by its own name.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::*;
use crate::decide::{Decision, Judgement, Refusal, refusals, waits};
use crate::entry::{Entry, Helped, RECONCILE, Status};
use crate::fleet::{Action, Mode};
use crate::id::{CaseKey, ServiceId};

const T: Timestamp = Timestamp::UNIX_EPOCH;

fn entry(status: Status) -> Entry {
    let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
    let mut entry = Entry::new(CaseKey("k".into()), id, "prod/web".into(), "cpu-high".into(), Mode::Act, T);
    entry.status = status;
    entry
}

fn judged(status: Status, decision: Decision) -> Entry {
    let judgement = Judgement { guards: Vec::new(), need: None, native: None, decision };
    Entry { judgement: Some(judgement), ..entry(status) }
}

fn values(entry: &Entry) -> Vec<(Metric, Vec<&'static str>)> {
    let decided = Decided::written(None, entry, || Some(Action::ScaleOut), None).into_iter();
    decided.flat_map(|d| d.samples()).map(|s| (s.metric, s.split.into_iter().map(|(_, word)| word).collect())).collect()
}

#[test]
fn every_refusal_and_every_wait_is_counted_by_its_own_name() {
    let mut names = BTreeSet::new();
    let refused = refusals().into_iter().map(|r| (r.name(), judged(Status::Refused, Decision::Refuse(r)), "refused"));
    let deferred = waits()
        .into_iter()
        .map(|why| (why.name(), judged(Status::Deferred, Decision::Wait { until: T, why }), "deferred"));
    for (name, entry, outcome) in refused.chain(deferred) {
        let decisions = (Metric::Decisions, vec!["scale-out", outcome]);
        assert_eq!(values(&entry), [decisions, (Metric::Reasons, vec![name])]);
        assert!(names.insert(name), "{name} twice");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
    }
}

#[test]
fn every_status_is_an_outcome_or_is_open() {
    for (status, mode, wanted) in [
        (Status::Planned, Mode::Act, None),
        (Status::Acted, Mode::Act, Some("acted")),
        (Status::Observed, Mode::Observe, Some("observed")),
        (Status::Suggested, Mode::Suggest, Some("suggested")),
        (Status::Expired, Mode::Suggest, Some("expired")),
        (Status::Failed, Mode::Act, Some("gave-up")),
        (Status::Refused, Mode::Act, Some("refused")),
        (Status::Deferred, Mode::Act, Some("deferred")),
        (Status::Resumed, Mode::Act, None),
        (Status::Noted, Mode::Act, Some("noted")),
        (Status::Watching, Mode::Act, None),
    ] {
        let entry = Entry { mode, ..entry(status) };
        assert_eq!(Outcome::of(&entry).map(Outcome::name), wanted, "{status:?} {mode}");
        assert_eq!(
            values(&entry),
            wanted.map(|w| (Metric::Decisions, vec!["scale-out", w])).into_iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_status_is_counted_when_it_comes_and_not_when_its_entry_is_written_again() {
    let planned = entry(Status::Planned);
    assert_eq!(Decided::written(None, &planned, || None, None), None, "nothing came of it yet");
    let acted = entry(Status::Acted);
    assert!(Decided::written(Some(Before::of(&planned)), &acted, || None, None).is_some());
    let told = Entry { outbox: Vec::new(), due: Some(T), ..acted.clone() };
    assert_eq!(Decided::written(Some(Before::of(&acted)), &told, || None, None), None);
}

#[test]
fn an_effect_is_counted_once_by_its_word() {
    let acted = entry(Status::Acted);
    for (helped, word) in [(Helped::Yes, "yes"), (Helped::No, "no"), (Helped::Unknown, "unknown")] {
        let judged = Entry { helped: Some(helped), ..acted.clone() };
        let came = Decided::written(Some(Before::of(&acted)), &judged, || None, None).expect("news");
        let samples = came.samples();
        assert_eq!(
            (samples[0].metric, samples[0].split.as_slice()),
            (Metric::Effects, &[(Dimension::Effect, word)][..])
        );
        assert_eq!((samples.len(), Decided::written(Some(Before::of(&judged)), &judged, || None, None)), (1, None));
    }
}

#[test]
fn a_sample_carries_exactly_the_dimensions_of_its_metric() {
    let refused = judged(Status::Refused, Decision::Refuse(Refusal::NotFiring));
    let mut decided = Decided::written(None, &refused, || None, None).expect("news");
    decided.applied_after_ms = Some(1);
    let effect = Entry { helped: Some(Helped::No), ..refused.clone() };
    let effect = Decided::written(Some(Before::of(&refused)), &effect, || None, None).expect("news");
    let all = decided.samples().into_iter().chain(effect.samples()).chain(Reconciled::default().samples());
    let mut seen = BTreeSet::new();
    for sample in all {
        let split: Vec<Dimension> = sample.split.iter().map(|(dimension, _)| *dimension).collect();
        assert_eq!(split, sample.metric.dimensions(), "{:?}", sample.metric);
        seen.insert(sample.metric);
    }
    assert_eq!(seen, METRICS.into_iter().collect(), "a metric without a value");
}

#[test]
fn who_acted_is_a_word_of_a_closed_list() {
    let by = |remedy: &str, action| {
        let entry = Entry { remedy: remedy.into(), ..entry(Status::Acted) };
        Decided::written(None, &entry, || action, None).expect("news").action
    };
    assert_eq!(by("cpu-high", Some(Action::RaiseMax)), "raise-max");
    assert_eq!(by(RECONCILE, None), "reconcile");
    assert_eq!(by("a-name-of-last-year", None), "left-the-fleet");
    assert_eq!(Decided::without_a_case(Outcome::Failed, None).action, "none");
}

#[test]
fn names_fit_cloudwatch() {
    let words = METRICS.iter().map(|m| m.name()).chain(METRICS.iter().flat_map(|m| m.dimensions()).map(|d| d.name()));
    for word in words.chain([NAMESPACE]) {
        assert!(!word.is_empty() && word.len() <= 255 && word.bytes().all(|b| b.is_ascii_alphanumeric()), "{word}");
    }
    assert!(METRICS.iter().all(|m| m.dimensions().len() <= 30), "CloudWatch takes 30");
}
