//! Whether a deployment is to blame for its errors: counts of minutes in, a verdict with every number out.

mod attribution;
mod burstiness;
mod call;
mod chart;
mod choice;
mod compared;
mod counted;
mod deployment;
mod end;
mod event;
mod evidence;
mod floor;
mod follow;
mod gate;
mod interval;
mod judged;
mod look;
mod minute;
mod onset;
mod proposal;
mod quarantine;
mod question;
mod refused;
#[cfg(test)]
mod samples;
mod series;
mod told;
mod verdict;
mod verify;
mod watch;
mod why;

pub use attribution::{AlarmBeside, Circumstances, Deployed, Revision, Sibling, Whose, attribute};
pub use call::Call;
pub use chart::chart;
pub use choice::{Choice, ECS, Way, brought_nothing, choose, may_update};
pub use compared::Comparison;
pub use counted::Counted;
pub use deployment::{
    AlarmSince, BackSeen, Balancer, DeploymentSeen, DeploymentStatus, DeploymentsSeen, Detail, ImageSeen, RevisionSeen,
};
pub use end::End;
pub use event::{Came, EVENT_SOURCE, EVENT_TYPE, RollbackEvent, event_schema};
pub use evidence::{Evidence, Numbers};
pub use floor::{FloorInput, NoFloor, floor};
pub use follow::{Followed, follow};
pub use gate::{judge, next_look};
pub use judged::Judged;
pub use look::{Step, cleared, look};
pub use minute::Minute;
pub use onset::onset;
pub use proposal::{Proposal, proposal};
pub use quarantine::{QUARANTINED_MAX, Quarantined, Release, quarantine, release};
pub use question::{BackQuestion, DeploymentsQuestion};
pub use refused::Refused;
pub use series::Series;
pub use told::{lines, summary};
pub use verdict::Verdict;
pub use verify::verify;
pub use watch::{Back, By, Stage, Watch};
pub use why::Why;
