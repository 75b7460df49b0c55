//! A deployment under the gate: a look in each minute of the watch window, until a verdict.

use headroom_core::fleet::Rollback;
use headroom_core::rollback::{Verdict, judge};
use headroom_core::time::Seconds;
use jiff::Timestamp;

use super::population::Deployment;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Condemned.
    Failed {
        /// Seconds since the first request.
        after: i64,
        /// The errors seem to have begun before the deployment was created, so that it would not be blamed.
        began_before: bool,
    },
    Passed,
    Inconclusive,
}

/// The defaults of the fleet file.
pub(super) const POLICY: Rollback = Rollback { deployed_within: Seconds(3_600), requests_min: 500 };

/// Looks in each minute, the reconciler's second of it, from creation until the gate says something final.
pub(super) fn watch(mut deployment: Deployment) -> Came {
    let first_traffic = deployment.evidence.first_traffic.unwrap().as_second();
    let created = deployment.evidence.created_at.as_second();
    let first_look = created - created % 60 + deployment.look_second;
    for look in (first_look..).step_by(60).filter(|look| *look >= created) {
        deployment.evidence.now = Timestamp::from_second(look).unwrap();
        match judge(&deployment.evidence, &POLICY).verdict {
            Verdict::Watching { .. } => {}
            Verdict::Fail => {
                let began_before = deployment.evidence.onset().is_none_or(|onset| onset.as_second() < created);
                return Came::Failed { after: look - first_traffic, began_before };
            }
            Verdict::Pass => return Came::Passed,
            Verdict::Inconclusive(_) => return Came::Inconclusive,
        }
    }
    unreachable!("the watch window ends")
}
