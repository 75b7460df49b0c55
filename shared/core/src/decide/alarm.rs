//! The decision on a firing alarm.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::guard::{Answer, Guard};
use super::matching::source_of;
use super::refusal::{Refusal, Waiting};
use crate::capacity::{BREAKER_LIMIT, Bounds, Grant, Lease, State, breaker_open, held_by_person, repeated};
use crate::fleet::{Action, Fleet, Metric, Remedy, Service, Sizing};
use crate::id::{CaseKey, ServiceId};
use crate::scale_out::{Arithmetic, carried_by, ratio};
use crate::seen::{Load, LoadQuestion, PolicySeen, Question, Reading, Seen, ServiceSeen, TargetSeen};
use crate::signal::{AlarmEvent, AlarmState};
use crate::time::{Seconds, after, elapsed};

/// A source that fires again this soon after its release keeps its next lease twice as long (SEMANTICS A).
const FIRES_AGAIN: Seconds = Seconds(3_600);
/// When something deferred is looked at again, if nothing says when: one visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);
/// A foreign change is understood after two visits of the reconciler.
const DRIFT_SETTLES: Seconds = Seconds(120);
/// A stopped environment is looked at as rarely.
const STOPPED_LOOK: Seconds = Seconds(300);
/// A switched-off alarm says nothing about when it returns.
const DISABLED_LOOK: Seconds = Seconds(300);

/// Everything that a decision stands on, except what must be seen in AWS.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The service.
    pub service: &'a Service,
    /// The remedy.
    pub remedy: &'a Remedy,
    /// The event.
    pub event: &'a AlarmEvent,
    /// The case.
    pub key: &'a CaseKey,
    /// True when a deferred case is judged later: by the alarm's present state, whatever the event's age.
    pub later: bool,
    /// State of the service.
    pub state: &'a State,
    /// Whether the environment is stopped.
    pub stopped: bool,
    /// Changes of the service and of its environment in this hour.
    pub used: (u32, u32),
    /// Now.
    pub now: Timestamp,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Decision {
    /// Grant this.
    Act(Box<Grant>),
    /// Judge again then.
    Wait {
        /// When.
        until: Timestamp,
        /// Why.
        why: Waiting,
    },
    /// Do nothing.
    Refuse(Refusal),
}

/// A decision with everything that led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What the guards answered, in order, up to the first that stopped.
    pub guards: Vec<Answer>,
    /// The need with its numbers, when it was computed.
    pub need: Option<Arithmetic>,
    /// Name of the scaling policy that watches the same metric, when there is one.
    pub native: Option<String>,
    /// The decision.
    pub decision: Decision,
}

/// What is known before AWS is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Event and table suffice.
    Nothing(Box<Judgement>),
    /// This must be seen.
    See(Box<Question>),
}

/// Asks what must be seen, or decides at once where event and table suffice.
#[must_use]
pub fn question(context: &Context<'_>) -> Ask {
    let mut asked = Asked::new(context);
    if let Err(decision) = asked.before_looking() {
        return Ask::Nothing(Box::new(asked.judgement(decision)));
    }
    Ask::See(Box::new(Question {
        service: ServiceId::of(context.service),
        policies: true,
        scheduled: false,
        load: load_question(context),
        alarm: Some(context.event.name.clone()),
    }))
}

/// Decides.
pub fn decide(context: &Context<'_>, seen: &Seen) -> Judgement {
    let mut asked = Asked::new(context);
    let decision = asked.before_looking().and_then(|()| asked.after_looking(seen));
    asked.judgement(match decision {
        Ok(grant) => Decision::Act(Box::new(grant)),
        Err(other) => other,
    })
}

