//! An operator's lease: a lease like any other, that a person asks for and the clock ends.

use std::fmt;

use jiff::Timestamp;

use crate::capacity::{Bounds, Grant, Lease, Overridden, ServiceState};
use crate::decide::{Refusal, Waiting};
use crate::entry::OPERATOR;
use crate::fleet::{Metric, Mode, Service, Sizing};
use crate::id::CaseKey;
use crate::price;
use crate::schedule::Proof;
use crate::seen::{LoadQuestion, Reading, Seen, ServiceSeen, TargetSeen};
use crate::time::{Seconds, after};

/// What a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// So many tasks at least.
    Floor(u32),
    /// A max of so many tasks.
    Max(u32),
    /// Scale-in suspended.
    Hold,
}

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What.
    pub claim: Claim,
    /// How long.
    pub length: Seconds,
    /// Who.
    pub by: String,
}

/// Why it is not granted.
#[derive(Debug, Clone, PartialEq)]
pub enum NotGranted {
    /// The service is in mode observe: nothing of it is changed, and nothing would give it back.
    Observes,
    /// It passes the ceiling of the fleet file.
    OverCeiling {
        /// Tasks asked for.
        asked: u32,
        /// The ceiling.
        ceiling: u32,
    },
    /// A floor over max: max is asked for first.
    OverMax {
        /// Tasks asked for.
        asked: u32,
        /// MaxCapacity found.
        max: u32,
    },
    /// A max under the floor of a living lease.
    UnderALease {
        /// The highest floor.
        floor: u32,
        /// The max asked for.
        max: u32,
    },
    /// What is read is not what the person said yes to.
    Moved {
        /// The baseline now.
        from: Bounds,
        /// What it would become now.
        to: Bounds,
        /// What is found now.
        found: Bounds,
    },
    /// Something stands against it now.
    Waits(Waiting),
    /// Something stands against it.
    Refused(Refusal),
    /// Others wrote the same service again and again.
    Contended,
}

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observes => f.write_str("mode observe: nothing of this service may be changed"),
            Self::OverCeiling { asked, ceiling } => {
                write!(f, "{asked} is over the ceiling {ceiling} (capacity.ceiling in the fleet file)")
            }
            Self::OverMax { asked, max } => write!(f, "{asked} is over max {max}: ask for --max {asked} first"),
            Self::UnderALease { floor, max } => {
                write!(
                    f,
                    "a living lease keeps {floor} tasks, max would be {max}: release it first (headroom lease list)"
                )
            }
            Self::Moved { from, to, found } => {
                write!(f, "it changed since you were asked: baseline {from} -> {to}, found {found} now; ask again")
            }
            Self::Waits(why) => write!(f, "{why}"),
            Self::Refused(why) => write!(f, "{}: {why}", why.name()),
            Self::Contended => f.write_str("others write the same just now; try again in a minute"),
        }
    }
}

impl Wish {
    /// The identity of its lease: the same wish of the same person renews it and never stacks.
    #[must_use]
    pub fn source(&self) -> String {
        let claim = match self.claim {
            Claim::Floor(_) => "floor",
            Claim::Max(_) => "max",
            Claim::Hold => "hold",
        };
        format!("{OPERATOR}-{claim}@{}", self.by)
    }

    /// What it costs an hour at most, over the bounds found; `None` where the file says nothing of the task's size.
    #[must_use]
    pub fn usd_hour(&self, service: &Service, found: Bounds) -> Option<f64> {
        let added = match self.claim {
            Claim::Floor(floor) => floor.saturating_sub(found.min),
            Claim::Max(max) => max.saturating_sub(found.max),
            Claim::Hold => 0,
        };
        service.task.as_ref().map(|task| price::task_hour(task) * f64::from(added))
    }
}

/// The grant, and the target that it moves.
///
/// # Errors
/// What stands against it.
pub fn wished(
    wish: &Wish,
    service: &Service,
    state: &ServiceState,
    seen: &Seen,
    case: &CaseKey,
    now: Timestamp,
) -> Result<(Grant, TargetSeen), NotGranted> {
    if service.mode == Mode::Observe {
        return Err(NotGranted::Observes);
    }
    let found_service = seen.service.known().ok_or_else(|| unseen("the service", seen.service.why()))?;
    let target = target(wish, service.capacity.max, state, seen, found_service)?;
    let found = Bounds::of(&target);
    let room = service.capacity.ceiling.max(found.min);
    match wish.claim {
        Claim::Floor(asked) | Claim::Max(asked) if asked > room => {
            return Err(NotGranted::OverCeiling { asked, ceiling: service.capacity.ceiling });
        }
        Claim::Floor(asked) if asked > found.max => return Err(NotGranted::OverMax { asked, max: found.max }),
        Claim::Floor(_) | Claim::Max(_) | Claim::Hold => {}
    }
    stands_as_ours(state, found_service, found, now)?;
    let gives_back = service.remedies.iter().any(|remedy| remedy.gives_back_desired);
    let scales_in = seen.policies.known().is_some_and(|policies| policies.iter().any(|p| p.scales_in));
    if matches!(wish.claim, Claim::Floor(_)) && !target.by_desired && !gives_back && !scales_in {
        return Err(NotGranted::Refused(Refusal::NothingScalesIn));
    }
    let grant = Grant {
        lease: lease(wish, service, state, case, gives_back, now),
        cooldown_until: now,
        expected: found,
        base_min: state.kept.as_ref().map_or(target.min, |kept| kept.min.base),
        environment: service.environment.clone(),
        ceiling: service.capacity.ceiling,
    };
    Ok((grant, target))
}

