//! A decision, explained: what came in, what it matched, what was seen, what each guard answered, the
//! arithmetic, and the plan or what to change.

use std::fmt::Write;

use jiff::Timestamp;

use crate::capacity::State;
use crate::control::Control;
use crate::decide::{
    Answer, Ask, Context, Decision, Judgement, Match, Plan, Refusal, Unmatched, Waiting, decide, match_alarm, question,
};
use crate::fleet::{Fleet, Metric, When};
use crate::id::{CaseKey, DecisionId, ServiceId};
use crate::notice::measured;
use crate::price;
use crate::remedy::Arithmetic;
use crate::remedy::Disrupts;
use crate::seen::{PolicySeen, Seen};
use crate::signal::AlarmEvent;
use crate::time::elapsed;

/// Judges an event offline: no earlier lease, cooldown or change is assumed.
///
/// # Errors
/// The event wakes nothing in this fleet.
pub fn offline<'a>(
    fleet: &'a Fleet,
    event: &'a AlarmEvent,
    seen: &'a Seen,
    now: Timestamp,
) -> Result<Offline<'a>, Unmatched> {
    let matched = match_alarm(fleet, event)?;
    let Match { service, remedy } = matched;
    let key = CaseKey::of_alarm(event, &ServiceId::of(service), &remedy.name);
    let (state, control) = (State::default(), Control::default());
    let context = Context {
        fleet,
        service,
        remedy,
        event,
        key: &key,
        later: false,
        state: &state,
        control: &control,
        used: (0, 0),
        cases: 0,
        now,
    };
    let (judgement, looked) = match question(&context) {
        Ask::Nothing(judgement) => (*judgement, None),
        Ask::See(_) => (decide(&context, seen), Some(seen)),
    };
    Ok(Offline { decision: key.decision(), fleet, matched, event, seen: looked, judgement, now })
}

/// An event judged offline.
#[derive(Debug, Clone)]
pub struct Offline<'a> {
    /// What people would type.
    pub decision: DecisionId,
    /// Guards, need and decision.
    pub judgement: Judgement,
    fleet: &'a Fleet,
    matched: Match<'a>,
    event: &'a AlarmEvent,
    seen: Option<&'a Seen>,
    now: Timestamp,
}

impl Offline<'_> {
    /// To be printed.
    #[must_use]
    pub fn explained(&self) -> Explained<'_> {
        let Self { fleet, matched, event, seen, judgement, now, .. } = self;
        Explained { fleet, matched: *matched, event, seen: *seen, judgement, now: *now }
    }
}

/// What is explained.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// What the event matched.
    pub matched: Match<'a>,
    /// The event.
    pub event: &'a AlarmEvent,
    /// What was seen; absent when event and table sufficed.
    pub seen: Option<&'a Seen>,
    /// Guards, need and decision.
    pub judgement: &'a Judgement,
    /// Now.
    pub now: Timestamp,
}

/// The whole explanation.
#[must_use]
pub fn long(x: &Explained<'_>) -> String {
    let mut out = String::new();
    block(&mut out, "event", &event(x));
    block(&mut out, "matched", &[format!("{}          {}:{}", matched(x), x.fleet.source, x.matched.remedy.line)]);
    block(
        &mut out,
        "seen",
        &x.seen.map_or_else(|| vec!["nothing: event and table suffice".to_owned()], |s| seen(x, s)),
    );
    block(&mut out, "guards", &x.judgement.guards.iter().zip(1..).map(guard).collect::<Vec<_>>());
    block(&mut out, "decided", &decided(x));
    let (label, lines) = plan(x);
    block(&mut out, label, &lines);
    out
}

/// Five lines: for a README and for people who know the rest.
#[must_use]
pub fn short(x: &Explained<'_>) -> String {
    let mut out = String::new();
    block(&mut out, "matched", &[matched(x)]);
    if let Some(s) = x.seen {
        block(&mut out, "seen", &seen(x, s));
    }
    let passed = x.judgement.guards.iter().filter(|a| a.passed).count();
    let asked = x.matched.remedy.action.guards().len();
    let first = decided(x).join(": ");
    block(&mut out, "decided", &[format!("{first}, {passed} of {asked} guards passed")]);
    let (label, lines) = plan(x);
    block(&mut out, label, &[lines.join("; ")]);
    out
}

fn block(out: &mut String, label: &str, lines: &[String]) {
    for (n, line) in lines.iter().enumerate() {
        let label = if n == 0 { label } else { "" };
        let _infallible = writeln!(out, "{label:<9} {line}");
    }
}

