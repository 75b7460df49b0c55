//! The metrics: name, unit, dimensions, what each means, which alarm is worth having.

use super::dimension::Dimension;

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "Headroom";

/// A unit, by CloudWatch's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl Unit {
    /// CloudWatch's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Seconds => "Seconds",
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Events and cases that came to an outcome.
    Decisions,
    /// Why nothing was done.
    Reasons,
    /// From the event's own time to the change applied.
    AppliedAfter,
    /// Whether actions helped.
    Effects,
    /// Services that the reconciler looked at.
    SweptServices,
    /// Calls of the reconciler that changed AWS.
    SweptChanges,
    /// What it left to another writer or a later minute.
    SweptLeft,
    /// What failed in it.
    SweptFailed,
    /// How long the oldest due case had been due.
    OldestDue,
}

/// All of them, in the order of the documentation.
pub const METRICS: [Metric; 9] = [
    Metric::Decisions,
    Metric::Reasons,
    Metric::AppliedAfter,
    Metric::Effects,
    Metric::SweptServices,
    Metric::SweptChanges,
    Metric::SweptLeft,
    Metric::SweptFailed,
    Metric::OldestDue,
];

impl Metric {
    /// The name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Decisions => "Decisions",
            Self::Reasons => "Reasons",
            Self::AppliedAfter => "AppliedAfter",
            Self::Effects => "Effects",
            Self::SweptServices => "SweptServices",
            Self::SweptChanges => "SweptChanges",
            Self::SweptLeft => "SweptLeft",
            Self::SweptFailed => "SweptFailed",
            Self::OldestDue => "OldestDue",
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Decisions
            | Self::Reasons
            | Self::Effects
            | Self::SweptServices
            | Self::SweptChanges
            | Self::SweptLeft
            | Self::SweptFailed => Unit::Count,
            Self::AppliedAfter => Unit::Milliseconds,
            Self::OldestDue => Unit::Seconds,
        }
    }

    /// Its dimensions, always all of them.
    #[must_use]
    pub fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Decisions => &[Dimension::Remedy, Dimension::Outcome],
            Self::Reasons => &[Dimension::Reason],
            Self::Effects => &[Dimension::Effect],
            Self::AppliedAfter
            | Self::SweptServices
            | Self::SweptChanges
            | Self::SweptLeft
            | Self::SweptFailed
            | Self::OldestDue => &[],
        }
    }

    /// What one value of it says, and where it comes from.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Decisions => "an event or a case came to this outcome, for a remedy that does this",
            Self::Reasons => "nothing was done, and why: a refusal, a wait, a mismatch, a class of failure",
            Self::AppliedAfter => {
                "from the time that the event itself names to the last call that carried its change out, in the process \
                 that made the call; a case that another process closes has none"
            }
            Self::Effects => "an acted case was judged after its settle time: `yes`, `no`, `unknown`",
            Self::SweptServices => "services that one minute of the reconciler looked at",
            Self::SweptChanges => "calls of that minute that changed AWS",
            Self::SweptLeft => "services and cases left to another writer, to a later minute, or to a stop",
            Self::SweptFailed => "services and cases that failed; they stay due",
            Self::OldestDue => "how long the oldest due case had been due when it was read; 0 when none was due",
        }
    }

    /// The alarm worth having on it; `None` when it is for a dashboard.
    #[must_use]
    pub fn alarm(self) -> Option<&'static str> {
        match self {
            Self::Decisions => Some(
                "`Remedy=none, Outcome=failed`, and `Outcome=gave-up` of each disruptive remedy: sum over 0 in 5 minutes, \
                 missing data not breaching; `Outcome=unmatched`: sum over 0 in a day, for alarms that reach no remedy",
            ),
            Self::Reasons => {
                Some("`circuit-breaker` or `limit-reached`: sum over 0 in 5 minutes, missing data not breaching")
            }
            Self::AppliedAfter => Some("p90 over 60,000 in 15 minutes: whatever delivers the alarms is slow"),
            Self::Effects => Some("`no`: sum over 2 in an hour: more tasks are not the cure"),
            Self::SweptServices => {
                Some("fewer than 3 samples in 5 minutes, missing data breaching: the reconciler is dead")
            }
            Self::SweptLeft => Some("minimum over 0 for 15 minutes: something is locked or stopped"),
            Self::SweptFailed => Some("sum over 0 for 3 minutes in a row"),
            Self::OldestDue => Some("maximum over 300 for 5 minutes: what is due is not carried out"),
            Self::SweptChanges => None,
        }
    }
}
