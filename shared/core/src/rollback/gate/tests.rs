use super::*;
use crate::rollback::samples::{Counts, POLICY, at, evidence};
use crate::rollback::{Comparison, Numbers};

/// Calm: so many of a thousand fail in each minute before and after.
fn rise(before: u64, after: u64) -> Counts {
    Counts::default().with(-30..2, 1_000, before).with(2..70, 1_000, after)
}

fn look(counts: &Counts, now: i64) -> Verdict {
    judge(&counts.evidence(now), &POLICY).verdict
}

fn lacks(verdict: Verdict) -> Option<Why> {
    match verdict {
        Verdict::Watching { lacks, .. } => lacks,
        Verdict::Inconclusive(why) => Some(why),
        Verdict::Pass | Verdict::Fail => None,
    }
}

#[test]
fn semantics_8_three_settled_minutes_condemn_and_two_do_not() {
    let counts = rise(1, 30);
    assert_eq!(lacks(look(&counts, 6)), Some(Why::TooFewMinutes { seen: 2, needed: 3 }));
    let judged = judge(&counts.evidence(7), &POLICY);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert_eq!((judged.after.requests, judged.after.errors, judged.hot_minutes), (3_000, 90, 3));
    assert_eq!((judged.before.requests, judged.before.errors, judged.before.minutes), (30_000, 30, 30));
    assert_eq!((judged.after.first, judged.after.last), (Some(at(2)), Some(at(4))));
    assert_eq!((judged.before.first, judged.before.last), (Some(at(-30)), Some(at(-1))));
}

#[test]
fn semantics_8_the_last_two_minutes_are_not_counted() {
    let late = Counts::default().with(-30..8, 1_000, 1).with(8..11, 1_000, 500);
    for (now, errors) in [(8, 4), (9, 5), (10, 6), (11, 506)] {
        assert_eq!(judge(&late.evidence(now), &POLICY).after.errors, errors, "at minute {now}");
    }
    let middle = Evidence { now: at(11) - SignedDuration::from_millis(1), ..late.evidence(0) };
    assert_eq!(judge(&middle, &POLICY).after.errors, 6, "a minute is whole when it is over");
}

#[test]
fn semantics_8_minutes_count_from_the_first_whole_one_after_the_first_request() {
    let counts = Counts::default().with(-30..2, 1_000, 1).with(2..3, 1_000, 700).with(3..70, 1_000, 30);
    let within = Evidence { first_traffic: Some(at(2) + SignedDuration::from_secs(1)), ..counts.evidence(8) };
    assert_eq!(judge(&within, &POLICY).after.first, Some(at(3)));
    let created = Evidence { created_at: at(0) - SignedDuration::from_secs(1), ..within };
    assert_eq!(judge(&created, &POLICY).before.last, Some(at(-2)), "the minute of the creation is not before it");
}

#[test]
fn semantics_8_a_baseline_without_one_error_gives_pass_or_fail() {
    assert_eq!(look(&rise(0, 30), 7), Verdict::Fail);
    assert_eq!(look(&rise(0, 0), 60), Verdict::Pass);
    assert_eq!(look(&rise(0, 1), 60), Verdict::Pass);
}

#[test]
fn semantics_8_missing_data_is_watched_and_then_inconclusive() {
    let silent = Counts::default().with(-30..2, 1_000, 1);
    let new = Counts::default().with(2..70, 1_000, 30);
    let none = Why::NoBaseline { seen: 0, needed: 200 };
    for (counts, why) in [(&silent, Why::NoTraffic), (&new, none)] {
        assert!(matches!(look(counts, 59), Verdict::Watching { lacks: Some(found), .. } if found == why), "{why}");
        assert_eq!(look(counts, 60), Verdict::Inconclusive(why));
    }
    let unserved = Evidence { first_traffic: None, ..rise(1, 900).evidence(60) };
    assert_eq!(judge(&unserved, &POLICY).verdict, Verdict::Inconclusive(Why::NoTraffic));
}

