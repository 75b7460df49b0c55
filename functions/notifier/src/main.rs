//! Tells people: renders notices for each channel, one thread an incident.

mod handler;

use handler::handle;
use headroom_aws::{SpeakingApp, logs};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let app = SpeakingApp::start().await.inspect_err(|error| tracing::error!(%error, "cannot start"))?;
    run(service_fn(async |event| handle(&app, event).await)).await
}
