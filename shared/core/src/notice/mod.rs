//! Every sentence that a person reads about a decision is built here, channel-neutral.

mod at_max;
mod disrupted;
mod ecs_words;
mod itself;
mod kind;
mod lease;
#[expect(clippy::module_inception, reason = "the notice itself")]
mod notice;
mod prewarm;
mod remark;
mod rollback;
mod told;
mod trouble;
mod words;
mod would;

pub use at_max::{Answered, episode, episode_unwatched};
pub use disrupted::disrupted;
pub use itself::itself;
pub use kind::{Kind, Phase, Severity};
pub use lease::{closed, grown, opened, taken};
pub use notice::{About, Notice};
pub use prewarm::{
    prewarm_begun, prewarm_clipped, prewarm_proposed, prewarm_refused, prewarm_waits, proved, targets_unknown, unproved,
};
pub use remark::{held, remarked};
pub use rollback::{deployed_again, inconclusive, not_rolled_back, rollback_ended, rollback_proposed, rolling_back};
pub use told::{suggested, told};
pub use trouble::{denied, did_not_help, failed, goes_on, refused, stopped, storm};
pub use words::{measured, sentence};
pub use would::{would_act, would_have_acted};
