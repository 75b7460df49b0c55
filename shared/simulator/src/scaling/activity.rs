//! Scaling activities, with the reasons why nothing was scaled.

use std::fmt;

/// Why a policy that was in breach scaled nothing (AWS_FACTS 2.7).
///
/// AutoScalingAnticipatedFlapping is not among them: a capacity computed by the formula is never one from which
/// the same datapoint would scale back. Nor is TargetServicePutResourceAsUnscalable: services here can be scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotScaled {
    /// More was wanted than max.
    AlreadyAtMaxCapacity,
    /// Less was wanted than min.
    AlreadyAtMinCapacity,
    /// What is wanted is there.
    AlreadyAtDesiredCapacity,
}

impl fmt::Display for NotScaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyAtMaxCapacity => "AlreadyAtMaxCapacity",
            Self::AlreadyAtMinCapacity => "AlreadyAtMinCapacity",
            Self::AlreadyAtDesiredCapacity => "AlreadyAtDesiredCapacity",
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The desired count was set.
    Scaled {
        /// Before.
        from: u32,
        /// After.
        to: u32,
    },
    /// It was not; only the first of a row is recorded (AWS_FACTS 2.7).
    NotScaled(NotScaled),
}

/// One entry of DescribeScalingActivities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Seconds since the epoch.
    pub at: i64,
    /// The policy, the scheduled action, or `bounds` for a RegisterScalableTarget that forced the count.
    pub cause: String,
    /// What became of it.
    pub outcome: Outcome,
}