#[test]
fn semantics_8_fewer_than_the_requests_that_are_needed_say_nothing() {
    let sparse = Counts::default().with(-30..2, 50, 0).with(2..70, 50, 20);
    assert_eq!(lacks(look(&sparse, 13)), Some(Why::TooFewRequests { seen: 450, needed: 500 }));
    assert_eq!(look(&sparse, 14), Verdict::Fail);
    let less = Rollback { requests_min: 0, ..POLICY };
    let why = Why::TooFewRequests { seen: 150, needed: 200 };
    assert_eq!(lacks(judge(&sparse.evidence(7), &less).verdict), Some(why));
    assert_eq!(judge(&sparse.evidence(8), &less).verdict, Verdict::Fail);
}

#[test]
fn semantics_8_fewer_than_ten_errors_are_an_accident() {
    let errors = |n| Counts::default().with(-30..2, 67, 0).with(2..5, 67, n);
    let less = Rollback { requests_min: 200, ..POLICY };
    assert!(matches!(judge(&errors(3).evidence(7), &less).verdict, Verdict::Watching { lacks: None, .. }), "nine");
    let ten = errors(3).with(5..6, 67, 1);
    assert_eq!(judge(&ten.evidence(8), &less).verdict, Verdict::Fail, "ten");
}

#[test]
fn semantics_8_a_rise_that_can_be_borne_or_is_no_double_condemns_nobody() {
    let million = |before, after| Counts::default().with(-30..2, 1_000_000, before).with(2..70, 1_000_000, after);
    for (before, after) in [(100, 130), (1_000, 9_900), (12_000, 20_000), (20_000, 40_000)] {
        assert_eq!(look(&million(before, after), 60), Verdict::Pass, "{before} to {after} of a million");
    }
    assert_eq!(look(&million(20_000, 41_000), 7), Verdict::Fail);
}

#[test]
fn semantics_8_errors_that_are_over_condemn_nobody() {
    let over = Counts::default().with(-30..2, 1_000, 1).with(2..4, 1_000, 900).with(4..70, 1_000, 1);
    for now in 7..60 {
        assert!(matches!(look(&over, now), Verdict::Watching { .. }), "at minute {now}");
    }
    // Silence is not the end of it: three of the newest five minutes themselves must be bad, not of five old ones.
    let stopped = Counts::default().with(-30..2, 1_000, 1).with(2..5, 1_000, 900);
    assert_eq!(look(&stopped, 9), Verdict::Fail);
    assert!(matches!(look(&stopped, 10), Verdict::Watching { .. }));
}

#[test]
fn semantics_8_bursts_before_widen_the_bounds() {
    let calm = rise(10, 40);
    let bursts = Counts::default().each(-30..2, 1_000, |m| if m % 6 == 0 { 60 } else { 0 }).with(2..70, 1_000, 40);
    let (calm, bursty) = (judge(&calm.evidence(7), &POLICY), judge(&bursts.evidence(7), &POLICY));
    assert_eq!((calm.before.errors, bursty.before.errors), (300, 300));
    assert_eq!((calm.verdict, calm.burstiness), (Verdict::Fail, 1.0));
    assert!(bursty.burstiness > 40.0 && bursty.after.lower < calm.after.lower, "{}", bursty.burstiness);
    let why = Why::MayBeChance { before: 0.01, after: 0.04 };
    assert_eq!(lacks(bursty.verdict), Some(why.clone()));
    assert_eq!(look(&bursts, 59), Verdict::Fail, "what goes on for an hour is no chance");
    let brief = Counts::default().each(-30..60, 1_000, |m| if m % 6 == 0 { 60 } else { 0 }).with(60..64, 1_000, 60);
    assert_eq!(look(&brief, 66), Verdict::Pass);
}

#[test]
fn semantics_8_total_failure_without_request_count_is_judged_where_the_balancer_is_its_own() {
    let dead = Counts::default().with(-30..2, 1_000, 1).unanswered(2..70, 800);
    let judged = |own, now| judge(&evidence(Numbers::Together(dead.series(own)), now), &POLICY);
    let own = judged(true, 7);
    assert_eq!((own.verdict, own.after.requests, own.after.errors), (Verdict::Fail, 2_400, 2_400));
    assert_eq!(judged(false, 60).verdict, Verdict::Inconclusive(Why::NoTraffic));
}