/// The metric to read: of the remedy, in the dimensions of the service or of the alarm itself.
fn load_question(context: &Context<'_>) -> Option<LoadQuestion> {
    let watched = context.event.metric.as_ref();
    let own = vec![
        ("ClusterName".to_owned(), context.service.cluster.clone()),
        ("ServiceName".to_owned(), context.service.service.clone()),
    ];
    let metric = metric_of(context.remedy);
    let tasks_of = metric.filter(|m| m.proportional()).map(|_| own.clone());
    let (namespace, name, stat, dimensions) = match metric.and_then(Metric::cloudwatch) {
        Some((namespace @ "AWS/ECS", name, stat)) => (namespace, name, stat, own),
        Some((namespace, name, stat)) => {
            (namespace, name, stat, watched.map(|m| m.dimensions.clone()).filter(|d| !d.is_empty())?)
        }
        // The alarm's own metric, when it is one metric and no expression.
        None => watched
            .and_then(|m| Some((m.namespace.as_str(), m.name.as_str(), m.stat.as_deref()?, m.dimensions.clone())))?,
    };
    Some(LoadQuestion {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        dimensions,
        tasks_of,
    })
}

fn metric_of(remedy: &Remedy) -> Option<Metric> {
    match &remedy.when {
        crate::fleet::When::Metric { metric, .. } => Some(*metric),
        crate::fleet::When::Alarm { .. }
        | crate::fleet::When::Contributor { .. }
        | crate::fleet::When::Event { .. } => None,
    }
}

/// The questions in their order, and the answers so far.
struct Asked<'a> {
    context: &'a Context<'a>,
    answers: Vec<Answer>,
    need: Option<Arithmetic>,
    native: Option<String>,
}

