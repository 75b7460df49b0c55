//! One invocation: the messages of one batch of the queue, and which of them come again.

use aws_lambda_events::sqs::SqsBatchResponse;
use headroom_aws::{SpeakingApp, owner, until};
use headroom_pipeline::notifier::{Handled, notify};
use jiff::SignedDuration;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// A channel's calls before Lambda ends the invocation: none is begun later than this before it.
const LEFT_FOR_A_CHANNEL: SignedDuration = SignedDuration::from_secs(15);

/// Tells people what the messages hold.
///
/// # Errors
/// The answer cannot be written; the queue delivers all of it again, and what was told is not told twice.
pub(crate) async fn handle(app: &SpeakingApp, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    let owner = owner(&context.request_id);
    let handled = notify(&app.speaker, &app.fleet, &payload, &owner, until(context.deadline, LEFT_FOR_A_CHANNEL)).await;
    let again = handled.into_iter().filter(|(_, handled)| matches!(handled, Handled::Again { .. }));
    // Even when it is all of them: failing as a whole would end the time-outs that each message was given.
    let mut response = SqsBatchResponse::default();
    response.set_failures(again.map(|(id, _)| id));
    serde_json::to_value(response)
        .map_err(|error| Diagnostic { error_type: "Response".to_owned(), error_message: error.to_string() })
}
