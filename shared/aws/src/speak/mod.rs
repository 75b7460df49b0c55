//! The notifier's ports: threads in the table, channels over HTTP and SNS, secrets, and the queue.

mod channels;
#[cfg(test)]
mod misbehaving;
mod permissions;
mod queue;
mod secret;
mod settings;
mod speaker;
mod threads;
mod web;

pub use permissions::PERMISSIONS;
pub use settings::{DEAD_LETTERS, MAIL_TOPIC_ARN, PAGERDUTY_URL, QUEUE, SLACK_URL, SpeakSettings};
pub use speaker::Speaker;
pub(crate) use threads::{THREAD_KEPT, acks_of};
