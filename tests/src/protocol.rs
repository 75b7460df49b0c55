//! The write protocol, explored exhaustively: two writers and the reconciler on one service, each may die at
//! any step, a write may land after the death of its sender, and whoever died is retried once.
//!
//! The transitions are the real ones ([`granted`], [`keep`], [`unlocked`]); only AWS and the table are a model.
//! Each rule is then left out in turn, and the exploration must find the harm that the rule prevents.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::{Hash, Hasher};

use headroom_core::capacity::{Bounds, Change, Grant, Kept, PassInput, ServiceState, granted, keep, unlocked};
use headroom_core::fleet::{Fleet, Service};
use headroom_core::seen::{ServiceSeen, Suspended, TargetSeen};
use jiff::Timestamp;

use crate::fleets::{at, floor_lease, langfuse_web};

const BASE: u32 = 2;
const FLOORS: [u32; 2] = [5, 8];
const NAMES: [&str; 3] = ["A", "B", "reconciler"];
/// A protocol that writes more often than this does not converge.
const GENERATION_MAX: u64 = 16;

/// The rule that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// Writers ignore each other's lock.
    Lock,
    /// Writes are not conditional on the generation.
    Generation,
    /// Only the newest intent is remembered.
    TheSet,
    /// Intents are remembered after the call instead of before.
    WriteAhead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Observe,
    Plan,
    Send,
    InFlight,
    Close,
    Done,
}

#[derive(Debug, Clone)]
struct Writer {
    at: At,
    /// A grant still to be made; afterwards, and for the reconciler always, it converges.
    grants: bool,
    seen: Option<(ServiceState, u64, u32)>,
    /// What its plan wrote, and the generation that it made.
    plan: Option<(ServiceState, u64, u32)>,
    alive: bool,
    in_flight: Option<u32>,
    lives: u8,
}

#[derive(Debug, Clone)]
struct Model {
    min: u32,
    state: ServiceState,
    generation: u64,
    writers: [Writer; 3],
}

impl Model {
    fn new() -> Self {
        let writer =
            |grants| Writer { at: At::Observe, grants, seen: None, plan: None, alive: true, in_flight: None, lives: 1 };
        Self {
            min: BASE,
            state: ServiceState::default(),
            generation: 0,
            writers: [writer(true), writer(true), writer(false)],
        }
    }

    fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.min, self.generation).hash(&mut hasher);
        hash_state(&self.state, &mut hasher);
        for w in &self.writers {
            (w.at, w.grants, w.alive, w.in_flight, w.lives).hash(&mut hasher);
            for (state, generation, found) in [&w.seen, &w.plan].into_iter().flatten() {
                (generation, found).hash(&mut hasher);
                hash_state(state, &mut hasher);
            }
            (w.seen.is_some(), w.plan.is_some()).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// A lock counts until its holder is dead and nothing of it is in flight: by then its minute has passed.
    fn now(&self) -> Timestamp {
        let holder = self.state.lock.as_ref().and_then(|l| NAMES.iter().position(|n| *n == l.owner));
        match holder.map(|h| &self.writers[h]) {
            Some(w) if !w.alive && w.in_flight.is_none() => at(61),
            Some(_) | None => at(0),
        }
    }
}

/// Everything of a state that can differ here: leases come, are overridden or put back, and never end.
fn hash_state(state: &ServiceState, hasher: &mut DefaultHasher) {
    (&state.kept, &state.lock).hash(hasher);
    for (source, lease) in &state.leases {
        assert!(lease.live() && lease.floor.is_some(), "this model's leases never end");
        (source, lease.overridden, lease.put_back).hash(hasher);
    }
}

struct Explorer {
    without: Without,
    fleet: Fleet,
}

impl Explorer {
    fn service(&self) -> &Service {
        &self.fleet.services[0]
    }

    /// Times are made equal again, so that the same situation is the same state.
    fn settled(&self, mut state: ServiceState) -> ServiceState {
        match &mut state.lock {
            Some(_) if self.without == Without::Lock => state.lock = None,
            Some(lock) => lock.until = at(60),
            None => {}
        }
        if let Some(kept) = &mut state.kept {
            kept.min_written = None;
            if self.without == Without::TheSet {
                kept.min.ours = vec![kept.min.newest];
            }
            kept.min.ours.sort_unstable();
        }
        state.held_since = None;
        state.cooldowns.clear();
        state
    }

