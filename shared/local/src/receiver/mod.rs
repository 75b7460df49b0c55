//! Slack and PagerDuty as the notifier meets them: schemas, rate limits, threads, alerts; and what people see of it.
//!
//! From the pages that the channels of `headroom-core` cite; no text of theirs is here. It answers, and never calls.

mod ask;
mod mischief;
mod pagerduty;
mod people;
mod schema;
mod slack;
mod workspace;

pub use ask::{Asked, Reply};
pub use mischief::Mischief;
pub use pagerduty::{Alert, Standing};
pub use slack::Message;
pub use workspace::Workspace;
