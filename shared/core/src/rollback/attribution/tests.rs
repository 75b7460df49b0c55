use super::*;
use crate::rollback::samples::at;

/// A deployment that is to blame.
fn culprit() -> Circumstances {
    Circumstances {
        created_at: at(0),
        onset: Some(at(2)),
        alarm: Some(AlarmBeside { name: "web-5xx".to_owned(), fired: at(5), threshold: Some(0.01) }),
        rate_before: 0.001,
        others: vec![
            Deployed { whose: Whose::Own, deployment: "old".to_owned(), started: at(-31) },
            Deployed { whose: Whose::Dependency("redis".to_owned()), deployment: "late".to_owned(), started: at(3) },
        ],
        source: Some("revision/1".to_owned()),
        target: "revision/2".to_owned(),
        return_to: Some(Revision { arn: "revision/1".to_owned(), from: at(-15), to: at(0) }),
        siblings: vec![
            Sibling { service: "api".to_owned(), onset: None },
            Sibling { service: "worker".to_owned(), onset: Some(at(8)) },
        ],
    }
}

#[test]
fn semantics_9_a_deployment_with_nothing_else_around_it_is_blamed() {
    assert_eq!(attribute(&culprit()), None);
}

#[test]
fn semantics_9_an_alarm_that_fired_before_blames_nobody() {
    let mut seen = culprit();
    seen.alarm.as_mut().unwrap().fired = at(-1);
    let why = Why::AlarmBefore { alarm: "web-5xx".to_owned(), fired: at(-1), created: at(0) };
    assert_eq!(attribute(&seen), Some(why));
}

#[test]
fn semantics_9_errors_over_the_threshold_before_blame_nobody() {
    let seen = Circumstances { rate_before: 0.02, ..culprit() };
    assert_eq!(attribute(&seen), Some(Why::HighBefore { rate: 0.02, threshold: 0.01 }));
    let mut lenient = seen.clone();
    lenient.alarm.as_mut().unwrap().threshold = Some(0.05);
    assert_eq!(attribute(&lenient), None);
    assert_eq!(attribute(&Circumstances { alarm: None, ..seen }), None, "no alarm, no threshold but the gate's own");
}

#[test]
fn semantics_9_errors_that_began_before_blame_nobody() {
    let seen = Circumstances { onset: Some(at(-4)), ..culprit() };
    assert_eq!(attribute(&seen), Some(Why::BeganBefore { onset: at(-4), created: at(0) }));
}

#[test]
fn semantics_9_a_second_deployment_before_the_onset_may_be_the_cause() {
    for (started, blamed) in [(-31, false), (-30, true), (2, true), (3, false)] {
        let mut seen = culprit();
        seen.others[0].started = at(started);
        let why = Why::AnotherDeployment { deployment: "old".to_owned(), started: at(started) };
        assert_eq!(attribute(&seen), blamed.then_some(why), "own, at {started}");
        let mut seen = culprit();
        seen.others[1].started = at(started);
        let (dependency, deployment) = ("redis".to_owned(), "late".to_owned());
        let why = Why::DependencyDeployed { dependency, deployment, started: at(started) };
        assert_eq!(attribute(&seen), blamed.then_some(why), "dependency, at {started}");
    }
    assert!(attribute(&Circumstances { onset: None, ..culprit() }).is_some(), "without an onset, all of them");
}

#[test]
fn semantics_9_a_deployment_of_the_same_revision_changed_nothing() {
    let seen = Circumstances { source: Some("revision/2".to_owned()), ..culprit() };
    assert_eq!(attribute(&seen), Some(Why::SameRevision));
}

#[test]
fn semantics_9_a_revision_that_stood_under_a_quarter_of_an_hour_is_not_known_to_be_good() {
    let mut seen = culprit();
    seen.return_to.as_mut().unwrap().from = at(-15) + SignedDuration::from_secs(1);
    assert_eq!(attribute(&seen), Some(Why::HardlyTried { stood: Seconds(899), needed: Seconds(900) }));
}

#[test]
fn semantics_9_a_rise_that_others_have_at_the_same_time_has_a_shared_cause() {
    for (onset, together) in [(-4, false), (-3, true), (7, true), (8, false)] {
        let mut seen = culprit();
        seen.siblings[0].onset = Some(at(onset));
        let why = Why::SharedCause { services: vec!["api".to_owned()] };
        assert_eq!(attribute(&seen), together.then_some(why), "at {onset}");
    }
}

#[test]
fn every_reason_says_its_numbers_in_a_sentence() {
    let why = Why::HighBefore { rate: 0.0234, threshold: 0.01 };
    let text = "2.34 % of requests failed already in the half hour before the deployment, over the threshold of 1.00 %";
    assert_eq!(why.to_string(), text);
    let why = Why::HardlyTried { stood: Seconds(840), needed: STOOD_MIN };
    let text = "the revision to return to stood for 14 min only, 15 min are needed to know that it is good";
    assert_eq!(why.to_string(), text);
    let services = vec!["api".to_owned(), "worker".to_owned()];
    let text = "errors rose at the same time in api, worker: a shared cause is likelier than this deployment";
    assert_eq!(Why::SharedCause { services }.to_string(), text);
}
