//! The floor under a rollback: errors empty the CPU metric, scale-in follows, and the good revision would return at a
//! third of its size (SEMANTICS 18).

use jiff::Timestamp;

use super::watch::Watch;
use crate::capacity::{Lease, Overridden, ServiceState, repeated, reserved};
use crate::fleet::{Metric, Remedy, Service, Sizing};
use crate::id::CaseKey;
use crate::schedule::Proof;
use crate::seen::{LoadQuestion, Reading, Seen};
use crate::time::{Seconds, after};

/// So long the floor is held without a look at the load, which says nothing while errors are served: as long as a way
/// back is followed. A rollback that ends well brings the look forward.
const HELD: Seconds = Seconds(3_600);

/// What the floor is taken from.
#[derive(Debug, Clone, Copy)]
pub struct FloorInput<'a> {
    /// The service in the fleet file.
    pub service: &'a Service,
    /// The remedy that rolls back.
    pub remedy: &'a Remedy,
    /// The watch, with the earlier desired count.
    pub watch: &'a Watch,
    /// Its case.
    pub case: &'a CaseKey,
    /// The incident that its notices belong to.
    pub incident: &'a str,
    /// The state as read.
    pub state: &'a ServiceState,
    /// Service, scalable target and policies, as read after the state.
    pub seen: &'a Seen,
    /// Now.
    pub now: Timestamp,
}

/// Why no floor is taken; the rollback goes on without one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFloor {
    /// There is no scalable target, so nothing scales in.
    #[error("no scalable target")]
    NoTarget,
    /// Service or target could not be read.
    #[error("unseen: {0}")]
    Unseen(String),
    /// No policy scales in: nothing took tasks away, and nothing would take them away again (SEMANTICS 22).
    #[error("no policy scales in")]
    NothingScalesIn,
    /// The earlier count is what min guarantees anyway.
    #[error("the earlier desired count {desired} is not over min {min}")]
    AtMin {
        /// Desired count when the watch began.
        desired: u32,
        /// The baseline's min.
        min: u32,
    },
    /// The service is another one under the same name than that of the state.
    #[error("the service was created anew")]
    Recreated,
}

/// The state with the floor in it, to be written with the plan of the rollback; and its tasks.
///
/// The earlier desired count, within max and ceiling. Nothing is called: the reconciler's next minute raises min.
///
/// # Errors
/// None is needed, or none can be taken.
pub fn floor(input: &FloorInput<'_>) -> Result<(u32, ServiceState), NoFloor> {
    let FloorInput { service: config, watch, state, seen, now, .. } = *input;
    let unseen = |why: String| NoFloor::Unseen(why);
    let service = seen.service.known().ok_or_else(|| unseen(seen.service.why()))?;
    let target = match &seen.target {
        Reading::Known(target) => target,
        Reading::Absent => return Err(NoFloor::NoTarget),
        other @ (Reading::Unreadable(_) | Reading::Stale { .. }) => return Err(unseen(other.why())),
    };
    if state.kept.is_some() && state.created_at.is_some() && state.created_at != service.created_at {
        return Err(NoFloor::Recreated);
    }
    if seen.policies.known().is_some_and(|policies| !policies.iter().any(|p| p.scales_in)) {
        return Err(NoFloor::NothingScalesIn);
    }
    let min = state.kept.as_ref().map_or(target.min, |kept| kept.min.base);
    let tasks = watch.desired.min(target.max).min(config.capacity.ceiling.max(target.min));
    if tasks <= min {
        return Err(NoFloor::AtMin { desired: watch.desired, min });
    }
    let new = lease(input, tasks);
    let lease = match state.leases.get(&new.source).filter(|lease| lease.live()) {
        Some(old) => repeated(old, new),
        None => new,
    };
    Ok((tasks, reserved(state, &lease, &config.environment, service, target, now)))
}

/// It does not grow, and ends the release delay after its first look, once CPU is reported again: from then on the
/// service's own policies know what the good revision needs.
fn lease(input: &FloorInput<'_>, tasks: u32) -> Lease {
    let FloorInput { service, remedy, watch, now, .. } = *input;
    let (namespace, name, stat) = Metric::Cpu.cloudwatch().unwrap_or_default();
    let load = LoadQuestion {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        dimensions: vec![
            ("ClusterName".to_owned(), service.cluster.clone()),
            ("ServiceName".to_owned(), service.service.clone()),
        ],
        tasks_of: None,
        lowest_of: None,
    };
    Lease {
        source: watch.floor_source(&remedy.name),
        remedy: remedy.name.clone(),
        case: input.case.clone(),
        incident: input.incident.to_owned(),
        floor: Some(tasks),
        raise: None,
        hold: false,
        gives_back_desired: false,
        floor_highest: tasks,
        granted: now,
        renew_at: after(now, HELD),
        until: after(now, HELD),
        hard_end: after(now, remedy.hard_end.max(HELD)),
        as_of: now,
        low_since: None,
        low_datapoint: None,
        patience: 1,
        metric: Metric::ErrorRate,
        sizing: Sizing::Add { tasks },
        load,
        alarm: String::new(),
        overridden: Overridden::default(),
        put_back: false,
        told_long: false,
        contributor_fires: None,
        window: None,
        proof: Proof::default(),
        forecast: None,
        targets: None,
        operator: None,
        ended: None,
    }
}
