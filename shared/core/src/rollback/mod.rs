//! Whether a deployment is to blame for its errors: counts of minutes in, a verdict with every number out.

mod attribution;
mod burstiness;
mod compared;
mod counted;
mod evidence;
mod gate;
mod interval;
mod judged;
mod minute;
mod onset;
mod series;
mod verdict;
mod why;

pub use attribution::{AlarmBeside, Circumstances, Deployed, Revision, Sibling, Whose, attribute};
pub use compared::Comparison;
pub use counted::Counted;
pub use evidence::{Evidence, Numbers};
pub use gate::{judge, next_look};
pub use judged::Judged;
pub use minute::Minute;
pub use onset::onset;
pub use series::Series;
pub use verdict::Verdict;
pub use why::Why;
