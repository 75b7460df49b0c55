//! One invocation: hand over what it carries, count what came of it, answer as its sender wants it.

use aws_lambda_events::sqs::SqsBatchResponse;
use headroom_aws::{App, owner, until};
use headroom_pipeline::{Failed, Owed, Watched, on_payload, owed, said};
use jiff::SignedDuration;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

/// One record's calls, with retries, before Lambda ends the invocation: none is begun later than this before it.
const LEFT_FOR_A_RECORD: SignedDuration = SignedDuration::from_secs(10);

/// Handles what one invocation carries: an event, an alarm's action, or records of a topic or a queue.
///
/// # Errors
/// Lambda delivers all of it again, then dead-letters it with the error's words; a queue's records that failed are
/// named in the answer instead.
pub(crate) async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    let owner = owner(&context.request_id);
    let watched = Watched::new(&app.aws, &app.fleet);
    let answers = on_payload(&watched, &app.fleet, &payload, &owner, until(context.deadline, LEFT_FOR_A_RECORD)).await;
    app.telemetry.decided(&watched.answered(&answers), &context.request_id);
    match owed(&answers) {
        Owed::Nothing => Ok(said(&answers)),
        Owed::Redelivery(ids) => {
            let mut response = SqsBatchResponse::default();
            response.set_failures(ids);
            serde_json::to_value(response).map_err(|error| failure("Response", error))
        }
        Owed::Failure(Failed { kind, why }) => Err(failure(kind, why)),
    }
}

fn failure(kind: &str, why: impl ToString) -> Diagnostic {
    Diagnostic { error_type: kind.to_owned(), error_message: why.to_string() }
}
