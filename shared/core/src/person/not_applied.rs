//! Every way in which a yes to a suggestion changes nothing.

use std::fmt;

use jiff::Timestamp;

use crate::decide::{Decision, Difference, Judgement};
use crate::entry::Status;

/// Why a suggestion is not carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum NotApplied {
    /// The journal has no such entry any more.
    NotThere,
    /// It is none, or it is over.
    NotOpen {
        /// How far it has come.
        status: Status,
    },
    /// It proposes a rollback, which people carry out by a command of its own.
    Rollback,
    /// The half hour in which it says something about now has passed.
    Expired {
        /// Since when.
        since: Timestamp,
    },
    /// The service or the remedy left the fleet file.
    LeftTheFleet,
    /// The remedy observes: nobody's yes makes it act.
    Observes,
    /// A guard stands against it now, or there is nothing to do any more.
    Stands(Box<Judgement>),
    /// What would be done now is not what was proposed.
    Differs(Vec<Difference>),
    /// A person's change stands over the lease of this source.
    Overridden,
    /// Others wrote the same again and again.
    Contended,
}

impl fmt::Display for NotApplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThere => f.write_str("the journal has no such entry"),
            Self::NotOpen { status: Status::Expired } => f.write_str("expired: nobody accepted it within half an hour"),
            Self::NotOpen { status } => write!(f, "no open suggestion: it is {}", status.name()),
            Self::Rollback => f.write_str("it proposes a rollback; `headroom rollback ENVIRONMENT SERVICE` does it"),
            Self::Expired { since } => {
                write!(f, "expired at {since:.0}: what it stands on is half an hour old")
            }
            Self::LeftTheFleet => f.write_str("the service or the remedy left the fleet file"),
            Self::Observes => f.write_str("the remedy is in mode observe now"),
            Self::Stands(judgement) => match &judgement.decision {
                Decision::Wait { why, .. } => write!(f, "{why}"),
                Decision::Refuse(why) => write!(f, "{}: {why}", why.name()),
                Decision::Act(plan) => write!(f, "cannot be carried out: {plan}"),
            },
            Self::Differs(list) => {
                f.write_str("what would be done now is not what was proposed")?;
                list.iter().try_for_each(|difference| write!(f, "\n  {difference}"))
            }
            Self::Overridden => f.write_str("a person's change stands over this lease"),
            Self::Contended => f.write_str("others write the same just now; try again in a minute"),
        }
    }
}