    fn pass(
        &self,
        state: &ServiceState,
        found: u32,
        owner: &str,
        now: Timestamp,
    ) -> Option<(ServiceState, Option<u32>)> {
        let input = PassInput {
            state,
            fleet: Some(self.service()),
            service: &seen_service(found),
            target: &target(found),
            readings: &BTreeMap::new(),
            scheduled: &[],
            healthy: None,
            asked: None,
            may_grow: true,
            clock_may_grow: true,
            paused: &BTreeSet::new(),
            owner,
            now,
        };
        let pass = keep(&input).ok()?;
        Some((self.settled(pass.next), written(&pass.changes)))
    }

    fn steps(&self, model: &Model) -> Vec<Model> {
        let mut out = Vec::new();
        for (i, writer) in model.writers.iter().enumerate() {
            if let Some(value) = writer.in_flight {
                let mut next = model.clone();
                next.min = value;
                next.writers[i].in_flight = None;
                if next.writers[i].at == At::InFlight {
                    next.writers[i].at = At::Close;
                }
                out.push(next);
            }
            if writer.at == At::Done {
                continue;
            }
            let mut next = model.clone();
            if !writer.alive {
                if writer.lives > 0 && writer.in_flight.is_none() {
                    // Its lock has passed before anybody retries it.
                    if next.state.lock.as_ref().is_some_and(|l| l.owner == NAMES[i]) {
                        next.state.lock = None;
                    }
                    next.writers[i] =
                        Writer { at: At::Observe, alive: true, lives: writer.lives - 1, ..writer.clone() };
                    out.push(next);
                }
                continue;
            }
            let dead = Writer { alive: false, seen: None, plan: None, ..writer.clone() };
            next.writers[i] = dead;
            out.push(next);
            out.extend(self.step(model, i));
        }
        out
    }

    fn step(&self, model: &Model, i: usize) -> Option<Model> {
        let mut next = model.clone();
        let writer = &mut next.writers[i];
        match model.writers[i].at {
            At::Observe => {
                writer.seen = Some((model.state.clone(), model.generation, model.min));
                writer.at = At::Plan;
            }
            At::Plan => return self.plan(model, i),
            At::Send => {
                writer.in_flight = writer.plan.as_ref().map(|(_, _, to)| *to);
                writer.at = At::InFlight;
            }
            At::InFlight => return None,
            At::Close => {
                let (planned, generation, to) = model.writers[i].plan.clone()?;
                let moved = generation != model.generation && self.without != Without::Generation;
                writer.plan = None;
                if moved {
                    writer.at = At::Observe;
                    return Some(next);
                }
                let mut state = unlocked(&planned);
                if self.without == Without::WriteAhead
                    && let Some(kept) = &mut state.kept
                {
                    kept.min.intend(to);
                }
                next.state = self.settled(state);
                next.generation += 1;
                writer.at = At::Done;
            }
            At::Done => return None,
        }
        Some(next)
    }

    fn plan(&self, model: &Model, i: usize) -> Option<Model> {
        let mut next = model.clone();
        let (state, generation, found) = model.writers[i].seen.clone()?;
        let writer = &mut next.writers[i];
        writer.seen = None;
        if generation != model.generation && self.without != Without::Generation {
            writer.at = At::Observe;
            return Some(next);
        }
        let now = model.now();
        let planned = if writer.grants && !state.leases.contains_key(NAMES[i]) {
            if state.locked_for(NAMES[i], now) && self.without != Without::Lock {
                writer.at = At::Done;
            }
            let (stored, changes) =
                granted(&state, &grant(i, found), &seen_service(found), &target(found), NAMES[i], now);
            Some((self.settled(stored), written(&changes)))
        } else {
            self.pass(&state, found, NAMES[i], now)
        };
        let Some((mut stored, to)) = planned else {
            writer.at = At::Done;
            return Some(next);
        };
        writer.grants = false;
        if self.without == Without::WriteAhead && to.is_some() {
            forget_newest(&mut stored, &state);
        }
        if stored != state {
            next.generation += 1;
        }
        next.state = stored.clone();
        match to {
            Some(to) => {
                writer.plan = Some((stored, next.generation, to));
                writer.at = At::Send;
            }
            None => writer.at = At::Done,
        }
        Some(next)
    }

