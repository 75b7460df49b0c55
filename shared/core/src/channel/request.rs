//! What is sent, without the secret: the shell puts that in at the last moment, so that nothing here can log it.

use std::fmt;

use serde_json::Value;

use crate::fleet::SecretRef;

/// Methods of Slack's Web API that are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlackMethod {
    /// Posts a message. It has no idempotency key.
    Post,
    /// Edits one.
    Update,
    /// Lists a channel's newest messages.
    History,
    /// Lists a thread's.
    Replies,
    /// Lists channels, to find the id behind a name.
    Channels,
}

impl SlackMethod {
    /// Its name in the address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "chat.postMessage",
            Self::Update => "chat.update",
            Self::History => "conversations.history",
            Self::Replies => "conversations.replies",
            Self::Channels => "conversations.list",
        }
    }
}

/// Attributes of an SNS message, for filters of subscriptions.
pub type Attributes = Vec<(&'static str, String)>;

/// One call of a channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A method that writes: a JSON body.
    SlackWrite {
        /// Reference to the bot's token.
        token: SecretRef,
        /// The method.
        method: SlackMethod,
        /// The body.
        body: Value,
    },
    /// A method that reads: a query.
    SlackRead {
        /// Reference to the bot's token.
        token: SecretRef,
        /// The method.
        method: SlackMethod,
        /// The query, not encoded yet.
        query: Vec<(&'static str, String)>,
    },
    /// A post to an incoming webhook.
    SlackWebhook {
        /// Reference to the webhook's address, which is its secret.
        address: SecretRef,
        /// The body.
        body: Value,
    },
    /// An event to PagerDuty.
    PagerDuty {
        /// Reference to the routing key, which the shell adds as `routing_key`.
        key: SecretRef,
        /// The body without it.
        body: Value,
    },
    /// A message to an SNS topic.
    Sns {
        /// The topic's ARN; `None` is Headroom's own topic of mail.
        topic: Option<String>,
        /// The subject.
        subject: String,
        /// The message.
        message: String,
        /// Its attributes.
        attributes: Attributes,
    },
}

impl fmt::Display for Request {
    /// The call, for logs and errors: no word of the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SlackWrite { method, .. } | Self::SlackRead { method, .. } => write!(f, "slack {}", method.name()),
            Self::SlackWebhook { .. } => f.write_str("slack webhook"),
            Self::PagerDuty { .. } => f.write_str("pagerduty enqueue"),
            Self::Sns { .. } => f.write_str("sns Publish"),
        }
    }
}
