//! What happened, in order, and no more of it than a person or a program wants to read.

use serde::Serialize;

/// The first lines of a run are kept, the others only counted: the memory of a run does not grow with its days.
pub const LINES_KEPT: usize = 5_000;

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Line {
    /// Seconds since the epoch.
    pub at: i64,
    /// Whose it is: `scaling`, `alarm`, `headroom`, `notice`.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
}

/// Lines in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// The first ones.
    pub lines: Vec<Line>,
    /// How many came after them.
    pub more: u64,
}

impl Timeline {
    /// Adds lines that all happened after those that are there.
    pub(super) fn extend(&mut self, mut lines: Vec<Line>) {
        lines.sort();
        for line in lines {
            if self.lines.len() < LINES_KEPT {
                self.lines.push(line);
            } else {
                self.more += 1;
            }
        }
    }

    /// Adds lines of any time.
    pub(super) fn merge(&mut self, lines: Vec<Line>) {
        self.lines.extend(lines);
        self.lines.sort();
        self.more += self.lines.len().saturating_sub(LINES_KEPT) as u64;
        self.lines.truncate(LINES_KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_are_kept_in_order_and_the_others_counted() {
        let line = |at: usize| Line { at: at as i64, kind: "alarm", text: String::new() };
        let mut timeline = Timeline::default();
        (1..=LINES_KEPT + 7).for_each(|at| timeline.extend(vec![line(at)]));
        timeline.merge(vec![line(0)]);
        assert_eq!((timeline.lines.len(), timeline.more), (LINES_KEPT, 8));
        assert_eq!(timeline.lines.first().map(|l| l.at), Some(0));
    }
}
