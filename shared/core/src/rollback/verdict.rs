//! What the numbers say.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::why::Why;

/// The four verdicts. Only `Fail` may roll back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The watch window is over and the new revision is not worse.
    Pass,
    /// The new revision fails more requests than the old one did, beyond chance and beyond what can be borne.
    Fail,
    /// Nobody can say: people are asked.
    Inconclusive(Why),
    /// Not yet: the watch window runs.
    Watching {
        /// What a verdict lacks so far; none when the numbers suffice and say nothing against the deployment.
        lacks: Option<Why>,
        /// The next look: the moment at which one more minute can be counted.
        next: Timestamp,
        /// The end of the watch window.
        until: Timestamp,
    },
}

impl fmt::Display for Verdict {
    /// A sentence for people, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass: the watch window is over and the new revision is not worse"),
            Self::Fail => {
                f.write_str("fail: more requests fail than before, beyond chance and beyond what can be borne")
            }
            Self::Inconclusive(why) => write!(f, "inconclusive: {why}"),
            Self::Watching { lacks: Some(why), next, .. } => write!(f, "watching: {why}; next look at {next:.0}"),
            Self::Watching { lacks: None, until, .. } => {
                write!(f, "watching: nothing speaks against it; until {until:.0}")
            }
        }
    }
}
