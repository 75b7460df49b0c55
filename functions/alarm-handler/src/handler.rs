//! One invocation: decode, hand over, log one line.

use std::time::Instant;

use headroom_aws::{App, owner};
use headroom_core::signal::{Signal, decode};
use headroom_pipeline::{Handled, on_alarm};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

/// Handles one alarm event.
///
/// # Errors
/// Lambda delivers the event again, then dead-letters it with the error's words.
pub(crate) async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let began = Instant::now();
    let handled = answer(app, &event).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &handled {
        Ok(Handled::Unmatched(why)) => tracing::info!(unmatched = 1, ?why, duration_ms, "unmatched"),
        Ok(Handled::Duplicate(decision, status)) => {
            tracing::info!(%decision, status = status.name(), duplicate = 1, duration_ms, "duplicate");
        }
        Ok(Handled::Recorded(decision, status)) => {
            tracing::info!(%decision, status = status.name(), duration_ms, "recorded");
        }
        Err(why) => tracing::error!(kind = why.error_type, why = why.error_message, duration_ms, "failed"),
    }
    handled.map(|handled| told(&handled))
}

async fn answer(app: &App, event: &LambdaEvent<Value>) -> Result<Handled, Diagnostic> {
    let signal = decode(&event.payload).map_err(|why| failed("NotASignal", why))?;
    let Signal::Alarm(alarm) = signal else {
        return Err(failed("NotASignal", format!("not for the alarm handler: {}", signal.name())));
    };
    let owner = owner(&event.context.request_id);
    on_alarm(&app.aws, &app.fleet, &alarm, &owner).await.map_err(|error| failed("PortError", error))
}

fn failed(kind: &str, why: impl ToString) -> Diagnostic {
    Diagnostic { error_type: kind.to_owned(), error_message: why.to_string() }
}

fn told(handled: &Handled) -> Value {
    match handled {
        Handled::Unmatched(why) => json!({ "outcome": "unmatched", "why": format!("{why:?}") }),
        Handled::Duplicate(decision, status) => {
            json!({ "outcome": "duplicate", "decision": decision.0, "status": status.name() })
        }
        Handled::Recorded(decision, status) => {
            json!({ "outcome": "recorded", "decision": decision.0, "status": status.name() })
        }
    }
}
