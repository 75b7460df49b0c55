//! A series of one metric.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::Seconds;

/// Values of a metric by the start of their period, in epoch seconds; every period is as long as the first.
///
/// A sum is held per minute whatever the period is, so that an hour by minutes and two weeks by five minutes compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// Length of a period.
    pub period: Seconds,
    /// Values; a period without one is missing, not 0.
    pub values: BTreeMap<i64, f64>,
}

impl Points {
    /// None, of one minute each.
    #[must_use]
    pub fn by_minute() -> Self {
        Self { period: Seconds(60), values: BTreeMap::new() }
    }

    /// The newest value that is a number, with the start of its period.
    #[must_use]
    pub fn newest(&self) -> Option<(i64, f64)> {
        self.values.iter().rev().find(|(_, value)| value.is_finite()).map(|(at, value)| (*at, *value))
    }

    /// Values of periods that began at `from` or later, oldest first.
    pub fn since(&self, from: Timestamp) -> impl Iterator<Item = (i64, f64)> {
        self.values.range(from.as_second()..).map(|(at, value)| (*at, *value)).filter(|(_, value)| value.is_finite())
    }

    /// Every value that is a number, oldest first.
    pub fn finite(&self) -> impl Iterator<Item = (i64, f64)> {
        self.values.iter().map(|(at, value)| (*at, *value)).filter(|(_, value)| value.is_finite())
    }
}
