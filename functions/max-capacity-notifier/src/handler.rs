//! One invocation: an event or an alarm names a service, each minute looks at open episodes and a part of the fleet.

use headroom_aws::{App, owner, until};
use headroom_pipeline::{Failed, Watched, on_capacity_payload, said_as_a_whole};
use jiff::SignedDuration;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

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
    said_as_a_whole(&answers)
        .map_err(|Failed { kind, why }| Diagnostic { error_type: kind.to_owned(), error_message: why })
}
