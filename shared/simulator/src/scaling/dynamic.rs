//! All policies of a target together: out if any says so, in only if all agree, the largest wins.

use super::activity::Outcome;
use super::cooldown::{Cooldown, Direction};
use super::step::StepPolicy;
use super::target::Target;
use super::tracking::{Tracking, Want};
use crate::cloudwatch::{Delays, Metrics};

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

/// One policy's wish.
#[derive(Debug, Clone, Copy)]
struct Wish {
    policy: usize,
    to: u32,
    cooldown: Cooldown,
}

impl Target {
    /// Evaluates every policy and scales. Returns the desired count to set, when it changes.
    pub fn evaluate(&mut self, metrics: &Metrics, found: Capacity, now: i64, delays: Delays) -> Option<u32> {
        let (mut names, mut wants) = (Vec::new(), Vec::new());
        for policy in &mut self.policies.tracking {
            names.push(policy.name.clone());
            wants.push((policy.evaluate(metrics, now, delays), policy.cooldown, policy.scales_in()));
        }
        let steps_from = wants.len();
        for policy in &mut self.policies.step {
            names.push(policy.name.clone());
            let want = policy.evaluate(metrics, found.running, now, delays);
            wants.push((want, Cooldown { scale_out: policy.cooldown, scale_in: policy.cooldown }, true));
        }
        let name = |wish: Wish| names.get(wish.policy).cloned().unwrap_or_default();
        // Any policy that wants out scales out; the largest capacity wins (AWS_FACTS 2.3).
        if let Some(wish) = largest(&wants, |w| if let Want::Out(to) = w { Some(to) } else { None }) {
            return self.scale_out(wish, &name(wish), found, now);
        }
        // Tracking policies scale in only if all that may do so agree; a step policy may on its own (AWS_FACTS 2.4).
        let tracking = &wants[..steps_from];
        let agreed = tracking.iter().filter(|(_, _, may)| *may).all(|(want, _, _)| matches!(want, Want::In(_)));
        let candidates = if agreed { &wants[..] } else { &wants[steps_from..] };
        let from = wants.len() - candidates.len();
        let wish = largest(candidates, |w| if let Want::In(to) = w { Some(to) } else { None })?;
        self.scale_in(wish, &name(Wish { policy: wish.policy + from, ..wish }), found, now)
    }

    fn scale_out(&mut self, wish: Wish, name: &str, found: Capacity, now: i64) -> Option<u32> {
        if self.suspended.scale_out {
            return None;
        }
        // From under min, a scale-out first goes to min (AWS_FACTS 2.2).
        let to = wish.to.clamp(self.min, self.max);
        if to <= found.desired {
            self.record(name, Outcome::NotScaled(self.reason(wish.to, found.desired)), now);
            return None;
        }
        let by = to - found.desired;
        if !self.cooldowns.allow(Direction::Out, by, now) {
            return None;
        }
        self.scaled(Direction::Out, by, wish.cooldown, now);
        self.record(name, Outcome::Scaled { from: found.desired, to }, now);
        Some(to)
    }

    fn scale_in(&mut self, wish: Wish, name: &str, found: Capacity, now: i64) -> Option<u32> {
        if self.suspended.scale_in || found.deploying {
            return None;
        }
        // Set under min by hand: scale-in does nothing (AWS_FACTS 2.2).
        let to = wish.to.clamp(self.min, self.max);
        if to >= found.desired {
            self.record(name, Outcome::NotScaled(self.reason(wish.to, found.desired)), now);
            return None;
        }
        let by = found.desired - to;
        if !self.cooldowns.allow(Direction::In, by, now) {
            return None;
        }
        self.scaled(Direction::In, by, wish.cooldown, now);
        self.record(name, Outcome::Scaled { from: found.desired, to }, now);
        Some(to)
    }

    fn scaled(&mut self, direction: Direction, by: u32, lengths: Cooldown, now: i64) {
        self.cooldowns.scaled(direction, by, now, lengths);
    }
}

/// The largest of what is wanted one way; the first policy of equals.
fn largest(wants: &[(Want, Cooldown, bool)], way: impl Fn(Want) -> Option<u32>) -> Option<Wish> {
    let wishes = wants
        .iter()
        .enumerate()
        .filter_map(|(policy, (want, cooldown, _))| way(*want).map(|to| Wish { policy, to, cooldown: *cooldown }));
    wishes.fold(None, |best: Option<Wish>, wish| match best {
        Some(best) if best.to >= wish.to => Some(best),
        Some(_) | None => Some(wish),
    })
}

#[cfg(test)]
mod tests;
