//! Slack: messages of a bot, or of an incoming webhook where there is no bot.
//!
//! Limits and answers: docs.slack.dev/reference/block-kit, docs.slack.dev/apis/web-api/rate-limits and the pages of the
//! methods; the total of a message's blocks by slackapi/bolt-js #2509 (AWS_FACTS 6).

mod body;
mod find;
mod read;
mod seen;

pub use body::{KEY, post, reply, update, webhook};
pub use find::{Found, MISSING_SCOPE, Sought, TYPES, channel_id, channels, found, look};
pub use read::{read, read_webhook};
pub use seen::seen;
