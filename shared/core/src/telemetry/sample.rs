//! Values of metrics.

use super::decided::Decided;
use super::dimension::Dimension;
use super::metric::Metric;
use super::outcome::News;

/// One value of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Of which.
    pub metric: Metric,
    /// The value of each of its dimensions, in their order.
    pub split: Vec<(Dimension, &'static str)>,
    /// In the metric's unit.
    pub value: u64,
}

impl Sample {
    fn of(metric: Metric, value: u64) -> Self {
        Self { metric, split: Vec::new(), value }
    }

    fn by(mut self, dimension: Dimension, word: &'static str) -> Self {
        self.split.push((dimension, word));
        self
    }
}

impl Decided {
    /// Its values.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let mut samples = vec![match self.news {
            News::Outcome(outcome) => Sample::of(Metric::Decisions, 1)
                .by(Dimension::Remedy, self.action)
                .by(Dimension::Outcome, outcome.name()),
            News::Effect(helped) => Sample::of(Metric::Effects, 1).by(Dimension::Effect, helped.name()),
        }];
        samples.extend(self.reason.map(|reason| Sample::of(Metric::Reasons, 1).by(Dimension::Reason, reason)));
        samples.extend(self.applied_after_ms.map(|ms| Sample::of(Metric::AppliedAfter, ms)));
        samples
    }
}

/// What one minute of the reconciler did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Services that were looked at.
    pub services: u32,
    /// Calls that changed AWS.
    pub changes: u32,
    /// Services and cases left to somebody else, or to a later minute.
    pub left: u32,
    /// Services and cases that failed.
    pub failed: u32,
    /// Seconds for which the oldest due case had been due; 0 when none was.
    pub oldest_due_seconds: u64,
}

impl Reconciled {
    /// Its values, zeros too: a minute without a value is a minute in which the reconciler did not run.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        vec![
            Sample::of(Metric::SweptServices, self.services.into()),
            Sample::of(Metric::SweptChanges, self.changes.into()),
            Sample::of(Metric::SweptLeft, self.left.into()),
            Sample::of(Metric::SweptFailed, self.failed.into()),
            Sample::of(Metric::OldestDue, self.oldest_due_seconds),
        ]
    }
}
