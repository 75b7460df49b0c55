//! Revisions that were rolled back: never a target again until somebody releases them.

use std::fmt;

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
    /// What condemned it, in words; empty in what earlier releases wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What a person took out of quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Who did it, by the name that they gave; nobody proves it.
    pub by: String,
    /// What was released.
    pub revisions: Vec<Quarantined>,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.revisions.iter().map(Quarantined::name).collect();
        write!(f, "{} released from quarantine by {}", names.join(", "), self.by)
    }
}

impl Quarantined {
    /// `family:revision`, as people say it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.task_definition.rsplit('/').next().unwrap_or(&self.task_definition)
    }

    /// Whether a person means this one: by its task definition, with or without the ARN around it, or by its decision.
    #[must_use]
    pub fn is(&self, named: &str) -> bool {
        [self.name(), &self.task_definition, &self.decision.0].contains(&named)
    }
}

/// Takes out of a list what a person names; what was taken out.
pub fn release(list: &mut Vec<Quarantined>, named: &str) -> Vec<Quarantined> {
    let (out, left) = std::mem::take(list).into_iter().partition(|q| q.is(named));
    *list = left;
    out
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
    fn a_person_names_a_task_definition_or_a_decision_and_nothing_else_is_released() {
        let one = |n: u32| Quarantined {
            deployment: String::new(),
            revision: format!("r{n}"),
            task_definition: format!("arn:aws:ecs:r:1:task-definition/web:{n}"),
            decision: DecisionId(format!("D-0000{n}")),
            at: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        };
        for named in ["web:2", "arn:aws:ecs:r:1:task-definition/web:2", "D-00002"] {
            let mut list = vec![one(1), one(2), one(22)];
            let out = release(&mut list, named);
            assert_eq!((out, list), (vec![one(2)], vec![one(1), one(22)]), "{named}");
        }
        let mut list = vec![one(1)];
        assert!(release(&mut list, "web").is_empty() && list.len() == 1);
        let release = Release { by: "ana".into(), revisions: vec![one(1), one(2)] };
        assert_eq!(release.to_string(), "web:1, web:2 released from quarantine by ana");
    }

    #[test]
    fn a_revision_is_remembered_once_and_the_newest_stay() {
        let mut list = Vec::new();
        for n in 0..60 {
            let revision = format!("r{}", n % 55);
            let decision = DecisionId(format!("D-{n}"));
            let (deployment, task_definition) = (String::new(), String::new());
            quarantine(
                &mut list,
                Quarantined {
                    deployment,
                    revision,
                    task_definition,
                    decision,
                    at: Timestamp::UNIX_EPOCH,
                    reason: String::new(),
                },
            );
        }
        assert_eq!(list.len(), QUARANTINED_MAX);
        assert_eq!(list.last().map(|q| q.decision.0.as_str()), Some("D-59"));
        assert_eq!(list.iter().filter(|q| q.revision == "r4").count(), 1);
    }
}