    /// What must hold: in every state, and once nobody moves any more, after the reconciler's next minutes.
    fn harm(&self, model: &Model) -> Option<&'static str> {
        if let Some(kept) = &model.state.kept {
            if kept.min.base != BASE {
                return Some("the baseline is lost");
            }
            if kept.min.foreign.is_some() {
                return Some("an own write is called foreign");
            }
        }
        let moves = |w: &Writer| w.in_flight.is_some() || (w.at != At::Done && (w.alive || w.lives > 0));
        if model.writers.iter().any(moves) {
            return None;
        }
        let (mut state, mut min) = (model.state.clone(), model.min);
        for _ in 0..3 {
            let Some((next, to)) = self.pass(&state, min, "next minute", at(61)) else {
                return Some("a dead writer's lock never passes");
            };
            state = unlocked(&next);
            min = to.unwrap_or(min);
            if state.kept.as_ref().is_some_and(|k| k.min.foreign.is_some() || k.min.base != BASE) {
                return Some("the reconciler calls an own write foreign");
            }
        }
        let floors = state.live().filter_map(|l| l.floor).max().unwrap_or(0);
        (min != floors.max(BASE)).then_some("bounds do not converge to the leases")
    }

    fn explore(&self) -> (usize, BTreeMap<&'static str, usize>) {
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([Model::new()]);
        seen.insert(Model::new().key());
        let mut harms = BTreeMap::new();
        while let Some(model) = queue.pop_front() {
            if let Some(harm) = self.harm(&model) {
                *harms.entry(harm).or_insert(0) += 1;
                if self.without != Without::Nothing {
                    return (seen.len(), harms);
                }
                continue;
            }
            for next in self.steps(&model) {
                assert!(next.generation <= GENERATION_MAX, "writes without end: {next:?}");
                if seen.insert(next.key()) {
                    queue.push_back(next);
                }
            }
        }
        (seen.len(), harms)
    }
}

fn forget_newest(stored: &mut ServiceState, before: &ServiceState) {
    if let (Some(kept), before) = (&mut stored.kept, before.kept.as_ref()) {
        kept.min = before.map_or_else(|| Kept::at(bounds(kept.min.base)).min, |b| b.min.clone());
    }
}

fn bounds(min: u32) -> Bounds {
    Bounds { min, max: 10, scale_in_suspended: false }
}

fn written(changes: &[Change]) -> Option<u32> {
    changes.iter().find_map(|c| match c {
        Change::Min { to, .. } => Some(*to),
        Change::Max { .. } | Change::Desired { .. } | Change::Suspend { .. } => None,
    })
}

fn target(min: u32) -> TargetSeen {
    TargetSeen { min, max: 10, suspended: Suspended::default(), by_desired: false }
}

fn seen_service(min: u32) -> ServiceSeen {
    ServiceSeen {
        arn: "arn".into(),
        created_at: None,
        desired: min,
        running: min,
        deployments_in_progress: 1,
        daemon: false,
        troubles: Vec::new(),
        target_groups: Vec::new(),
        primary: None,
    }
}

fn grant(i: usize, found: u32) -> Grant {
    let lease = floor_lease(NAMES[i], FLOORS[i]);
    Grant {
        lease,
        cooldown_until: at(0),
        expected: bounds(found),
        environment: "e".into(),
        base_min: BASE,
        ceiling: 15,
    }
}

fn explore(without: Without) -> (usize, BTreeMap<&'static str, usize>) {
    Explorer { without, fleet: langfuse_web() }.explore()
}

#[test]
fn semantics_3_the_protocol_holds_in_every_reachable_state() {
    let (states, harms) = explore(Without::Nothing);
    crate::golden::say(&format!("write protocol: {states} states, harms: {harms:?}"));
    assert!(harms.is_empty(), "{harms:?}");
    assert!(states > 10_000, "{states}: too few to say anything");
}

#[test]
fn semantics_6_each_rule_left_out_is_found_to_do_harm() {
    for without in [Without::Lock, Without::Generation, Without::TheSet, Without::WriteAhead] {
        let (states, harms) = explore(without);
        crate::golden::say(&format!("without {without:?}: {harms:?} after {states} states"));
        assert!(!harms.is_empty(), "leaving out {without:?} does no harm in {states} states: the rule is idle");
    }
}
