//! Revisions that were rolled back: never a target again until somebody releases them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::DecisionId;

/// As many are remembered; more than a service deploys badly in a quarter of a year.
pub const QUARANTINED_MAX: usize = 50;

/// A revision that was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quarantined {
    /// ARN of the service deployment that brought it.
    pub deployment: String,
    /// ARN of the service revision.
    pub revision: String,
    /// ARN of its task definition: deploying it again is announced, never blocked.
    pub task_definition: String,
    /// The decision that rolled it back.
    pub decision: DecisionId,
    /// When.
    pub at: Timestamp,
}

/// Adds one, once; of too many the oldest goes.
pub fn quarantine(list: &mut Vec<Quarantined>, new: Quarantined) {
    list.retain(|q| q.revision != new.revision);
    list.push(new);
    list.drain(..list.len().saturating_sub(QUARANTINED_MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_remembered_once_and_the_newest_stay() {
        let mut list = Vec::new();
        for n in 0..60 {
            let revision = format!("r{}", n % 55);
            let decision = DecisionId(format!("D-{n}"));
            let (deployment, task_definition) = (String::new(), String::new());
            quarantine(
                &mut list,
                Quarantined { deployment, revision, task_definition, decision, at: Timestamp::UNIX_EPOCH },
            );
        }
        assert_eq!(list.len(), QUARANTINED_MAX);
        assert_eq!(list.last().map(|q| q.decision.0.as_str()), Some("D-59"));
        assert_eq!(list.iter().filter(|q| q.revision == "r4").count(), 1);
    }
}
