//! The decision on a firing alarm: the guards of its remedy in their order, then the remedy's plan.

use jiff::Timestamp;

use super::context::{Ask, Context, Decision, Judgement};
use super::guard::{Answer, Guard, policy_of};
use super::refusal::Refusal;
use super::waiting::Waiting;
use crate::capacity::{Bounds, Kept};
use crate::fleet::Action;
use crate::remedy::{self, scale_out};
use crate::seen::{Reading, Seen, ServiceSeen, TargetSeen};
use crate::time::{Seconds, after};

/// One visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);

/// What a guard saw, or the decision that it stops with.
pub(crate) type Verdict = Result<String, Decision>;

/// What is in sight: nothing of AWS before it is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) context: &'a Context<'a>,
    seen: Option<&'a Seen>,
}

impl<'a> Look<'a> {
    /// What was seen.
    pub(crate) fn seen(&self) -> Result<&'a Seen, Decision> {
        self.seen.ok_or_else(|| unseen("AWS", "not asked"))
    }

    pub(crate) fn service(&self) -> Result<&'a ServiceSeen, Decision> {
        let seen = self.seen()?;
        seen.service.known().ok_or_else(|| unseen("the service", &seen.service.why()))
    }

    /// The scalable target, or what stands for one where a floor sets the desired count (SEMANTICS 23).
    pub(crate) fn target(&self) -> Result<TargetSeen, Decision> {
        let (seen, context) = (self.seen()?, self.context);
        let by_desired = context.state.service.kept.as_ref().map(|kept| kept.by_desired);
        match (&seen.target, by_desired) {
            (Reading::Known(target), None | Some(false)) => Ok(*target),
            // It appeared under a lease on the desired count: the reconciler ends that lease first.
            (Reading::Known(target), Some(true)) => {
                let applied = context.state.service.kept.as_ref().map_or_else(|| Bounds::of(target), Kept::newest);
                let until = after(context.now, LOOK_AGAIN);
                Err(Decision::Wait { until, why: Waiting::Drift { found: Bounds::of(target), applied } })
            }
            (Reading::Absent, None | Some(true)) if context.remedy.action == Action::ScaleOut => {
                let service = self.service()?;
                if service.daemon {
                    return Err(Decision::Refuse(Refusal::Daemon));
                }
                let kept = context.state.service.kept.as_ref();
                let max = kept.map_or(context.service.capacity.max, |kept| kept.max.base);
                Ok(TargetSeen::by_desired(service.desired, max))
            }
            (Reading::Absent, _) => Err(Decision::Refuse(Refusal::NoScalableTarget)),
            (Reading::Unreadable(_) | Reading::Stale { .. }, _) => {
                Err(unseen("the scalable target", &seen.target.why()))
            }
        }
    }
}

pub(crate) fn unseen(what: &str, why: &str) -> Decision {
    Decision::Refuse(Refusal::Unseen { what: what.to_owned(), why: why.to_owned() })
}

pub(crate) fn refuse(why: Refusal) -> Verdict {
    Err(Decision::Refuse(why))
}

pub(crate) fn wait(until: Timestamp, why: Waiting) -> Verdict {
    Err(Decision::Wait { until, why })
}

/// Asks what must be seen, or decides at once where event and table suffice.
#[must_use]
pub fn question(context: &Context<'_>) -> Ask {
    let mut asked = Asked::new(context, None);
    let before: Vec<Guard> = context.remedy.action.guards().iter().copied().filter(|g| !g.looks()).collect();
    match edge(context).and_then(|()| asked.ask(&before)) {
        Err(decision) => Ask::Nothing(Box::new(asked.judgement(decision))),
        Ok(()) => Ask::See(Box::new(remedy::question(context))),
    }
}

/// Decides.
pub fn decide(context: &Context<'_>, seen: &Seen) -> Judgement {
    decide_by(context.remedy.action.guards(), context, seen)
}

/// Decides by these guards instead of the remedy's own: what the proof uses that each of them stops something.
pub fn decide_by(guards: &[Guard], context: &Context<'_>, seen: &Seen) -> Judgement {
    let mut asked = Asked::new(context, Some(seen));
    let (before, after): (Vec<Guard>, Vec<Guard>) = guards.iter().partition(|g| !g.looks());
    let decision = edge(context)
        .and_then(|()| asked.ask(&before))
        .and_then(|()| remedy::in_sight(&asked.look))
        .and_then(|()| asked.ask(&after))
        .and_then(|()| remedy::plan(&asked.look));
    asked.judgement(match decision {
        Ok(plan) => Decision::Act(plan),
        Err(other) => other,
    })
}

/// The answers so far.
struct Asked<'a> {
    look: Look<'a>,
    answers: Vec<Answer>,
}

impl<'a> Asked<'a> {
    fn new(context: &'a Context<'a>, seen: Option<&'a Seen>) -> Self {
        Self { look: Look { context, seen }, answers: Vec::new() }
    }

    /// Asks the guards in order, up to the first that stops.
    fn ask(&mut self, guards: &[Guard]) -> Result<(), Decision> {
        for guard in guards {
            let verdict = guard.check(&self.look);
            let (passed, saw) = match &verdict {
                Ok(saw) => (true, saw.clone()),
                Err(Decision::Refuse(why)) => (false, why.to_string()),
                Err(Decision::Wait { why, .. }) => (false, why.to_string()),
                Err(Decision::Act(_)) => (false, String::new()),
            };
            self.answers.push(Answer { guard: *guard, passed, saw });
            verdict?;
        }
        Ok(())
    }

    fn judgement(self, decision: Decision) -> Judgement {
        let asked = |guard| self.answers.iter().any(|a| a.guard == guard);
        let need = asked(Guard::Room).then(|| scale_out::need(&self.look)).flatten();
        let native = asked(Guard::NativeFirst).then(|| policy_of(&self.look)).flatten();
        let native = native.map(|policy| policy.name.clone());
        Judgement { need, native, guards: self.answers, decision }
    }
}

/// A transition to firing is answered, and nothing else (SEMANTICS 11).
fn edge(context: &Context<'_>) -> Result<(), Decision> {
    if !context.event.firing() {
        return Err(Decision::Refuse(Refusal::NotFiring));
    }
    if !context.later && !context.event.is_edge() {
        return Err(Decision::Refuse(Refusal::NotAnEdge));
    }
    if context.remedy.action == Action::Rollback {
        return Err(Decision::Refuse(Refusal::DecidedByWatch));
    }
    Ok(())
}
