//! One minute: look at what is due, log one line, count.

use std::time::Instant;

use headroom_aws::{App, Aws, owner};
use headroom_core::signal::{Signal, decode};
use headroom_pipeline::{Swept, Watched, sweep};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};

/// Sweeps once.
///
/// # Errors
/// What is due could not be found, or some of it failed; the next minute tries again.
pub(crate) async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let began = Instant::now();
    let watched = Watched::new(&app.aws, &app.fleet);
    let swept = answer(app, &watched, &event).await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &swept {
        Ok(Swept { services, cases, changes, left, failed }) => {
            tracing::info!(services, cases, changes, left, failed, duration_ms, "swept");
        }
        Err(why) => tracing::error!(reason = why.error_type, why = why.error_message, duration_ms, "failed"),
    }
    let request = &event.context.request_id;
    app.telemetry.decided(&watched.journaled(), request);
    // A minute that saw nothing counts nothing: zeros would look like a reconciler at rest.
    swept.iter().for_each(|swept| app.telemetry.reconciled(&watched.reconciled(swept), request));
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

async fn answer(app: &App, ports: &Watched<'_, Aws>, event: &LambdaEvent<Value>) -> Result<Swept, Diagnostic> {
    // Lambda logs the error, so it must not quote the payload.
    let signal = decode(&event.payload).map_err(|why| failed("NotASignal", why.unquoted()))?;
    if signal != Signal::Minute {
        return Err(failed("NotASignal", format!("not for the reconciler: {}", signal.name())));
    }
    let owner = owner(&event.context.request_id);
    sweep(ports, &app.fleet, &owner).await.map_err(|error| failed("PortError", error))
}

fn failed(kind: &str, why: impl ToString) -> Diagnostic {
    Diagnostic { error_type: kind.to_owned(), error_message: why.to_string() }
}
