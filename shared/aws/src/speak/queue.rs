//! The queue that woke the notifier, and the dead letters.

use aws_sdk_sqs::types::MessageAttributeValue;
use headroom_core::time::Seconds;
use headroom_pipeline::PortError;
use headroom_pipeline::notifier::{Queue, Record};
use tokio::sync::OnceCell;

use super::speaker::Speaker;
use crate::error::{failed, unusable};

const URL: &str = "sqs GetQueueUrl";
const HIDE: &str = "sqs ChangeMessageVisibility";
const SEND: &str = "sqs SendMessage";
/// The attribute of a dead letter that says why.
const REASON: &str = "reason";
/// An attribute is part of the message's 256 KB; a reason is a sentence.
const REASON_CHARS_MAX: usize = 1_000;

impl Queue for Speaker {
    async fn later(&self, record: &Record, after: Seconds) -> Result<(), PortError> {
        let url = self.url(&self.queue_url, &self.settings.queue).await?;
        let seconds = i32::try_from(after.0).unwrap_or(i32::MAX);
        let call = self.sqs().change_message_visibility().queue_url(url);
        let call = call.receipt_handle(&record.receipt).visibility_timeout(seconds);
        call.send().await.map(|_hidden| ()).map_err(|error| failed(HIDE, &error))
    }

    async fn dead(&self, record: &Record, reason: &str) -> Result<(), PortError> {
        let url = self.url(&self.dead_letters_url, &self.settings.dead_letters).await?;
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect();
        let reason = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let reason = reason.map_err(|error| unusable(SEND, error.to_string()))?;
        // SQS takes no empty body.
        let body = if record.body.is_empty() { "(empty)" } else { &record.body };
        let call = self.sqs().send_message().queue_url(url).message_body(body).message_attributes(REASON, reason);
        call.send().await.map(|_sent| ()).map_err(|error| failed(SEND, &error))
    }
}

impl Speaker {
    async fn url<'a>(&self, known: &'a OnceCell<String>, name: &str) -> Result<&'a str, PortError> {
        let found = known.get_or_try_init(|| async {
            let answer = self.sqs().get_queue_url().queue_name(name).send().await.map_err(|e| failed(URL, &e))?;
            answer.queue_url.ok_or_else(|| unusable(URL, "an answer without an address"))
        });
        found.await.map(String::as_str)
    }
}
