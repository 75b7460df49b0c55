//! All policies of a target together: out if any says so, in only if all agree, the largest wins.

use super::activity::{Outcome, Trigger};
use super::alarm::{PolicyAlarm, Readings};
use super::cooldown::{Cooldown, Direction};
use super::step::StepPolicy;
use super::target::Target;
use super::tracking::{Tracking, Want};

/// The policies of a target.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Target tracking.
    pub tracking: Vec<Tracking>,
    /// Step scaling.
    pub step: Vec<StepPolicy>,
}

/// The service as scaling finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// Whether a deployment is in progress: no scale-in then, scale-out goes on (AWS_FACTS 2.2).
    pub deploying: bool,
}

/// What one policy says.
#[derive(Clone, Copy)]
struct Say {
    /// Index, of tracking policies first.
    policy: usize,
    want: Want,
    cooldown: Cooldown,
    /// Whether it may scale in.
    may: bool,
}

impl Policies {
    /// The alarms that call them, as far as they are their own.
    pub fn alarms(&self) -> impl Iterator<Item = &PolicyAlarm> {
        let tracking = self.tracking.iter().flat_map(Tracking::alarms);
        tracking.chain(self.step.iter().filter_map(|p| p.alarm.as_ref()))
    }

    fn say(&mut self, from: &Readings<'_>, found: Capacity) -> Vec<Say> {
        let tracking = self.tracking.iter_mut().map(|policy| {
            let want = policy.evaluate(from, found);
            (want, policy.cooldown, policy.scales_in())
        });
        let step = self.step.iter_mut().map(|policy| {
            let want = policy.evaluate(from, found.running);
            (want, Cooldown { scale_out: policy.cooldown, scale_in: policy.cooldown }, true)
        });
        let all = tracking.chain(step).enumerate();
        all.map(|(policy, (want, cooldown, may))| Say { policy, want, cooldown, may }).collect()
    }

    /// The name of a policy, and of the alarm that calls it.
    fn who(&self, say: Say) -> (String, Trigger) {
        let (name, alarm) = match (self.tracking.get(say.policy), say.policy.checked_sub(self.tracking.len())) {
            (Some(policy), _) => (policy.name.as_str(), policy.calls(say.want).name()),
            (None, Some(step)) => self.step.get(step).map(|p| (p.name.as_str(), p.caller())).unwrap_or_default(),
            (None, None) => Default::default(),
        };
        (name.to_owned(), Trigger::Alarm(alarm.to_owned()))
    }
}

impl Target {
    /// Evaluates every policy and scales. Returns the desired count to set, when it changes.
    pub fn evaluate(&mut self, from: &Readings<'_>, found: Capacity) -> Option<u32> {
        self.settle(found.running, from.now);
        if self.policies.tracking.is_empty() && self.policies.step.is_empty() {
            return None;
        }
        let says = self.policies.say(from, found);
        let steps_from = self.policies.tracking.len();
        // Any policy that wants out scales out; the largest capacity wins (AWS_FACTS 2.3).
        if let Some((say, to)) = largest(&says, |w| if let Want::Out(to) = w { Some(to) } else { None }) {
            return self.scale_out(say, to, found, from.now);
        }
        // Tracking policies scale in only if all that may do so agree; a step policy may on its own (AWS_FACTS 2.4).
        let tracking = says.get(..steps_from).unwrap_or_default();
        let agreed = tracking.iter().filter(|say| say.may).all(|say| matches!(say.want, Want::In(_)));
        let candidates = if agreed { Some(says.as_slice()) } else { says.get(steps_from..) };
        let (say, to) =
            largest(candidates.unwrap_or_default(), |w| if let Want::In(to) = w { Some(to) } else { None })?;
        self.scale_in(say, to, found, from.now)
    }

    fn scale_out(&mut self, say: Say, wanted: u32, found: Capacity, now: i64) -> Option<u32> {
        if self.suspended.scale_out {
            return None;
        }
        // From under min, a scale-out first goes to min (AWS_FACTS 2.2).
        let to = wanted.clamp(self.min, self.max);
        if to <= found.desired {
            return self.not_scaled(say, wanted, found, now);
        }
        let by = to - found.desired;
        self.cooldowns.allow(Direction::Out, by, now).then(|| self.scaled(Direction::Out, by, say, (found, to), now))?
    }

    fn scale_in(&mut self, say: Say, wanted: u32, found: Capacity, now: i64) -> Option<u32> {
        if self.suspended.scale_in || found.deploying {
            return None;
        }
        // Set under min by hand: scale-in does nothing (AWS_FACTS 2.2).
        let to = wanted.clamp(self.min, self.max);
        if to >= found.desired {
            return self.not_scaled(say, wanted, found, now);
        }
        let by = found.desired - to;
        self.cooldowns.allow(Direction::In, by, now).then(|| self.scaled(Direction::In, by, say, (found, to), now))?
    }

    fn not_scaled(&mut self, say: Say, wanted: u32, found: Capacity, now: i64) -> Option<u32> {
        let outcome = Outcome::NotScaled(self.reason(wanted, found.desired));
        let (name, trigger) = self.policies.who(say);
        self.record(&name, trigger, outcome, found.desired, now);
        None
    }

    /// A try that fails sets nothing, and nothing cools down.
    fn scaled(&mut self, way: Direction, by: u32, say: Say, (found, to): (Capacity, u32), now: i64) -> Option<u32> {
        if !self.failing {
            self.cooldowns.scaled(way, by, now, say.cooldown);
        }
        let outcome = Outcome::Scaled { from: found.desired, to };
        let (name, trigger) = self.policies.who(say);
        self.record(&name, trigger, outcome, found.desired, now);
        (!self.failing).then_some(to)
    }
}

/// The largest of what is wanted one way; the first policy of equals.
fn largest(says: &[Say], way: impl Fn(Want) -> Option<u32>) -> Option<(Say, u32)> {
    let wishes = says.iter().filter_map(|say| way(say.want).map(|to| (*say, to)));
    wishes.fold(None, |best: Option<(Say, u32)>, wish| match best {
        Some(best) if best.1 >= wish.1 => Some(best),
        Some(_) | None => Some(wish),
    })
}

#[cfg(test)]
mod tests;