pub(super) fn unseen(what: &str, why: String) -> NotGranted {
    NotGranted::Refused(Refusal::Unseen { what: what.to_owned(), why })
}

/// The scalable target, or the desired count where a floor stands for one.
fn target(
    wish: &Wish,
    max: u32,
    state: &ServiceState,
    seen: &Seen,
    service: &ServiceSeen,
) -> Result<TargetSeen, NotGranted> {
    let by_desired = state.kept.as_ref().map(|kept| kept.by_desired);
    match &seen.target {
        Reading::Known(target) if by_desired != Some(true) => Ok(*target),
        Reading::Absent if matches!(wish.claim, Claim::Floor(_)) && by_desired != Some(false) && !service.daemon => {
            let max = state.kept.as_ref().map_or(max, |kept| kept.max.base);
            Ok(TargetSeen::by_desired(service.desired, max))
        }
        Reading::Absent if service.daemon => Err(NotGranted::Refused(Refusal::Daemon)),
        Reading::Absent | Reading::Known(_) => Err(NotGranted::Refused(Refusal::NoScalableTarget)),
        Reading::Unreadable(_) | Reading::Stale { .. } => Err(unseen("the scalable target", seen.target.why())),
    }
}

/// As the guard `drift` asks for any grant: nobody holds the capacity outside its bounds, and what is found is ours.
pub(super) fn stands_as_ours(
    state: &ServiceState,
    service: &ServiceSeen,
    found: Bounds,
    now: Timestamp,
) -> Result<(), NotGranted> {
    let desired = service.desired;
    let held = NotGranted::Waits(Waiting::CapacityHeldByPerson { desired, found });
    let Some(kept) = &state.kept else {
        let inside = (found.min..=found.max).contains(&desired);
        return if inside { Ok(()) } else { Err(held) };
    };
    if crate::capacity::held_by_person(kept, service, found, now) {
        return Err(held);
    }
    let ours = kept.min.ours.contains(&found.min)
        && kept.max.ours.contains(&found.max)
        && kept.scale_in.ours.contains(&found.scale_in_suspended);
    if ours { Ok(()) } else { Err(NotGranted::Waits(Waiting::Drift { found, applied: kept.newest() })) }
}

/// The newest word of a person counts: their earlier lease of the same kind is replaced, smaller or larger.
fn lease(
    wish: &Wish,
    service: &Service,
    state: &ServiceState,
    case: &CaseKey,
    gives_back: bool,
    now: Timestamp,
) -> Lease {
    let source = wish.source();
    let old = state.leases.get(&source).filter(|lease| lease.live());
    let (floor, raise) = match wish.claim {
        Claim::Floor(floor) => (Some(floor), None),
        Claim::Max(max) => (None, Some(max)),
        Claim::Hold => (None, None),
    };
    let end = after(now, wish.length);
    let incident = format!("{}/{source}@{now:.0}", service.label());
    Lease {
        source,
        remedy: OPERATOR.to_owned(),
        case: case.clone(),
        incident: old.map_or(incident, |old| old.incident.clone()),
        floor,
        raise,
        hold: wish.claim == Claim::Hold,
        gives_back_desired: gives_back && floor.is_some(),
        floor_highest: floor.unwrap_or(0).max(old.map_or(0, |old| old.floor_highest)),
        granted: old.map_or(now, |old| old.granted),
        renew_at: end,
        until: end,
        hard_end: end,
        as_of: now,
        low_since: None,
        low_datapoint: None,
        patience: 1,
        metric: Metric::Cpu,
        sizing: Sizing::Add { tasks: 1 },
        load: LoadQuestion::none(),
        alarm: String::new(),
        overridden: Overridden::default(),
        put_back: false,
        told_long: false,
        contributor_fires: None,
        window: None,
        proof: Proof::default(),
        forecast: None,
        targets: None,
        operator: Some(wish.by.clone()),
        ended: None,
    }
}
