//! The switches of an environment, written by a person.

use aws_sdk_dynamodb::types::AttributeValue;
use headroom_core::control::Control;
use headroom_pipeline::PortError;
use headroom_pipeline::person::Switches;

use super::hand::Hands;
use crate::error::{failed, unusable};
use crate::journal::{Key, PAUSES, REVISION, STOP, SWITCHED, number, text};

/// IAM actions on the table that switching needs.
pub const SWITCHING: [&str; 2] = ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"];

const PLACE: &str = "dynamodb UpdateItem";

impl Switches for Hands<'_> {
    /// An attempt of the SDK's that was taken without an answer is answered as a condition that failed: the caller
    /// reads again, and finds it so already.
    async fn switch(&self, environment: &str, control: &Control) -> Result<bool, PortError> {
        self.in_time()?;
        let json = |what: serde_json::Result<String>| what.map_err(|error| unusable(PLACE, error.to_string()));
        let seen = control.revision;
        // An environment that nobody switched yet has no revision, or one that somebody wrote as 0.
        let condition = if seen == 0 { "attribute_not_exists(#rev) OR #rev = :seen" } else { "#rev = :seen" };
        let call = self
            .aws
            .dynamodb()
            .update_item()
            .table_name(self.aws.table())
            .set_key(Some(Key::control(environment).item()))
            .update_expression("SET #stop = :stop, #pauses = :pauses, #switched = :switched, #rev = :next")
            .condition_expression(condition)
            .expression_attribute_names("#stop", STOP)
            .expression_attribute_names("#pauses", PAUSES)
            .expression_attribute_names("#switched", SWITCHED)
            .expression_attribute_names("#rev", REVISION)
            .expression_attribute_values(":stop", AttributeValue::Bool(control.stopped))
            .expression_attribute_values(":pauses", text(json(serde_json::to_string(&control.pauses))?))
            .expression_attribute_values(":switched", text(json(serde_json::to_string(&control.switched))?))
            .expression_attribute_values(":seen", number(seen))
            .expression_attribute_values(":next", number(seen + 1));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failed(PLACE, &error)),
        }
    }
}
