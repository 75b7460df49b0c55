//! By what a metric is split: few words, each from a closed list, because CloudWatch bills every combination.

/// A dimension. Nothing that grows with the fleet or with time may become one: names of services and decisions
/// stand beside the metric as properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// What the remedy does: an action of the fleet file, or who acts without one.
    Remedy,
    /// What became of it.
    Outcome,
    /// Why nothing was done: the name of a refusal, a wait, a mismatch, or a class of failure.
    Reason,
    /// Whether an action helped.
    Effect,
}

impl Dimension {
    /// The name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Remedy => "Remedy",
            Self::Outcome => "Outcome",
            Self::Reason => "Reason",
            Self::Effect => "Effect",
        }
    }
}
