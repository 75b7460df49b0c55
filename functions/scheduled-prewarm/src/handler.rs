//! One minute: look at what is due, log one line.

use std::time::Instant;

use headroom_aws::{App, owner};
use headroom_core::signal::{Signal, decode};
use headroom_pipeline::{Swept, sweep};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

/// Sweeps once.
///
/// # Errors
/// What is due could not be found, or some of it failed; the next minute tries again.
pub(crate) async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let began = Instant::now();
    let swept = answer(app, &event).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &swept {
        Ok(Swept { services, cases, changes, left, failed }) => {
            tracing::info!(services, cases, changes, left, failed, duration_ms, "swept");
        }
        Err(why) => tracing::error!(kind = why.error_type, why = why.error_message, duration_ms, "failed"),
    }
    match swept? {
        // The rest was swept; the failure shows in Lambda's errors, and so in the alarm on them.
        Swept { failed: count @ 1.., .. } => {
            Err(failed("Failed", format!("{count} services or cases failed; see the log")))
        }
        Swept { services, cases, changes, left, failed: 0 } => {
            Ok(json!({ "services": services, "cases": cases, "changes": changes, "left": left }))
        }
    }
}

async fn answer(app: &App, event: &LambdaEvent<Value>) -> Result<Swept, Diagnostic> {
    let signal = decode(&event.payload).map_err(|why| failed("NotASignal", why))?;
    if signal != Signal::Minute {
        return Err(failed("NotASignal", format!("not for the reconciler: {}", signal.name())));
    }
    let owner = owner(&event.context.request_id);
    sweep(&app.aws, &app.fleet, &owner).await.map_err(|error| failed("PortError", error))
}

fn failed(kind: &str, why: impl ToString) -> Diagnostic {
    Diagnostic { error_type: kind.to_owned(), error_message: why.to_string() }
}
