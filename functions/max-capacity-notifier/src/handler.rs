//! One invocation: an event or an alarm names a service, each minute looks at open episodes and a part of the fleet.

use headroom_aws::{App, owner, until};
use headroom_pipeline::{Answer, Failed, Owed, Watched, on_capacity_payload, owed};
use jiff::SignedDuration;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

/// One record's calls, with retries, before Lambda ends the invocation: none is begun later than this before it.
const LEFT_FOR_A_RECORD: SignedDuration = SignedDuration::from_secs(10);

/// Handles what one invocation carries.
///
/// # Errors
/// Lambda delivers it again, then dead-letters it with the error's words; a minute is followed by the next one.
pub(crate) async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    let owner = owner(&context.request_id);
    let watched = Watched::new(&app.aws, &app.fleet);
    let answers =
        on_capacity_payload(&watched, &app.fleet, &payload, &owner, until(context.deadline, LEFT_FOR_A_RECORD)).await;
    app.telemetry.decided(&watched.answered(&answers), &context.request_id);
    match owed(&answers) {
        Owed::Nothing => Ok(match answers.as_slice() {
            [only] => only.json(),
            several => json!({ "records": several.iter().map(Answer::json).collect::<Vec<_>>() }),
        }),
        // No queue is wired to this function: one that is must have a batch size of one.
        Owed::Redelivery(ids) => Err(failure("Failed", format!("{} records of a queue failed", ids.len()))),
        Owed::Failure(Failed { kind, why }) => Err(failure(kind, why)),
    }
}

fn failure(kind: &str, why: impl ToString) -> Diagnostic {
    Diagnostic { error_type: kind.to_owned(), error_message: why.to_string() }
}
