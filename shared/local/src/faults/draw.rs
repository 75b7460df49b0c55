//! Which calls go wrong: by the seed, the rule, and the number of the call among those of its operation.

use std::collections::BTreeMap;
use std::time::Duration;

use headroom_simulator::random::Random;
use serde::{Deserialize, Serialize};

use super::plan::{Kind, Plan};
use crate::api::Api;
use crate::operations::Operation;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injected {
    /// ThrottlingException.
    Throttle,
    /// A 500.
    Error500,
    /// The answer comes so much later.
    Delay(Duration),
    /// The connection is reset.
    Reset,
    /// Applied, never answered.
    ApplyThenTimeOut,
}

/// What was counted of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Calls, with and without a fault.
    pub calls: u64,
    /// Faults by kind.
    pub faults: BTreeMap<String, u64>,
}

/// A plan at work.
#[derive(Debug, Clone)]
pub struct Faults {
    plan: Plan,
    seed: u64,
    fired: Vec<u64>,
    counted: BTreeMap<String, Counted>,
}

impl Faults {
    /// A plan with a seed.
    #[must_use]
    pub fn new(plan: Plan, seed: u64) -> Self {
        let fired = vec![0; plan.rules.len()];
        Self { plan, seed, fired, counted: BTreeMap::new() }
    }

    /// The same plan with nothing counted.
    #[must_use]
    pub fn begun_again(&self) -> Self {
        Self::new(self.plan.clone(), self.seed)
    }

    /// What was counted, by `service.Operation`.
    #[must_use]
    pub fn counted(&self) -> &BTreeMap<String, Counted> {
        &self.counted
    }

    /// Goes on from what was counted before.
    pub fn resume(&mut self, counted: BTreeMap<String, Counted>, fired: Vec<u64>) {
        self.counted = counted;
        if fired.len() == self.fired.len() {
            self.fired = fired;
        }
    }

    /// How often each rule happened.
    #[must_use]
    pub fn fired(&self) -> &[u64] {
        &self.fired
    }

    /// Counts a call and says what goes wrong with it, `second` seconds after the start of the world.
    pub fn call(&mut self, api: Api, operation: &Operation, second: i64) -> Option<Injected> {
        let name = format!("{}.{}", api.name(), operation.name);
        let counted = self.counted.entry(name.clone()).or_default();
        counted.calls += 1;
        for (index, (rule, fired)) in self.plan.rules.iter().zip(&mut self.fired).enumerate() {
            let due = rule.is_about(api.name(), operation.name)
                && (rule.after..rule.until).contains(&second)
                && *fired < rule.most;
            if !due {
                continue;
            }
            let mut random = Random::new(self.seed ^ hash(&name, index as u64), counted.calls);
            if random.unit() < rule.share {
                *fired += 1;
                *counted.faults.entry(rule.kind.name().to_owned()).or_default() += 1;
                return Some(injected(rule.kind, &mut random));
            }
        }
        None
    }
}

fn injected(kind: Kind, random: &mut Random) -> Injected {
    match kind {
        Kind::Throttle => Injected::Throttle,
        Kind::Error500 => Injected::Error500,
        Kind::Delay(from, to) => Injected::Delay(from + (to - from).mul_f64(random.unit())),
        Kind::Reset => Injected::Reset,
        Kind::ApplyThenTimeOut => Injected::ApplyThenTimeOut,
    }
}

/// FNV-1a, so that each operation and rule has a stream of its own.
fn hash(name: &str, rule: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ rule;
    name.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::read;
    use crate::operations;

    fn drawn(plan: &str, seed: u64, calls: i64) -> (Vec<Option<Injected>>, Faults) {
        let mut faults = Faults::new(read(plan).unwrap(), seed);
        let operation = operations::find(Api::Ecs, "DescribeServices").unwrap();
        ((0..calls).map(|second| faults.call(Api::Ecs, operation, second)).collect(), faults)
    }

    #[test]
    fn the_same_seed_and_call_number_give_the_same_fault_and_another_seed_others() {
        let plan = "DescribeServices throttle 20%\n* delay 200ms..2s 20%";
        assert_eq!(drawn(plan, 7, 200).0, drawn(plan, 7, 200).0);
        assert_ne!(drawn(plan, 7, 200).0, drawn(plan, 8, 200).0);
        let throttled = drawn(plan, 7, 1_000).0.iter().filter(|f| **f == Some(Injected::Throttle)).count();
        assert!((150..=250).contains(&throttled), "{throttled}");
    }

    #[test]
    fn a_rule_holds_after_until_and_at_most_so_often_and_is_counted() {
        let (found, faults) = drawn("DescribeServices reset 100% after 10s until 50s at most 3", 1, 100);
        let at: Vec<usize> = (0..100).filter(|i| found[*i].is_some()).collect();
        assert_eq!(at, [10, 11, 12]);
        let counted = &faults.counted()["ecs.DescribeServices"];
        assert_eq!((counted.calls, counted.faults["reset"]), (100, 3));
    }

    #[test]
    fn a_delay_is_within_its_range() {
        for fault in drawn("* delay 200ms..2s 100%", 3, 200).0 {
            let Some(Injected::Delay(length)) = fault else { panic!("{fault:?}") };
            assert!((Duration::from_millis(200)..=Duration::from_secs(2)).contains(&length));
        }
    }
}