fn event(x: &Explained<'_>) -> Vec<String> {
    let e = x.event;
    let previous = e.previous.map_or("unknown", |p| p.name());
    let mut lines = vec![format!(
        "CloudWatch alarm {}, {previous} -> {} at {} UTC, {} old",
        e.name,
        e.state.name(),
        e.at.strftime("%Y-%m-%d %H:%M:%S"),
        elapsed(e.at, x.now)
    )];
    if let (Some(value), Some(threshold)) = (e.datapoints.last(), e.threshold) {
        let name = e.metric.as_ref().map_or("the metric", |m| m.name.as_str());
        lines.push(format!("{name} {value:.1} over {threshold:.0} in {} datapoints", e.datapoints.len()));
    }
    lines
}

fn matched(x: &Explained<'_>) -> String {
    format!("{}, remedy {}, mode {}", x.matched.service.label(), x.matched.remedy.name, x.matched.remedy.mode)
}

fn seen(x: &Explained<'_>, seen: &Seen) -> Vec<String> {
    let service = match seen.service.known() {
        Some(s) => format!("desired {}, running {}", s.desired, s.running),
        None => format!("service {}", seen.service.why()),
    };
    let target = match seen.target.known() {
        Some(t) => format!("min {}, max {}", t.min, t.max),
        None => format!("scalable target {}", seen.target.why()),
    };
    let load = match (metric(x), seen.load.known()) {
        (Some(metric), Some(load)) => {
            let tasks = load.tasks.map(|t| format!(" on {t} tasks")).unwrap_or_default();
            format!("{}{tasks}", measured(metric, load.value))
        }
        (_, _) => format!("metric {}", seen.load.why()),
    };
    let policies = match seen.policies.known() {
        Some(policies) if policies.is_empty() => "no scaling policy".to_owned(),
        Some(policies) => {
            let list: Vec<String> = policies.iter().map(policy).collect();
            let watched = x
                .judgement
                .native
                .as_ref()
                .map_or_else(|| "none watches this metric".to_owned(), |name| format!("{name} watches this metric"));
            format!("scaling policies: {}; {watched}", list.join(", "))
        }
        None => format!("scaling policies {}", seen.policies.why()),
    };
    vec![format!("{service}; {target}; {load}"), policies]
}

fn policy(policy: &PolicySeen) -> String {
    match (&policy.tracks, policy.target) {
        (Some(tracks), Some(target)) => format!("{tracks} at {target:.0}"),
        (_, _) => policy.name.clone(),
    }
}

fn metric(x: &Explained<'_>) -> Option<Metric> {
    match &x.matched.remedy.when {
        When::Metric { metric, .. } => Some(*metric),
        When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
    }
}

/// Numbered as they were asked: the guards of a remedy are not those of another.
fn guard((answer, number): (&Answer, u32)) -> String {
    let stop = if answer.passed { "" } else { "   STOP" };
    format!("{number:>2} {:<13} {}{stop}", answer.guard.to_string(), answer.saw)
}

fn decided(x: &Explained<'_>) -> Vec<String> {
    let mode = x.matched.remedy.mode;
    let need = x.judgement.need.as_ref().map(Arithmetic::to_string);
    let first = match &x.judgement.decision {
        Decision::Act(plan) => {
            let word = match mode {
                crate::fleet::Mode::Act => "ACT",
                crate::fleet::Mode::Suggest | crate::fleet::Mode::Observe => "WOULD ACT (observed only)",
            };
            format!("{word}: {plan}")
        }
        Decision::Wait { until, why } => {
            format!("WAIT until {} UTC: {why}", until.strftime("%H:%M:%S"))
        }
        Decision::Refuse(why) => format!("REFUSE: {}. {why}", why.name()),
    };
    std::iter::once(first).chain(need).collect()
}

fn plan(x: &Explained<'_>) -> (&'static str, Vec<String>) {
    match &x.judgement.decision {
        Decision::Act(planned) => {
            let grant = match planned {
                Plan::Lease(grant) => grant,
                Plan::Disrupt(disruption) => return ("plan", disruptive(&disruption.what)),
                Plan::Tell { .. } => return ("plan", vec!["one notice; nothing is changed".to_owned()]),
            };
            let floor = grant.lease.floor.unwrap_or(0);
            let found = grant.expected;
            let cost = x.matched.service.task.as_ref().map(|task| {
                let added = match grant.lease.raise {
                    Some(raise) => raise.saturating_sub(found.max),
                    None => floor.saturating_sub(found.min),
                };
                let usd = price::task_hour(task) * f64::from(added);
                format!("; at most {usd:.2} USD/h")
            });
            let call = match (grant.lease.raise, grant.lease.floor) {
                (Some(raise), _) => format!("max {} -> {raise}, only if found {found}", found.max),
                (None, Some(_)) => format!("min {} -> {floor}, only if found {found}", found.min),
                (None, None) => format!("scale-in suspended, only if found {found}"),
            };
            let lease = format!(
                "lease until {} UTC, renewed while needed{}",
                grant.lease.until.strftime("%H:%M:%S"),
                cost.unwrap_or_default()
            );
            ("plan", vec![call, lease])
        }
        Decision::Wait { why, .. } => ("then", vec![when_waiting(why).to_owned()]),
        Decision::Refuse(why) => ("to change", vec![when_refused(why).to_owned()]),
    }
}