impl<'a> Asked<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        Self { context, answers: Vec::new(), need: None, native: None }
    }

    fn judgement(self, decision: Decision) -> Judgement {
        Judgement { guards: self.answers, need: self.need, native: self.native, decision }
    }

    fn passed(&mut self, guard: Guard, saw: impl Into<String>) {
        self.answers.push(Answer { guard, passed: true, saw: saw.into() });
    }

    fn refuse<T>(&mut self, guard: Guard, refusal: Refusal) -> Result<T, Decision> {
        self.answers.push(Answer { guard, passed: false, saw: refusal.to_string() });
        Err(Decision::Refuse(refusal))
    }

    fn wait<T>(&mut self, guard: Guard, until: Timestamp, why: Waiting) -> Result<T, Decision> {
        self.answers.push(Answer { guard, passed: false, saw: why.to_string() });
        Err(Decision::Wait { until, why })
    }

    fn before_looking(&mut self) -> Result<(), Decision> {
        let Context { fleet, remedy, event, later, state, stopped, used, now, service, .. } = *self.context;
        if !event.firing() {
            return Err(Decision::Refuse(Refusal::NotFiring));
        }
        if !later && !event.is_edge() {
            return Err(Decision::Refuse(Refusal::NotAnEdge));
        }
        if remedy.action != Action::ScaleOut {
            return Err(Decision::Refuse(Refusal::NotInThisRelease { action: remedy.action.name().to_owned() }));
        }
        let (age, limit) = (elapsed(event.at, now), fleet.limits.event_age_max);
        if later {
            self.passed(Guard::Fresh, "judged by the alarm's present state");
        } else if let Some(why) = event.again.clone() {
            return self.wait(Guard::Fresh, now, Waiting::ComesAgain { why });
        } else if age > limit {
            return self.wait(Guard::Fresh, now, Waiting::StaleEvent { age, limit });
        } else {
            self.passed(Guard::Fresh, format!("{age}, limit {limit}"));
        }
        if stopped {
            return self.wait(Guard::NotStopped, after(now, STOPPED_LOOK), Waiting::Stopped);
        }
        self.passed(Guard::NotStopped, "ok");
        match event.mute.as_ref().filter(|m| !later || m.until.is_some_and(|u| u > now)) {
            Some(mute) => {
                let until = mute.until.unwrap_or_else(|| after(now, DISABLED_LOOK)).max(after(now, LOOK_AGAIN));
                return self.wait(Guard::NotMuted, until, Waiting::Muted { by: mute.by.clone() });
            }
            None => self.passed(Guard::NotMuted, "no mute rule"),
        }
        let source = source_of(&remedy.name, event);
        match state.service.newest_of(&source).filter(|newest| *newest > event.at) {
            Some(newer) => return self.refuse(Guard::New, Refusal::Superseded { newer }),
            None => self.passed(Guard::New, "no newer transition"),
        }
        match state.service.cooldowns.get(&remedy.name).copied().filter(|until| *until > now) {
            Some(until) => return self.wait(Guard::Cooldown, until, Waiting::Cooldown { until }),
            None => {
                self.passed(Guard::Cooldown, format!("no {} in the last {}", remedy.action.name(), remedy.cooldown))
            }
        }
        let limits = &fleet.limits;
        for (scope, used, limit) in [
            (service.label(), used.0, limits.changes_per_hour_service),
            (service.environment.clone(), used.1, limits.changes_per_hour_environment),
        ] {
            if used >= limit {
                return self.refuse(Guard::Limits, Refusal::LimitReached { scope, used, limit });
            }
        }
        let (service_limit, environment_limit) = (limits.changes_per_hour_service, limits.changes_per_hour_environment);
        self.passed(
            Guard::Limits,
            format!("service {} of {service_limit}, environment {} of {environment_limit} this hour", used.0, used.1),
        );
        match state.service.did_not_help.get(&remedy.name) {
            Some(misses) if breaker_open(misses, now) => {
                return self.refuse(Guard::Breaker, Refusal::CircuitBreaker { times: misses.times });
            }
            Some(misses) => self.passed(Guard::Breaker, format!("{} of {BREAKER_LIMIT} did not help", misses.times)),
            None => self.passed(Guard::Breaker, "the last action helped, or there was none"),
        }
        Ok(())
    }

    fn after_looking(&mut self, seen: &Seen) -> Result<Grant, Decision> {
        let now = self.context.now;
        let unseen = |what: &str, why: String| Decision::Refuse(Refusal::Unseen { what: what.to_owned(), why });
        let service = seen.service.known().ok_or_else(|| unseen("the service", seen.service.why()))?;
        if matches!(seen.target, Reading::Absent) {
            return Err(Decision::Refuse(Refusal::NoScalableTarget));
        }
        let target = seen.target.known().ok_or_else(|| unseen("the scalable target", seen.target.why()))?;
        self.firing(seen)?;
        let load = self.load(seen)?;
        self.native_first(seen, service, target, now)?;
        self.drift(service, target, now)?;
        let floor = self.room(&load, service, target)?;
        Ok(self.grant(floor, target))
    }

    fn firing(&mut self, seen: &Seen) -> Result<(), Decision> {
        let now = self.context.now;
        match seen.alarm.known() {
            Some(alarm) if alarm.state != AlarmState::Alarm => self.refuse(Guard::Firing, Refusal::NotFiring),
            Some(alarm) if !alarm.actions_enabled => {
                self.wait(Guard::Firing, after(now, DISABLED_LOOK), Waiting::ActionsDisabled)
            }
            Some(_) => {
                self.passed(Guard::Firing, "in ALARM now, actions enabled");
                Ok(())
            }
            // Adding capacity on an alarm that cannot be read again harms nobody (SEMANTICS 13).
            None if !self.context.later => {
                self.passed(Guard::Firing, format!("by the event; {}", seen.alarm.why()));
                Ok(())
            }
            None => {
                let why = format!("alarm {}", seen.alarm.why());
                self.wait(Guard::Firing, after(now, LOOK_AGAIN), Waiting::MetricMissing { why })
            }
        }
    }

    fn adds(&self) -> bool {
        matches!(self.context.remedy.sizing, Some(Sizing::Add { .. }))
    }

    /// The load of the newest minute; else, for a fresh event only, the datapoint that fired the alarm.
    fn load(&mut self, seen: &Seen) -> Result<Load, Decision> {
        let Context { event, later, now, .. } = *self.context;
        if let Some(load) = seen.load.known() {
            if let Some(threshold) = event.threshold.filter(|t| later && load.value <= *t) {
                return Err(Decision::Refuse(Refusal::NoLongerBreaching { value: load.value, threshold }));
            }
            return Ok(*load);
        }
        match event.datapoints.last() {
            Some(value) if !later => Ok(Load { value: *value, tasks: None, at: event.at }),
            // A fixed addition needs no number; where there is no metric to read, the alarm alone decides.
            _ if self.adds() && (!later || load_question(self.context).is_none()) => {
                Ok(Load { value: 0.0, tasks: None, at: event.at })
            }
            _ => {
                let why = format!("metric {}", seen.load.why());
                Err(Decision::Wait { until: after(now, LOOK_AGAIN), why: Waiting::MetricMissing { why } })
            }
        }
    }

    fn native_first(
        &mut self,
        seen: &Seen,
        service: &ServiceSeen,
        target: &TargetSeen,
        now: Timestamp,
    ) -> Result<(), Decision> {
        let Context { remedy, event, .. } = *self.context;
        let Some(policies) = seen.policies.known() else {
            self.passed(Guard::NativeFirst, format!("policies {}", seen.policies.why()));
            return Ok(());
        };
        if !policies.iter().any(|p| p.scales_in) {
            return self.refuse(Guard::NativeFirst, Refusal::NothingScalesIn);
        }
        let watching = metric_of(remedy).and_then(|m| policies.iter().find(|p| tracks(p, m)));
        let Some(policy) = watching else {
            self.passed(Guard::NativeFirst, "no scaling policy watches this metric");
            return Ok(());
        };
        self.native = Some(policy.name.clone());
        let turn_ends = after(event.at, remedy.native_first);
        if target.suspended.scale_out {
            self.passed(Guard::NativeFirst, format!("{}: scale-out is suspended", policy.name));
        } else if service.desired >= target.max {
            self.passed(Guard::NativeFirst, format!("{}: at max {}", policy.name, target.max));
        } else if now < turn_ends {
            return self.wait(Guard::NativeFirst, turn_ends, Waiting::NativeFirst { policy: policy.name.clone() });
        } else {
            self.passed(
                Guard::NativeFirst,
                format!("{} had {} and it was not enough", policy.name, remedy.native_first),
            );
        }
        Ok(())
    }

    fn drift(&mut self, service: &ServiceSeen, target: &TargetSeen, now: Timestamp) -> Result<(), Decision> {
        let found = Bounds::of(target);
        let desired = service.desired;
        let Some(kept) = &self.context.state.service.kept else {
            if desired < found.min || desired > found.max {
                return self.wait(
                    Guard::Drift,
                    after(now, LOOK_AGAIN),
                    Waiting::CapacityHeldByPerson { desired, found },
                );
            }
            self.passed(Guard::Drift, format!("no lease: {found} is the baseline"));
            return Ok(());
        };
        if held_by_person(kept, service, found, now) {
            return self.wait(Guard::Drift, after(now, LOOK_AGAIN), Waiting::CapacityHeldByPerson { desired, found });
        }
        let ours = kept.min.ours.contains(&found.min)
            && kept.max.ours.contains(&found.max)
            && kept.scale_in.ours.contains(&found.scale_in_suspended);
        if !ours {
            let why = Waiting::Drift { found, applied: kept.newest() };
            return self.wait(Guard::Drift, after(now, DRIFT_SETTLES), why);
        }
        self.passed(Guard::Drift, format!("found what was last applied: {found}"));
        Ok(())
    }

    /// The floor: the need, within `add_max`, max and ceiling.
    fn room(&mut self, load: &Load, service: &ServiceSeen, target: &TargetSeen) -> Result<u32, Decision> {
        let Context { remedy, service: config, .. } = *self.context;
        let desired = service.desired;
        let need = match remedy.sizing {
            Some(Sizing::Ratio { target: per_task }) => {
                let carried = carried_by(load, service);
                if carried == 0 {
                    return self.refuse(Guard::Room, Refusal::NothingRuns);
                }
                let need = ratio(carried, load.value, per_task);
                self.need = Some(need);
                need.tasks
            }
            // Switched off, with a min of 0 (SEMANTICS 27): an alarm that fires for want of data starts nothing.
            Some(Sizing::Add { .. }) if desired == 0 => return self.refuse(Guard::Room, Refusal::NothingRuns),
            Some(Sizing::Add { tasks }) => desired.saturating_add(tasks),
            None => return self.refuse(Guard::Room, Refusal::NotInThisRelease { action: "no size".to_owned() }),
        };
        if need <= desired {
            return self.refuse(Guard::Room, Refusal::AlreadyComing { need, desired });
        }
        let room = target.max.min(config.capacity.ceiling.max(target.min));
        let floor = need.min(desired.saturating_add(remedy.add_max)).min(room);
        if floor <= desired {
            return self.refuse(Guard::Room, Refusal::NoRoom { need, room, desired });
        }
        self.passed(Guard::Room, format!("max {}, ceiling {}", target.max, config.capacity.ceiling));
        Ok(floor)
    }

    fn grant(&self, floor: u32, target: &TargetSeen) -> Grant {
        let Context { remedy, event, key, state, now, service, .. } = *self.context;
        let source = source_of(&remedy.name, event);
        let old = state.service.leases.get(&source);
        let again = old.and_then(|l| l.ended).is_some_and(|(at, _)| elapsed(at, now) < FIRES_AGAIN);
        let patience = if again { 2 } else { 1 };
        let until = after(now, remedy.lease.times(patience));
        let new = Lease {
            source,
            remedy: remedy.name.clone(),
            case: key.clone(),
            incident: format!("{}/{}/{}@{:.0}", service.label(), remedy.name, event.name, event.at),
            floor: Some(floor),
            raise: None,
            hold: false,
            floor_highest: floor,
            granted: now,
            renew_at: after(now, remedy.cooldown).min(until),
            until,
            hard_end: after(now, remedy.hard_end),
            as_of: event.at.min(now),
            low_since: None,
            low_datapoint: None,
            patience,
            metric: metric_of(remedy).unwrap_or(Metric::Cpu),
            sizing: remedy.sizing.unwrap_or(Sizing::Add { tasks: 1 }),
            load: load_question(self.context).unwrap_or(LoadQuestion {
                namespace: String::new(),
                name: String::new(),
                stat: String::new(),
                dimensions: Vec::new(),
                tasks_of: None,
            }),
            alarm: event.name.clone(),
            overridden: crate::capacity::Overridden::default(),
            put_back: false,
            told_long: false,
            contributor_fires: event.contributor.is_some().then_some(true),
            ended: None,
        };
        let lease = match old.filter(|l| l.live()) {
            Some(old) => repeated(old, new),
            None => new,
        };
        Grant {
            lease,
            cooldown_until: after(now, remedy.cooldown),
            expected: Bounds::of(target),
            base_min: state.service.kept.as_ref().map_or(target.min, |k| k.min.base),
            environment: service.environment.clone(),
            ceiling: service.capacity.ceiling,
        }
    }
}

fn tracks(policy: &PolicySeen, metric: Metric) -> bool {
    let predefined = match metric {
        Metric::Cpu => "ECSServiceAverageCPUUtilization",
        Metric::Memory => "ECSServiceAverageMemoryUtilization",
        Metric::RequestsPerTarget => "ALBRequestCountPerTarget",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => return false,
    };
    policy.tracks.as_deref() == Some(predefined)
}
