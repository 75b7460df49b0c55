//! Statistics of a period.

use std::fmt;

/// A statistic, as MetricStat and alarms name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// Mean of the samples.
    Average,
    /// Their sum.
    Sum,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// How many.
    SampleCount,
    /// `p95`, `p99.9`: over 0, at most 100.
    Percentile(f64),
}

impl Statistic {
    /// Reads `Average` or `p99.9`; trimmed means and the like are not simulated and read as nothing.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            "SampleCount" => Some(Self::SampleCount),
            other => {
                let digits = other.strip_prefix('p').filter(|d| d.bytes().all(|b| b.is_ascii_digit() || b == b'.'))?;
                let percent: f64 = digits.parse().ok()?;
                (percent > 0.0 && percent <= 100.0).then_some(Self::Percentile(percent))
            }
        }
    }

    /// Whether PutMetricAlarm names it in ExtendedStatistic.
    #[must_use]
    pub fn is_extended(self) -> bool {
        matches!(self, Self::Percentile(_))
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Average => f.write_str("Average"),
            Self::Sum => f.write_str("Sum"),
            Self::Minimum => f.write_str("Minimum"),
            Self::Maximum => f.write_str("Maximum"),
            Self::SampleCount => f.write_str("SampleCount"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
        }
    }
}

/// What is known of a period's samples without the samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Samples.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Summary {
    /// So many samples of one value.
    #[must_use]
    pub fn same(value: f64, count: f64) -> Self {
        Self { count, sum: value * count, min: value, max: value }
    }

    /// Of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// A statistic; `None` for a percentile, and for what needs a sample where there is none.
    #[must_use]
    pub fn value(&self, statistic: Statistic) -> Option<f64> {
        let some = |value: f64| (self.count > 0.0).then_some(value);
        match statistic {
            Statistic::Average => some(self.sum / self.count),
            Statistic::Sum => Some(self.sum),
            Statistic::Minimum => some(self.min),
            Statistic::Maximum => some(self.max),
            Statistic::SampleCount => Some(self.count),
            Statistic::Percentile(_) => None,
        }
    }
}

/// A datapoint with the number of samples behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datapoint {
    /// Its value.
    pub value: f64,
    /// Samples.
    pub samples: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statistic_is_read_and_written_as_aws_names_it() {
        for name in ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p99", "p99.9", "p100"] {
            assert_eq!(Statistic::from_name(name).map(|s| s.to_string()).as_deref(), Some(name));
        }
        for name in ["", "p", "p0", "p101", "p-1", "average", "tm90", "IQM", "p1e1", "p."] {
            assert_eq!(Statistic::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn statistics_of_two_minutes_are_those_of_all_their_samples() {
        let both = Summary::same(2.0, 3.0).and(Summary::same(10.0, 1.0));
        let value = |s| both.value(s);
        assert_eq!(value(Statistic::Average), Some(4.0), "not 6, the mean of the means");
        assert_eq!((value(Statistic::Minimum), value(Statistic::Maximum)), (Some(2.0), Some(10.0)));
        assert_eq!((value(Statistic::Sum), value(Statistic::SampleCount)), (Some(16.0), Some(4.0)));
        let none = Summary::same(1.0, 0.0);
        assert_eq!((none.value(Statistic::Average), none.value(Statistic::Sum)), (None, Some(0.0)));
    }
}
