//! The practical floor of a Rust function: the Lambda runtime, JSON in, JSON out, and nothing else.
//!
//! `make bench` runs it beside `alarm-handler` in the same rounds, so that a slow machine slows both
//! and the ratio of their initialisations stays comparable.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    Runtime::new(service_fn(answer)).run().await
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({ "id": event.payload.get("id") }))
}
