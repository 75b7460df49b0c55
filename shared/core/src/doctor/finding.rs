//! One line of what was found.

use serde::Serialize;

use crate::seen::Reading;

/// What is looked at, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whose credentials they are, against the account of the fleet file.
    Credentials,
    /// What these credentials may call.
    Permissions,
    /// This machine's clock against AWS's.
    Clock,
    /// The table and its index of entries.
    Table,
    /// The event rules: there, and enabled.
    Rules,
    /// Headroom's own alarms: there, and quiet.
    Functions,
    /// The fleet that the functions load, against this file.
    Fleet,
    /// Fargate's vCPU quota.
    Quotas,
    /// Services without a scalable target.
    Targets,
    /// Bounds that differ from the fleet file.
    Bounds,
    /// Scaling policies that fight each other, or this file.
    Policies,
    /// A Terraform that would revert a lease.
    Terraform,
    /// Alarms that wake no remedy.
    Alarms,
    /// Remedies that no alarm wakes.
    Remedies,
    /// Deregistration delay against `stopTimeout`.
    Draining,
    /// Grace period against measured starts.
    Grace,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 16] = [
        Self::Credentials,
        Self::Permissions,
        Self::Clock,
        Self::Table,
        Self::Rules,
        Self::Functions,
        Self::Fleet,
        Self::Quotas,
        Self::Targets,
        Self::Bounds,
        Self::Policies,
        Self::Terraform,
        Self::Alarms,
        Self::Remedies,
        Self::Draining,
        Self::Grace,
    ];

    /// The word in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Permissions => "permissions",
            Self::Clock => "clock",
            Self::Table => "table",
            Self::Rules => "rules",
            Self::Functions => "functions",
            Self::Fleet => "fleet",
            Self::Quotas => "quotas",
            Self::Targets => "targets",
            Self::Bounds => "bounds",
            Self::Policies => "policies",
            Self::Terraform => "terraform",
            Self::Alarms => "alarms",
            Self::Remedies => "remedies",
            Self::Draining => "draining",
            Self::Grace => "grace",
        }
    }
}

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// In order.
    Good,
    /// Nobody knows: it could not be read. Never taken for good.
    Unknown,
    /// Right, and likely not meant.
    Warning,
    /// Something does not work, or will do harm.
    Bad,
}

impl Verdict {
    /// The word before a line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "WARN",
            Self::Bad => "BAD",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// What it means.
    pub verdict: Verdict,
    /// One sentence, with what to do where something can be done.
    pub text: String,
}

impl Check {
    pub(super) fn is(self, verdict: Verdict, text: impl Into<String>) -> Finding {
        Finding { check: self, verdict, text: text.into() }
    }

    pub(super) fn good(self, text: impl Into<String>) -> Finding {
        self.is(Verdict::Good, text)
    }

    pub(super) fn warn(self, text: impl Into<String>) -> Finding {
        self.is(Verdict::Warning, text)
    }

    pub(super) fn bad(self, text: impl Into<String>) -> Finding {
        self.is(Verdict::Bad, text)
    }

    pub(super) fn unknown(self, text: impl Into<String>) -> Finding {
        self.is(Verdict::Unknown, text)
    }

    /// The value, or that nobody knows, with the reason.
    pub(super) fn read<'r, T>(self, what: &str, reading: &'r Reading<T>) -> Result<&'r T, Finding> {
        let about = if what.is_empty() { String::new() } else { format!("{what}: ") };
        reading.known().ok_or_else(|| self.unknown(format!("{about}{}", reading.why())))
    }

    /// What was found of many, or one line that all of them are in order.
    pub(super) fn of_many(self, found: Vec<Finding>, all_well: impl Into<String>) -> Vec<Finding> {
        if found.is_empty() { vec![self.good(all_well)] } else { found }
    }
}
