//! Whether the tasks of a floor are there: looked at each minute through the window (SEMANTICS 26).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::time::{Seconds, elapsed};

/// So many looks in a row must find too few tasks: one task that is replaced is no reason to wake anybody.
pub const SHORT_LOOKS: u32 = 3;
/// Two looks of the reconciler lie a minute apart; a second try within the same minute is no second look.
const APART: Seconds = Seconds(30);

/// What the looks at a lease's tasks found so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proof {
    /// Looks in a row, within the window, that found too few tasks.
    #[serde(default)]
    pub short: u32,
    /// The first of these.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The newest look that counted.
    #[serde(default)]
    pub looked: Option<Timestamp>,
    /// When the floor was first found whole; before that the batch is on its way.
    #[serde(default)]
    pub whole: Option<Timestamp>,
    /// People were told that it is short, and not yet that it is whole.
    #[serde(default)]
    pub told: bool,
    /// The floor itself came late: whoever was told that it waits hears of the end.
    #[serde(default)]
    pub waited: bool,
    /// People were told that max leaves less than the window asks for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clipped: bool,
}

/// What a look has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proved {
    /// Too few, for the third time in a row.
    Short,
    /// Whole, after people were told that it was not.
    Whole {
        /// For how long it was not.
        after: Seconds,
    },
}

impl Proof {
    /// Nothing was looked at yet.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// For how long too few were found.
    #[must_use]
    pub(crate) fn short_for(&self, now: Timestamp) -> Seconds {
        self.since.map_or(Seconds(0), |since| elapsed(since, now))
    }

    /// One look: `running` tasks where `floor` are asked for.
    pub(crate) fn look(&mut self, window: Window, running: u32, floor: u32, now: Timestamp) -> Option<Proved> {
        if running >= floor {
            let after = self.short_for(now);
            let told = self.told || self.waited;
            *self = Self { whole: self.whole.or(Some(now)), clipped: self.clipped, ..Self::default() };
            return told.then_some(Proved::Whole { after });
        }
        if !window.is_open(now) || self.looked.is_some_and(|looked| elapsed(looked, now) < APART) {
            return None;
        }
        if self.told {
            return None;
        }
        self.looked = Some(now);
        self.since.get_or_insert(now);
        self.short += 1;
        self.told = self.short >= SHORT_LOOKS;
        self.told.then_some(Proved::Short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    const fn window() -> Window {
        Window { opens: Timestamp::constant(600, 0), closes: Timestamp::constant(6_000, 0) }
    }

    #[test]
    fn short_three_times_running_within_the_window_is_told_once_and_resolved_once() {
        let mut proof = Proof::default();
        let mut looks = |running: &[u32], from: i64| -> Vec<Option<Proved>> {
            running.iter().zip(from..).map(|(running, minute)| proof.look(window(), *running, 6, at(minute))).collect()
        };
        assert_eq!(looks(&[2, 2, 2, 2], 6), [None; 4], "before it opens they are on their way");
        assert_eq!(looks(&[4, 4, 6, 4, 4], 10), [None; 5], "whole in between: not three in a row");
        assert_eq!(looks(&[4, 4, 4], 15), [Some(Proved::Short), None, None]);
        assert_eq!(looks(&[6, 6], 18), [Some(Proved::Whole { after: Seconds(300) }), None]);
    }

    #[test]
    fn tries_of_one_minute_are_one_look() {
        let mut proof = Proof::default();
        let second = |second: i64| Timestamp::from_second(660 + second).unwrap();
        for n in 0..5 {
            assert_eq!(proof.look(window(), 4, 6, second(n)), None);
        }
        assert_eq!(proof.short, 1);
    }
}