#[test]
fn semantics_8_two_target_groups_are_compared_in_the_same_minutes() {
    let apart = |old: u64, new: u64, now| {
        let old = Counts::default().with(-30..2, 1_000, 1).with(2..70, 900, old).series(false);
        let new = Counts::default().with(2..70, 100, new).series(false);
        judge(&evidence(Numbers::Apart { old, new }, now), &POLICY)
    };
    let canary = apart(1, 20, 9);
    assert_eq!((canary.comparison, canary.verdict), (Comparison::SideBySide, Verdict::Fail));
    assert_eq!((canary.before.requests, canary.before.first, canary.after.requests), (4_500, Some(at(2)), 500));
    let shared = apart(180, 20, 60);
    assert_eq!((shared.comparison, shared.verdict), (Comparison::SideBySide, Verdict::Pass), "both fail alike");
}

#[test]
fn a_target_group_that_serves_no_more_is_compared_by_its_minutes_before() {
    let old = Counts::default().with(-30..5, 1_000, 1).series(false);
    let new = Counts::default().with(2..70, 1_000, 30).series(false);
    let judged = judge(&evidence(Numbers::Apart { old, new }, 12), &POLICY);
    assert_eq!((judged.comparison, judged.verdict), (Comparison::BeforeAfter, Verdict::Fail));
    assert_eq!((judged.before.last, judged.after.minutes), (Some(at(-1)), 8));
}

#[test]
fn the_next_look_is_when_a_minute_more_can_be_counted() {
    let watching = |now| judge(&rise(1, 1).evidence(now), &POLICY).verdict;
    let (next, until) = (at(8), at(60));
    assert_eq!(watching(7), Verdict::Watching { lacks: None, next, until });
    assert_eq!(next_look(at(7) + SignedDuration::from_secs(59)), at(8));
    assert_eq!(watching(60), Verdict::Pass);
}

#[test]
fn what_was_judged_is_read_back_from_the_journal() {
    for judged in [judge(&rise(1, 30).evidence(7), &POLICY), judge(&rise(1, 1).evidence(4), &POLICY)] {
        let text = serde_json::to_string(&judged).unwrap();
        assert_eq!(serde_json::from_str::<Judged>(&text).unwrap(), judged, "{text}");
    }
}

#[test]
fn a_verdict_says_its_numbers_in_lines() {
    let lines = judge(&rise(10, 40).evidence(7), &POLICY).lines();
    let expected = [
        "fail: more requests fail than before, beyond chance and beyond what can be borne",
        "before: 300 of 30000 requests failed in 30 minutes: 1.00 % (0.83 % to 1.21 %)",
        "the new revision: 120 of 3000 requests failed in 3 minutes: 4.00 % (2.98 % to 5.35 %)",
        "3 of the newest 5 minutes over 1 %; 1.0 requests weigh as one",
    ];
    assert_eq!(lines, expected);
    let watched = judge(&Counts::default().with(-30..2, 1_000, 1).evidence(7), &POLICY).lines();
    assert_eq!(watched[0], "watching: no request to the new revision was counted; next look at 2025-02-19T21:28:00Z");
    assert_eq!(watched[2], "the new revision: no request was counted");
}

#[test]
fn semantics_8_the_lower_bound_must_exceed_one_percent_and_the_upper_bound_before() {
    let (low, wide) = (rise(0, 14), Counts::default().with(-4..-1, 100, 1).with(2..70, 1_000, 50));
    for (counts, before, after) in [(low, 0.0, 0.014), (wide, 0.01, 0.05)] {
        assert_eq!(lacks(look(&counts, 7)), Some(Why::MayBeChance { before, after }));
    }
}

#[test]
fn minutes_beside_one_another_need_requests_on_both_sides() {
    let new = Counts::default().with(2..70, 1_000, 1).series(false);
    let old = |from, requests| {
        let bursts = Counts::default().each(-30..2, 1_000, |m| if m % 6 == 0 { 60 } else { 0 });
        let old = bursts.with(from..70, requests, 0).series(false);
        judge(&evidence(Numbers::Apart { old, new: new.clone() }, 12), &POLICY)
    };
    assert_eq!(old(2, 10).comparison, Comparison::BeforeAfter, "80 requests in 8 minutes");
    let beside = old(4, 1_000);
    assert_eq!((beside.comparison, beside.after.first), (Comparison::SideBySide, Some(at(4))));
    assert!(beside.burstiness > 10.0, "the half hour before shows bursts: {}", beside.burstiness);
}
