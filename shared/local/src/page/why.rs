//! Whose each bound is: the baseline, a capacity lease, a scheduled action, or somebody.

use headroom_core::capacity::{Change, Lease, ServiceState};
use headroom_core::fleet::Capacity;
use headroom_simulator::scaling::BoundsSet;
use headroom_simulator::view::ServiceView;
use serde_json::{Value, json};

use super::words::clock;

/// A bound of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// MinCapacity.
    Min,
    /// MaxCapacity.
    Max,
}

impl Member {
    fn of(self, pair: (u32, u32)) -> u32 {
        match self {
            Self::Min => pair.0,
            Self::Max => pair.1,
        }
    }

    fn changed(self, set: &BoundsSet) -> bool {
        self.of(set.from) != self.of(set.to)
    }

    fn claimed(self, lease: &Lease) -> Option<u32> {
        match self {
            Self::Min => lease.floor.filter(|_| !lease.overridden.min),
            Self::Max => lease.raise.filter(|_| !lease.overridden.max),
        }
    }
}

/// What is known about a service beside what AWS has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What Headroom remembers.
    pub(super) state: Option<&'a ServiceState>,
    /// What the fleet file says.
    pub(super) capacity: Option<&'a Capacity>,
    /// Its own changes in this world: when, and what.
    pub(super) ours: &'a [(i64, Change)],
    /// Title of a notice from outside that says Headroom holds a lease here.
    pub(super) noticed: Option<&'a str>,
}

/// The reason for a bound: a kind for its mark, and a sentence.
pub(super) fn why(member: Member, service: &ServiceView, known: Known<'_>) -> Value {
    if !service.is_scalable {
        return json!({"kind": "none", "text": "no scalable target: nothing scales this service"});
    }
    let value = member.of(service.bounds);
    if let Some(text) = by_lease(member, value, known.state) {
        return json!({"kind": "lease", "text": text});
    }
    let newest = service.bounds_set.iter().rev().find(|set| member.changed(set));
    let first = service.bounds_set.iter().find(|set| member.changed(set)).map(|set| member.of(set.from));
    let listed = known.capacity.map(|c| member.of((c.min, c.max)));
    let baseline = json!({"kind": "baseline", "text": "baseline"});
    let Some(set) = newest else { return baseline };
    let at = clock(set.at);
    if set.cause != BoundsSet::BY_CALL {
        return json!({"kind": "schedule", "text": format!("scheduled action {} at {at}", set.cause)});
    }
    let ours = known.ours.iter().any(|(when, change)| *when == set.at && writes(*change, member, value));
    if ours || first == Some(value) || listed == Some(value) {
        return baseline;
    }
    if let (Member::Min, Some(title)) = (member, known.noticed) {
        return json!({"kind": "lease", "text": format!("lease: {title}")});
    }
    let from = member.of(set.from);
    json!({"kind": "somebody", "text": format!("set by somebody at {at}, was {from}")})
}

fn writes(change: Change, member: Member, value: u32) -> bool {
    match change {
        Change::Min { to, .. } => member == Member::Min && to == value,
        Change::Max { to, .. } => member == Member::Max && to == value,
        Change::Desired { .. } | Change::Suspend { .. } => false,
    }
}

/// A live lease that claims this very value; the one that lasts longest, when there are several.
fn by_lease(member: Member, value: u32, state: Option<&ServiceState>) -> Option<String> {
    let state = state?;
    let base = state.kept.as_ref().map(|k| (k.min.base, k.max.base)).map(|pair| member.of(pair));
    if base == Some(value) {
        return None;
    }
    let claims = state.live().filter(|l| member.claimed(l).is_some_and(|c| c >= value));
    let lease = claims.max_by_key(|l| l.until)?;
    let claimed = member.claimed(lease)?;
    let word = if member == Member::Min { "floor" } else { "raised to" };
    let was = base.map(|b| format!("; baseline {b}")).unwrap_or_default();
    let until = clock(lease.until.as_second());
    Some(format!("lease {word} {claimed} by {} until {until}, then while needed{was}", lease.remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::id::ServiceId;

    type Pair = (u32, u32);

    fn service(bounds: Pair, sets: &[(i64, &str, Pair, Pair)]) -> ServiceView {
        let set = |(at, cause, from, to): &(i64, &str, Pair, Pair)| BoundsSet {
            at: *at,
            cause: (*cause).to_owned(),
            from: *from,
            to: *to,
        };
        let id = ServiceId { account: "1".into(), region: "r".into(), cluster: "c".into(), service: "s".into() };
        ServiceView { bounds, bounds_set: sets.iter().map(set).collect(), ..ServiceView::empty("s", id) }
    }

    const NOBODY: Known<'_> = Known { state: None, capacity: None, ours: &[], noticed: None };
    const CALL: &str = BoundsSet::BY_CALL;

    fn text(member: Member, service: &ServiceView, known: Known<'_>) -> String {
        why(member, service, known)["text"].as_str().unwrap().to_owned()
    }

    #[test]
    fn bounds_that_nobody_changed_are_the_baseline() {
        let service = service((2, 10), &[]);
        assert_eq!(text(Member::Min, &service, NOBODY), "baseline");
    }

    #[test]
    fn a_scheduled_action_is_named() {
        let service = service((3, 10), &[(28_800, "office-hours", (2, 10), (3, 10))]);
        assert_eq!(text(Member::Min, &service, NOBODY), "scheduled action office-hours at 08:00");
        assert_eq!(text(Member::Max, &service, NOBODY), "baseline", "it changed min only");
    }

    #[test]
    fn what_neither_headroom_nor_a_schedule_set_somebody_set() {
        let raised = service((2, 12), &[(31_800, CALL, (2, 10), (2, 12))]);
        assert_eq!(text(Member::Max, &raised, NOBODY), "set by somebody at 08:50, was 10");
        let ours = [(31_800, Change::Max { from: 10, to: 12 })];
        assert_eq!(text(Member::Max, &raised, Known { ours: &ours, ..NOBODY }), "baseline");
        let back = service((2, 10), &[(60, CALL, (2, 10), (2, 12)), (120, CALL, (2, 12), (2, 10))]);
        assert_eq!(text(Member::Max, &back, NOBODY), "baseline", "as it was at first");
    }

    #[test]
    fn a_min_that_a_notice_from_outside_told_of_is_a_lease() {
        let service = service((3, 10), &[(60, CALL, (2, 10), (3, 10))]);
        let known = Known { noticed: Some("minimum 2 -> 3 for high CPU"), ..NOBODY };
        assert_eq!(text(Member::Min, &service, known), "lease: minimum 2 -> 3 for high CPU");
    }
}
