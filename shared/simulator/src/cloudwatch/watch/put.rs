//! What PutMetricAlarm and PutCompositeAlarm say.

use crate::cloudwatch::missing::{Missing, RANGE_EXTRA};
use crate::cloudwatch::{CloudWatchError, MetricDataQuery, MetricStat, POINTS_MAX};

/// CloudWatch looks back at most a day (API reference, PutMetricAlarm).
const DAY: u64 = 86_400;

/// How a value is compared with the threshold; it comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// GreaterThanOrEqualToThreshold.
    GreaterOrEqual,
    /// GreaterThanThreshold.
    Greater,
    /// LessThanThreshold.
    Less,
    /// LessThanOrEqualToThreshold.
    LessOrEqual,
}

impl Comparison {
    const ALL: [Self; 4] = [Self::GreaterOrEqual, Self::Greater, Self::Less, Self::LessOrEqual];

    /// As ComparisonOperator has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "GreaterThanOrEqualToThreshold",
            Self::Greater => "GreaterThanThreshold",
            Self::Less => "LessThanThreshold",
            Self::LessOrEqual => "LessThanOrEqualToThreshold",
        }
    }

    /// Reads ComparisonOperator; those of anomaly detection are none here.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// As CloudWatch's sentences have it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Greater => "greater than",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
        }
    }

    /// Whether a value breaches.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }
}

/// The actions of an alarm; this world keeps them and carries out none: Headroom listens to EventBridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// ActionsEnabled.
    pub enabled: bool,
    /// OKActions.
    pub ok: Vec<String>,
    /// AlarmActions.
    pub alarm: Vec<String>,
    /// InsufficientDataActions.
    pub insufficient_data: Vec<String>,
}

impl Default for Actions {
    fn default() -> Self {
        Self { enabled: true, ok: Vec::new(), alarm: Vec::new(), insufficient_data: Vec::new() }
    }
}

/// What a metric alarm watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Watched {
    /// One metric.
    Metric(MetricStat),
    /// Metric math; one of the queries returns data.
    Math(Vec<MetricDataQuery>),
}

/// PutMetricAlarm.
#[derive(Debug, Clone, PartialEq)]
pub struct PutMetricAlarm {
    /// AlarmName.
    pub name: String,
    /// AlarmDescription.
    pub description: Option<String>,
    /// Actions.
    pub actions: Actions,
    /// Metric or math.
    pub watched: Watched,
    /// ComparisonOperator.
    pub comparison: Comparison,
    /// Threshold.
    pub threshold: f64,
    /// EvaluationPeriods: N.
    pub evaluation_periods: u32,
    /// DatapointsToAlarm: M; none: N.
    pub datapoints_to_alarm: Option<u32>,
    /// TreatMissingData; none: missing.
    pub missing: Option<Missing>,
    /// EvaluateLowSampleCountPercentile is `ignore`.
    pub low_samples_ignored: bool,
    /// Tags; on an update they are ignored (API reference, PutMetricAlarm).
    pub tags: Vec<(String, String)>,
}

impl PutMetricAlarm {
    pub(super) fn points_to_alarm(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// Checks all but the watched queries, given the period of their datapoints.
    pub(super) fn checked(&self, period: u32) -> Result<(), CloudWatchError> {
        let invalid = |message: String| Err(CloudWatchError::Validation(message));
        named(&self.name)?;
        if !self.threshold.is_finite() {
            return invalid("Threshold is no number.".to_owned());
        }
        let (m, n) = (self.points_to_alarm(), self.evaluation_periods);
        if n == 0 || m == 0 || m > n {
            return invalid(format!("DatapointsToAlarm is {m} of EvaluationPeriods {n}, expected 1 to N."));
        }
        let length = u64::from(n) * u64::from(period);
        if length > DAY {
            let message =
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).";
            return invalid(message.to_owned());
        }
        let most = POINTS_MAX as u64 * 60;
        if length > most {
            return invalid(format!(
                "The simulator keeps two hours of metrics: EvaluationPeriods * Period must be <= {most}."
            ));
        }
        Ok(())
    }

    /// How many periods are looked at.
    pub(super) fn range(&self) -> usize {
        self.evaluation_periods as usize + RANGE_EXTRA
    }
}

/// What suppresses the actions of a composite alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressor {
    /// ActionsSuppressor: name or ARN.
    pub alarm: String,
    /// ActionsSuppressorWaitPeriod in seconds.
    pub wait: u32,
    /// ActionsSuppressorExtensionPeriod in seconds.
    pub extension: u32,
}

/// PutCompositeAlarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutCompositeAlarm {
    /// AlarmName.
    pub name: String,
    /// AlarmDescription.
    pub description: Option<String>,
    /// Actions.
    pub actions: Actions,
    /// AlarmRule.
    pub rule: String,
    /// ActionsSuppressor with its periods.
    pub suppressor: Option<Suppressor>,
    /// Tags; on an update they are ignored.
    pub tags: Vec<(String, String)>,
}

/// Names have 1 to 255 characters without control characters (API reference, PutMetricAlarm).
pub(super) fn named(name: &str) -> Result<(), CloudWatchError> {
    if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(CloudWatchError::Validation(format!("The value for parameter AlarmName is invalid: `{name}`.")));
    }
    Ok(())
}
