//! Load by the time of day.

use super::demand::Demand;

/// From a time of day on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Seconds after midnight UTC.
    pub at: i64,
    /// What arrives from then on.
    pub demand: Demand,
}

/// Rows in the order of the day; each day is the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Sorted by time, not empty.
    pub rows: Vec<Row>,
    /// Straight lines between the rows instead of steps.
    pub linear: bool,
}

impl Table {
    /// The demand at a second of the day. Before the first row the last one holds, as the day before left it.
    #[must_use]
    pub fn at(&self, of_day: i64) -> Demand {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else {
            return Demand { requests: 0.0, work_ms: 0.0 };
        };
        let next = self.rows.partition_point(|r| r.at <= of_day);
        let before = next.checked_sub(1).and_then(|i| self.rows.get(i)).unwrap_or(last);
        if !self.linear {
            return before.demand;
        }
        let after = self.rows.get(next).unwrap_or(first);
        let span = (after.at - before.at).rem_euclid(86_400).max(1) as f64;
        let part = (of_day - before.at).rem_euclid(86_400) as f64 / span;
        let between = |a: f64, b: f64| a + (b - a) * part;
        Demand {
            requests: between(before.demand.requests, after.demand.requests),
            work_ms: between(before.demand.work_ms, after.demand.work_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_steps_or_the_ends_of_straight_lines_and_the_day_wraps() {
        let row = |at, requests| Row { at, demand: Demand { requests, work_ms: 1.0 } };
        let mut table = Table { rows: vec![row(3_600, 100.0), row(7_200, 200.0)], linear: false };
        let at = |t: &Table, s| t.at(s).requests;
        assert_eq!(
            [at(&table, 0), at(&table, 3_600), at(&table, 7_199), at(&table, 7_200)],
            [200.0, 100.0, 100.0, 200.0]
        );
        table.linear = true;
        assert_eq!([at(&table, 5_400), at(&table, 7_200)], [150.0, 200.0]);
        assert_eq!(at(&table, 7_200 + (82_800 / 2)), 150.0, "halfway back to the next day's first row");
    }
}
