//! Whether the floor of a window is granted now.
//!
//! A schedule is no event: what makes it wait is looked at again in the next minute, while its window lasts.

use jiff::Timestamp;

use super::asked::{Asked, source_of_schedule};
use super::proof::{Proof, SHORT_LOOKS};
use super::targets::label_of;
use super::window::Window;
use crate::capacity::{Bounds, Grant, Lease, Overridden, State, held_by_person};
use crate::control::Control;
use crate::decide::{Answer, Decision, Guard, Judgement, Plan, Refusal, Waiting};
use crate::fleet::{Fleet, Metric, Service, Sizing, WhileHigh};
use crate::id::{CaseKey, ServiceId};
use crate::remedy::needs;
use crate::seen::{LoadQuestion, Question, Reading, Seen, ServiceSeen, TargetSeen};
use crate::time::{Seconds, after};

/// One visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);

/// A window that asks for a floor, and what is known before AWS is asked.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The service.
    pub service: &'a Service,
    /// What is asked.
    pub asked: &'a Asked,
    /// Its case.
    pub key: &'a CaseKey,
    /// State of the service.
    pub state: &'a State,
    /// What people switched in the environment.
    pub control: &'a Control,
    /// Now.
    pub now: Timestamp,
}

impl Opening<'_> {
    /// What must be seen.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            service: ServiceId::of(self.service),
            policies: true,
            scheduled: false,
            load: self.asked.usual.map(|_| samples_of(self.service)),
            alarm: None,
            tasks: false,
            needs: needs::questions(self.fleet, self.service, WhileHigh::NoScaleOut),
            quota: false,
        }
    }

    /// Decides, with what each guard saw.
    pub fn decide(&self, seen: &Seen) -> Judgement {
        let mut guards = Vec::new();
        let mut ask = |guard: Guard, verdict: Result<String, Decision>| -> Option<Decision> {
            let (saw, stops) = match verdict {
                Ok(saw) => (saw, None),
                Err(decision) => (said(&decision), Some(decision)),
            };
            guards.push(Answer { guard, passed: stops.is_none(), saw });
            stops
        };
        let stopped = ask(Guard::NotStopped, self.not_stopped())
            .or_else(|| ask(Guard::NotPaused, self.not_paused()))
            .or_else(|| ask(Guard::NativeFirst, self.scales_in(seen)))
            .or_else(|| ask(Guard::Dependencies, self.dependencies(seen)))
            .or_else(|| ask(Guard::Drift, self.drift(seen)));
        let decision = stopped.unwrap_or_else(|| match self.sight(seen) {
            Ok((found, target)) => {
                let targets = label_of(&seen.policies, &found.target_groups);
                Decision::Act(Plan::Lease(Box::new(self.grant(found.running, &target, targets))))
            }
            Err(decision) => decision,
        });
        Judgement { guards, need: None, native: None, decision }
    }

    fn not_stopped(&self) -> Result<String, Decision> {
        if self.control.stopped { Err(self.wait(Waiting::Stopped)) } else { Ok("ok".to_owned()) }
    }

    fn not_paused(&self) -> Result<String, Decision> {
        let source = source_of_schedule(&self.asked.schedule);
        let paused = |name: &str| self.control.pause_of(&self.service.name, name, self.now);
        match paused(&self.asked.schedule).or_else(|| paused(&source)) {
            Some(pause) => Err(self.wait(Waiting::Paused { by: pause.by.clone() })),
            None => Ok("ok".to_owned()),
        }
    }

    /// Added tasks must be able to go away again (SEMANTICS 22).
    fn scales_in(&self, seen: &Seen) -> Result<String, Decision> {
        let (_, target) = self.sight(seen)?;
        if target.by_desired {
            return Ok("no scalable target: the desired count is set, and lowered again".to_owned());
        }
        let Some(policies) = seen.policies.known() else {
            return Err(self.unseen("the scaling policies", &seen.policies.why()));
        };
        match policies.iter().find(|policy| policy.scales_in) {
            Some(policy) => Ok(format!("{} takes added tasks away again", policy.name)),
            None => Err(Decision::Refuse(Refusal::NothingScalesIn)),
        }
    }

    fn dependencies(&self, seen: &Seen) -> Result<String, Decision> {
        match needs::none_high(self.fleet, self.service, WhileHigh::NoScaleOut, &seen.needs) {
            Ok(unread) if unread.is_empty() => Ok("none is high".to_owned()),
            Ok(unread) => Ok(format!("not readable: {}", unread.join(", "))),
            Err(name) => Err(self.wait(Waiting::DependencyHigh { name })),
        }
    }

    fn drift(&self, seen: &Seen) -> Result<String, Decision> {
        let (service, target) = self.sight(seen)?;
        let (found, desired) = (Bounds::of(&target), service.desired);
        let held = || Err(self.wait(Waiting::CapacityHeldByPerson { desired, found }));
        let Some(kept) = &self.state.service.kept else {
            if desired < found.min || desired > found.max {
                return held();
            }
            return Ok(format!("no lease: {found} is the baseline"));
        };
        if held_by_person(kept, service, found, self.now) {
            return held();
        }
        if !kept.is_ours(found) {
            return Err(self.wait(Waiting::Drift { found, applied: kept.newest() }));
        }
        Ok(format!("found what was last applied: {found}"))
    }

    /// The service, and its scalable target or what stands for one.
    fn sight<'s>(&self, seen: &'s Seen) -> Result<(&'s ServiceSeen, TargetSeen), Decision> {
        let Some(service) = seen.service.known() else {
            return Err(self.unseen("the service", &seen.service.why()));
        };
        let kept = self.state.service.kept.as_ref();
        match (&seen.target, kept.map(|kept| kept.by_desired)) {
            (Reading::Known(target), None | Some(false)) => Ok((service, *target)),
            (Reading::Known(target), Some(true)) => {
                let applied = kept.map_or_else(|| Bounds::of(target), |kept| kept.newest());
                Err(self.wait(Waiting::Drift { found: Bounds::of(target), applied }))
            }
            (Reading::Absent, None | Some(true)) if service.daemon => Err(Decision::Refuse(Refusal::Daemon)),
            (Reading::Absent, None | Some(true)) => {
                let max = kept.map_or(self.service.capacity.max, |kept| kept.max.base);
                Ok((service, TargetSeen::by_desired(service.desired, max)))
            }
            (Reading::Absent, Some(false)) => Err(Decision::Refuse(Refusal::NoScalableTarget)),
            (Reading::Unreadable(_) | Reading::Stale { .. }, _) => {
                Err(self.unseen("the scalable target", &seen.target.why()))
            }
        }
    }

    fn grant(&self, running: u32, target: &TargetSeen, targets: Option<String>) -> Grant {
        let Asked { schedule, window, floor, .. } = self.asked;
        let source = source_of_schedule(schedule);
        let lease = Lease {
            source: source.clone(),
            remedy: source,
            case: self.key.clone(),
            incident: incident(self.service, schedule, window.opens),
            floor: Some(*floor),
            raise: None,
            hold: false,
            gives_back_desired: false,
            floor_highest: *floor,
            granted: self.now,
            renew_at: window.closes,
            until: window.closes,
            hard_end: window.closes,
            as_of: self.now,
            low_since: None,
            low_datapoint: None,
            patience: 1,
            metric: Metric::Cpu,
            sizing: Sizing::Add { tasks: 0 },
            load: LoadQuestion::none(),
            alarm: String::new(),
            overridden: Overridden::default(),
            put_back: false,
            // Its age is its window's: no baseline is too low for that.
            told_long: true,
            contributor_fires: None,
            window: Some(*window),
            proof: Proof {
                clipped: self.asked.most() > target.max.min(self.service.capacity.ceiling),
                ..self.begins(running)
            },
            forecast: self.asked.forecast.clone(),
            targets,
            operator: None,
            ended: None,
        };
        Grant {
            lease,
            cooldown_until: self.now,
            expected: Bounds::of(target),
            base_min: self.state.service.kept.as_ref().map_or(target.min, |kept| kept.min.base),
            environment: self.service.environment.clone(),
            ceiling: self.service.capacity.ceiling,
        }
    }

    /// What runs already is no batch to learn from. A floor that comes late is told once it is whole, as one whose tasks
    /// come late: whoever was told that it waits hears of the end.
    fn begins(&self, running: u32) -> Proof {
        let Asked { window, floor, .. } = self.asked;
        // Running tasks alone: targets are counted from the next look on.
        let whole = (running >= *floor).then_some(self.now);
        let late = is_late(*window, self.now);
        Proof { whole, waited: late, since: late.then_some(window.opens), ..Proof::default() }
    }

    fn wait(&self, why: Waiting) -> Decision {
        Decision::Wait { until: after(self.now, LOOK_AGAIN), why }
    }

    /// What cannot be read is no reason to give the window up.
    fn unseen(&self, what: &str, why: &str) -> Decision {
        self.wait(Waiting::MetricMissing { why: format!("{what}: {why}") })
    }
}

