//! One member of a target's bounds as others than Headroom set it.

use std::collections::BTreeSet;

/// A foreign value that Headroom has not understood yet.
#[derive(Debug, Clone)]
struct Foreign {
    at: i64,
    value: u32,
    /// Times of looks of the reconciler that saw it and were stored.
    passes: Vec<i64>,
}

/// Two stored looks so far apart are certainly two (SEMANTICS 2).
const APART: i64 = 40;
/// Closer ones may count as two; a look's time is a few seconds after its pass began.
const APART_PERHAPS: i64 = 20;

/// MinCapacity or MaxCapacity.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// As AWS has it.
    pub(super) current: u32,
    /// What Headroom wrote or meant to write since it last was at rest: a foreign write of one of these is
    /// invisible to it (SEMANTICS 30, 1).
    ours: BTreeSet<u32>,
    /// What may be the baseline: one value, or several while a foreign write may be unseen.
    accepted: BTreeSet<u32>,
    foreign: Option<Foreign>,
}

impl Side {
    pub(super) fn at(value: u32) -> Self {
        Self { current: value, ours: BTreeSet::new(), accepted: BTreeSet::from([value]), foreign: None }
    }

    /// The least and the most that may be the baseline.
    pub(super) fn least(&self) -> u32 {
        self.accepted.first().copied().unwrap_or(0)
    }

    pub(super) fn most(&self) -> u32 {
        self.accepted.last().copied().unwrap_or(0)
    }

    pub(super) fn accepts(&self, value: u32) -> bool {
        self.accepted.contains(&value)
    }

    pub(super) fn accepted(&self) -> String {
        format!("{:?}", self.accepted)
    }

    /// Somebody else wrote. True when it changed something.
    pub(super) fn others_wrote(&mut self, value: u32, now: i64, at_rest: bool) -> bool {
        if value == self.current {
            return false;
        }
        self.current = value;
        if at_rest {
            *self = Self::at(value);
            return true;
        }
        let visible = !self.ours.contains(&value) && !self.accepted.contains(&value);
        self.accepted.insert(value);
        self.foreign = visible.then(|| Foreign { at: now, value, passes: Vec::new() });
        true
    }

    /// Headroom means to write.
    pub(super) fn intended(&mut self, value: u32) {
        self.ours.insert(value);
    }

    /// Headroom wrote, after a look at that time. False when it wrote over a foreign value that it had seen.
    pub(super) fn headroom_wrote(&mut self, value: u32, looked: Option<i64>) -> bool {
        let fought = self.foreign.as_ref().is_some_and(|f| {
            let understood = |first: &i64| looked.is_some_and(|at| at - first >= APART_PERHAPS);
            f.value == self.current && looked.is_some_and(|at| at >= f.at) && !f.passes.first().is_some_and(understood)
        });
        self.ours.insert(value);
        self.current = value;
        self.foreign = None;
        !fought
    }

    /// The reconciler stored what it made of a look at that time.
    pub(super) fn passed(&mut self, looked: i64) {
        let Some(foreign) = self.foreign.as_mut().filter(|f| looked >= f.at) else { return };
        foreign.passes.push(looked);
        if foreign.passes.first().is_some_and(|first| looked - first >= APART) {
            self.accepted = BTreeSet::from([foreign.value]);
            self.foreign = None;
        }
    }

    /// Headroom keeps nothing any more: what stands there is the baseline.
    pub(super) fn rested(&mut self) {
        *self = Self::at(self.current);
    }
}