/// The call, with what it must find.
fn disruptive(what: &Disrupts) -> Vec<String> {
    match what {
        Disrupts::ForceNewDeployment { primary, task_definition } => vec![
            format!("UpdateService forceNewDeployment, only if the primary deployment is still {primary}"),
            format!("task definition stays {task_definition}; desired count is not sent"),
        ],
        Disrupts::StopTask { task, sick } => vec![format!("StopTask {task}, {sick}; ECS starts another in its place")],
    }
}

/// What happens next, or what to change, for each wait.
#[must_use]
pub fn when_waiting(why: &Waiting) -> &'static str {
    match why {
        Waiting::StaleEvent { .. } => {
            "the reconciler judges it by the alarm's present state within a minute (limits.event_age_max)"
        }
        Waiting::ComesAgain { .. } => "judged by the alarm's present state in the next minute",
        Waiting::Muted { .. } => "judged by the alarm's present state when the mute window ends",
        Waiting::ActionsDisabled => "looked at every 5 minutes until the alarm's actions are enabled again",
        Waiting::Stopped => "looked at every 5 minutes until the environment is resumed",
        Waiting::Paused { .. } => "judged by the alarm's present state when the pause ends, or every 5 minutes",
        Waiting::Frozen { .. } => "judged by the alarm's present state when the freeze ends (freezes)",
        Waiting::Storm { .. } => {
            "looked at every 5 minutes: capacity is added meanwhile; find the cause that the alarms share"
        }
        Waiting::CapacityHeldByPerson { .. } => {
            "looked at each minute; set desired inside min and max, or move min and max"
        }
        Waiting::Cooldown { .. } => {
            "judged by the alarm's present state when the cooldown ends (remedies.<name>.cooldown)"
        }
        Waiting::MetricMissing { .. } => "looked at each minute; nothing is guessed from silence",
        Waiting::NativeFirst { .. } => {
            "it acts only if the metric still breaches after the policy's turn (remedies.<name>.native_first)"
        }
        Waiting::DeploymentRunning { .. } => {
            "looked at every 2 minutes until the deployment is over; then by the alarm's present state"
        }
        Waiting::Drift { .. } => "the reconciler finds out within two minutes whose change it is",
    }
}

/// What to change, for each refusal.
#[must_use]
pub fn when_refused(why: &Refusal) -> &'static str {
    match why {
        Refusal::NotFiring => "nothing: the alarm is quiet, or its actions are suppressed",
        Refusal::NotAnEdge => "nothing: the first transition was the one to answer",
        Refusal::Superseded { .. } => "nothing: the newer transition was answered",
        Refusal::NothingToRelease => "nothing: there is no lease to look at",
        Refusal::LimitReached { .. } => "limits.changes_per_hour, after finding out why it changes so often",
        Refusal::CircuitBreaker { .. } => "find out why more tasks do not help; then reset the breaker",
        Refusal::Overridden { .. } => "nothing: what a person set wins until this lease ends",
        Refusal::DeferredTooLong { .. } => "nothing, or delete the alarm: nobody wants it answered",
        Refusal::LeftTheFleet => "nothing: the fleet file no longer names it",
        Refusal::AlreadyComing { .. } => "nothing: the tasks are on their way",
        Refusal::NoRoom { .. } => "capacity.max and capacity.ceiling",
        Refusal::NothingRuns => "find out why no task runs; scaling cannot cure that",
        Refusal::NoLongerBreaching { .. } => "nothing: the metric recovered by itself",
        Refusal::Unseen { .. } => "the function's permissions, or AWS's own status",
        Refusal::NothingScalesIn => "add a scaling policy that may scale in",
        Refusal::Daemon => "nothing: add container instances instead",
        Refusal::NoScalableTarget => "register a scalable target for the service",
        Refusal::NotAtMax { .. } => "nothing: max is not what limits the service",
        Refusal::AlreadySuspended => "nothing: scale-in stays suspended until whoever suspended it resumes it",
        Refusal::NothingSick { .. } => "nothing: no task is to blame; look at the service as a whole",
        Refusal::ManySick { .. } => "find out what the tasks have in common: a dependency, a revision, a node",
        Refusal::Conflict { .. } => "nothing: somebody was faster; the next alarm is judged afresh",
        Refusal::OutcomeUnknown { .. } => "look at the service's events: the call may have taken effect",
        Refusal::NotInThisRelease { .. } => "nothing yet: a rollback is not decided by this release",
    }
}