/// How many samples the service's tasks send in a minute, as the number of the tasks of its CPU.
fn samples_of(service: &Service) -> LoadQuestion {
    let own = [("ClusterName", service.cluster.clone()), ("ServiceName", service.service.clone())];
    let own = own.map(|(name, value)| (name.to_owned(), value)).to_vec();
    LoadQuestion {
        namespace: "AWS/ECS".to_owned(),
        name: "CPUUtilization".to_owned(),
        stat: "Average".to_owned(),
        dimensions: own.clone(),
        tasks_of: Some(own),
        lowest_of: None,
    }
}

fn said(decision: &Decision) -> String {
    match decision {
        Decision::Wait { why, .. } => why.to_string(),
        Decision::Refuse(why) => why.to_string(),
        Decision::Act(plan) => plan.to_string(),
    }
}

/// Whether a window has been open for so many looks that a floor that is not granted yet is late.
#[must_use]
pub fn is_late(window: Window, now: Timestamp) -> bool {
    after(window.opens, Seconds(60 * (SHORT_LOOKS - 1))) <= now
}

/// What the notices of one window's lease belong to.
#[must_use]
pub fn incident(service: &Service, schedule: &str, opens: Timestamp) -> String {
    format!("{}/schedule/{schedule}/{}", service.label(), opens.as_second())
}

/// What the notices belong to that say whether its tasks are there: people resolve, or acknowledge, these alone.
#[must_use]
pub fn incident_of_proof(label: &str, schedule: &str, opens: Timestamp) -> String {
    format!("{label}/prewarm/{schedule}/{}", opens.as_second())
}
