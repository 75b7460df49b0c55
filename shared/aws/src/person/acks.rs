//! Acknowledgements, written by a person and read by the notifier.

use headroom_core::channel::Ack;
use headroom_core::time::after;
use headroom_pipeline::person::Acks;
use headroom_pipeline::{Clock as _, PortError};

use super::hand::Hands;
use crate::error::{failed, unusable};
use crate::journal::{DOC, EXPIRES, PK, number, text};
use crate::speak::{THREAD_KEPT, acks_of};

/// IAM actions on the table that acknowledging needs, beside finding the decision.
pub const ACKING: [&str; 2] = ["dynamodb:GetItem", "dynamodb:PutItem"];

const GET: &str = "dynamodb GetItem";
const PUT: &str = "dynamodb PutItem";

impl Acks for Hands<'_> {
    async fn acks(&self, incident: &str) -> Result<Vec<Ack>, PortError> {
        let call = self.aws.dynamodb().get_item().table_name(self.aws.table()).set_key(Some(acks_of(incident)));
        let item = call.consistent_read(true).send().await.map_err(|error| failed(GET, &error))?.item;
        let Some(item) = item else { return Ok(Vec::new()) };
        let doc = item.get(DOC).and_then(|doc| doc.as_s().ok()).map_or("", String::as_str);
        serde_json::from_str(doc).map_err(|error| unusable(GET, format!("acknowledgements: {error}")))
    }

    /// The document itself is the condition: it is written by people only, and is short.
    async fn put_acks(&self, incident: &str, acks: &[Ack], before: &[Ack]) -> Result<bool, PortError> {
        self.in_time()?;
        let json = |acks: &[Ack]| serde_json::to_string(acks).map_err(|error| unusable(PUT, error.to_string()));
        let mut item = acks_of(incident);
        item.insert(DOC.to_owned(), text(json(acks)?));
        item.insert(EXPIRES.to_owned(), number(after(self.now(), THREAD_KEPT).as_second()));
        let call = self.aws.dynamodb().put_item().table_name(self.aws.table()).set_item(Some(item));
        let call = if before.is_empty() {
            call.condition_expression("attribute_not_exists(#n)").expression_attribute_names("#n", PK)
        } else {
            call.condition_expression("#n = :before")
                .expression_attribute_names("#n", DOC)
                .expression_attribute_values(":before", text(json(before)?))
        };
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failed(PUT, &error)),
        }
    }
}
