//! What is proposed, for any numbers.

use headroom_core::at_max::{Bound, Downstream, Limits, propose};
use headroom_core::quota::VcpuQuota;
use headroom_core::seen::Reading;
use proptest::prelude::*;

fn limits(ceiling: u32, quota: Reading<VcpuQuota>, downstream: Vec<Downstream>) -> Limits {
    Limits { ceiling, add_max: None, vcpu: Some(2.0), quota, downstream }
}

fn quota(used: f64, limit: f64) -> Reading<VcpuQuota> {
    Reading::Known(VcpuQuota { used, limit })
}

fn database(max: u32, others: Reading<u32>) -> Downstream {
    Downstream { name: "database".to_owned(), per_task: 25, max, others }
}

#[test]
fn the_proposal_is_the_need_within_ceiling_quota_and_connections() {
    for (what, limits, to, in_the_way) in [
        ("all fit", limits(20, quota(138.0, 200.0), vec![]), 20, 0),
        ("the ceiling", limits(18, quota(138.0, 200.0), vec![]), 18, 1),
        ("the quota: 2 tasks of 2 vCPU", limits(20, quota(195.0, 200.0), vec![]), 17, 1),
        ("the quota is spent", limits(20, quota(200.0, 200.0), vec![]), 15, 1),
        ("the quota is overspent", limits(20, quota(250.0, 200.0), vec![]), 15, 1),
        (
            "connections: 450 of 500 are left",
            limits(20, quota(0.0, 200.0), vec![database(500, Reading::Known(50))]),
            18,
            1,
        ),
        ("connections are spent", limits(20, quota(0.0, 200.0), vec![database(100, Reading::Known(400))]), 15, 1),
        ("two bounds alike", limits(17, quota(195.0, 200.0), vec![]), 17, 2),
        ("what nobody can read bounds nothing", limits(20, Reading::Absent, vec![database(1, Reading::Absent)]), 20, 0),
    ] {
        let proposed = propose(15, 15, 20, &limits);
        assert_eq!(proposed.to, to, "{what}: {proposed:?}");
        assert_eq!(proposed.in_the_way().count(), in_the_way, "{what}: {proposed:?}");
        assert_eq!(proposed.possible(), to > 15, "{what}");
    }
}

#[test]
fn what_could_not_be_read_is_said() {
    let proposed = propose(15, 15, 20, &limits(20, Reading::Unreadable("denied".into()), vec![]));
    let unknown: Vec<String> = proposed.bounds.iter().filter(|b| b.tasks().is_none()).map(Bound::to_string).collect();
    assert_eq!(unknown, ["vCPU quota (unreadable: denied): not checked"]);
}

fn readings<T: Clone + std::fmt::Debug>(known: impl Strategy<Value = T>) -> impl Strategy<Value = Reading<T>> {
    prop::option::weighted(0.8, known).prop_map(|known| known.map_or(Reading::Absent, Reading::Known))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bound_is_passed_and_max_is_never_lowered(
        (max, under, need, ceiling) in (1_u32..50, 0_u32..5, 0_u32..100, 1_u32..80),
        quota in readings((0.0..400.0_f64, 0.0..400.0_f64).prop_map(|(used, limit)| VcpuQuota { used, limit })),
        connections in prop::collection::vec((1_u32..50, 0_u32..2_000, readings(0_u32..2_000)), 0..3),
    ) {
        let desired = max.saturating_sub(under);
        let downstream = connections.into_iter().map(|(per_task, max, others)| Downstream { name: "d".into(), per_task, max, others });
        let limits = limits(ceiling, quota, downstream.collect());
        let proposed = propose(max, desired, need, &limits);
        prop_assert!(proposed.to >= max);
        if proposed.possible() {
            prop_assert!(proposed.to <= need && proposed.to <= ceiling);
            prop_assert!(proposed.bounds.iter().filter_map(Bound::tasks).all(|tasks| proposed.to <= tasks));
        }
        // What is short of the need has its reason in sight.
        prop_assert_eq!(proposed.to < need, proposed.in_the_way().next().is_some());
        let more = propose(max, desired, need.saturating_add(1), &limits);
        prop_assert!(more.to >= proposed.to, "asking for more never proposes less");
    }
}
