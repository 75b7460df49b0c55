//! The port.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use headroom_pipeline::{Due, Journal, Keys, Loaded, PortError, Write, Written};
use jiff::Timestamp;

use super::lost::lost;
use super::transaction::{Actions, PLACE};
use super::{due, read};
use crate::aws::Aws;
use crate::error::failed;

impl Journal for Aws {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        read::load(self, keys).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        due::due(self, now).await
    }

    /// The SDK gives the operation one client token for all its attempts: an attempt that had succeeded
    /// without an answer is answered as a success, not as a condition that failed.
    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        if write.is_empty() {
            return Ok(Written::Done);
        }
        let actions = Actions::of(self.table(), write)?;
        let call = self.dynamodb().transact_write_items().set_transact_items(Some(actions.items));
        let Err(error) = call.send().await else { return Ok(Written::Done) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
                lost(&actions.lost, &codes).map(Written::Lost)
            }
            Some(_) | None => Err(failed(PLACE, &error)),
        }
    }
}
