//! Tells of services at their max, and raises it where the fleet file says so.

// The flow is one future made of futures: its layout is deeper than the default allows.
#![recursion_limit = "256"]

mod handler;

use handler::handle;
use headroom_aws::{App, logs};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let app = App::start().await.inspect_err(|error| tracing::error!(%error, "cannot start"))?;
    run(service_fn(async |event| handle(&app, event).await)).await
}
