//! The lease algebra, for any set of leases in any order.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::capacity::{
    Bounds, Change, Ended, Kept, Lease, Overridden, PassInput, ServiceState, changes, intended, keep, repeated,
};
use headroom_core::seen::{ServiceSeen, Suspended, TargetSeen};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::fleets::floor_lease;

fn lease(source: u8, floor: Option<u32>, raise: Option<u32>, hold: bool, live: bool) -> Lease {
    let ended = (!live).then_some((Timestamp::UNIX_EPOCH, Ended::LoadGone));
    Lease { floor, raise, hold, ended, ..floor_lease(&source.to_string(), floor.unwrap_or(0)) }
}

fn leases() -> impl Strategy<Value = Vec<Lease>> {
    let one = (0..6_u8, prop::option::of(0..40_u32), prop::option::of(0..40_u32), any::<bool>(), any::<bool>())
        .prop_map(|(s, f, r, h, l)| lease(s, f, r, h, l));
    prop::collection::vec(one, 0..8)
}

fn base() -> impl Strategy<Value = Bounds> {
    (0..20_u32, 0..20_u32, any::<bool>()).prop_map(|(min, more, scale_in_suspended)| Bounds {
        min,
        max: min + more,
        scale_in_suspended,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_leases_does_not_matter(base in base(), ceiling in 0..40_u32, leases in leases(), turn in 0..8_usize) {
        let mut turned = leases.clone();
        turned.rotate_left(turn.min(leases.len()));
        turned.reverse();
        prop_assert_eq!(intended(base, ceiling, &leases), intended(base, ceiling, &turned));
    }

    #[test]
    fn a_repeated_lease_changes_nothing(base in base(), ceiling in 0..40_u32, leases in leases()) {
        let twice: Vec<Lease> = leases.iter().chain(&leases).cloned().collect();
        prop_assert_eq!(intended(base, ceiling, &leases), intended(base, ceiling, &twice));
    }

    #[test]
    fn when_all_have_ended_the_baseline_is_back(base in base(), ceiling in 0..40_u32, leases in leases()) {
        let ended: Vec<Lease> = leases.into_iter().map(|l| Lease { ended: Some((l.granted, Ended::LoadGone)), ..l }).collect();
        prop_assert_eq!(intended(base, ceiling, &ended), base);
    }

    #[test]
    fn never_past_the_ceiling_and_never_below_base(base in base(), ceiling in 0..40_u32, leases in leases()) {
        let to = intended(base, ceiling, &leases);
        prop_assert!(to.max <= base.max.max(ceiling), "max {} past ceiling {ceiling}", to.max);
        prop_assert!(to.min <= base.min.max(ceiling.min(to.max)), "min {} past ceiling or max", to.min);
        prop_assert!(to.min >= base.min && to.max >= base.max && to.min <= to.max);
        prop_assert!(to.scale_in_suspended >= base.scale_in_suspended);
    }

    #[test]
    fn a_floor_never_lifts_max(base in base(), ceiling in 0..40_u32, floor in 0..40_u32) {
        prop_assert_eq!(intended(base, ceiling, &[lease(0, Some(floor), None, false, true)]).max, base.max);
    }

    #[test]
    fn a_repeat_never_shrinks_a_lease_nor_makes_it_younger(a in 0..40_u32, b in 0..40_u32, later in 0..1_000_i64) {
        let old = lease(0, Some(a), None, false, true);
        let later = Timestamp::from_second(later).unwrap();
        let new = Lease { granted: later, hard_end: later, as_of: later, ..lease(0, Some(b), None, false, true) };
        let renewed = repeated(&old, new.clone());
        prop_assert_eq!(renewed.floor, Some(a.max(b)));
        prop_assert_eq!((renewed.granted, renewed.hard_end), (old.granted, old.hard_end));
        prop_assert_eq!(&repeated(&renewed, new), &renewed);
    }

    #[test]
    fn the_calls_lead_to_the_bounds_and_never_pass_through_min_over_max(from in base(), to in base(), out in any::<bool>()) {
        let suspended = Suspended { scale_in: from.scale_in_suspended, scale_out: out, scheduled: !out };
        let mut target = TargetSeen { min: from.min, max: from.max, suspended, by_desired: false };
        for change in changes(&target, to) {
            match change {
                Change::Min { from, to } => { prop_assert_eq!(target.min, from); target.min = to; }
                Change::Max { from, to } => { prop_assert_eq!(target.max, from); target.max = to; }
                Change::Suspend { from, to } => {
                    prop_assert_eq!(target.suspended, from);
                    prop_assert_eq!((to.scale_out, to.scheduled), (out, !out), "others as found");
                    target.suspended = to;
                }
                Change::Desired { .. } => prop_assert!(false, "there is a scalable target"),
            }
            prop_assert!(target.min <= target.max, "{}..{}", target.min, target.max);
        }
        prop_assert_eq!(Bounds::of(&target), to);
    }
}

/// One pass over a service whose only lease has just ended, with these bounds and this desired count.
fn pass_after_the_end(base: Bounds, claimed: Bounds, desired: u32) -> Vec<Change> {
    let now = Timestamp::from_second(1_000).unwrap();
    let mut kept = Kept::at(base);
    kept.min.intend(claimed.min);
    kept.max.intend(claimed.max);
    let service = ServiceSeen {
        arn: "arn".into(),
        created_at: None,
        desired,
        running: desired,
        deployments_in_progress: 0,
        daemon: false,
        troubles: Vec::new(),
        target_groups: Vec::new(),
        primary: None,
    };
    let target = TargetSeen { min: claimed.min, max: claimed.max, suspended: Suspended::default(), by_desired: false };
    let state = ServiceState { kept: Some(kept), ..ServiceState::default() };
    let input = PassInput {
        state: &state,
        fleet: None,
        service: &service,
        target: &target,
        readings: &BTreeMap::new(),
        scheduled: &[],
        healthy: None,
        asked: None,
        may_grow: true,
        clock_may_grow: true,
        paused: &BTreeSet::new(),
        owner: "o",
        now,
    };
    keep(&input).unwrap().changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn giving_back_a_raised_max_never_lowers_it_below_desired(base in base(), raise in 0..20_u32, desired in 0..60_u32) {
        let base = Bounds { scale_in_suspended: false, ..base };
        let claimed = Bounds { max: base.max + raise, ..base };
        for change in pass_after_the_end(base, claimed, desired) {
            match change {
                Change::Max { to, .. } => {
                    prop_assert!(to >= desired, "max {to} under desired {desired} would kill running tasks");
                    prop_assert!(to >= base.max && to <= claimed.max);
                }
                Change::Min { .. } | Change::Desired { .. } | Change::Suspend { .. } => prop_assert!(false, "only max was raised: {change:?}"),
            }
        }
    }
}

#[test]
fn a_raised_max_goes_back_once_nothing_needs_it() {
    let base = Bounds { min: 2, max: 10, scale_in_suspended: false };
    let claimed = Bounds { max: 18, ..base };
    assert_eq!(pass_after_the_end(base, claimed, 17), [Change::Max { from: 18, to: 17 }]);
    assert_eq!(pass_after_the_end(base, claimed, 5), [Change::Max { from: 18, to: 10 }]);
}

#[test]
fn an_overridden_member_claims_nothing_and_the_others_stand() {
    let base = Bounds { min: 2, max: 6, scale_in_suspended: false };
    let mut claimed = lease(0, Some(5), Some(9), true, true);
    claimed.overridden = Overridden { min: true, ..Overridden::default() };
    assert_eq!(intended(base, 20, &[claimed]), Bounds { min: 2, max: 9, scale_in_suspended: true });
    let by_source: BTreeMap<u8, Lease> = BTreeMap::new();
    assert_eq!(intended(base, 20, by_source.values()), base);
}
