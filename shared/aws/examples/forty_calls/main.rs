//! The forty calls of tests/conformance/calls.json, typed: `forty_calls URL`.
//!
//! One of three clients of tests/e2e/test_conformance.py, which records what is asked here and what is answered and
//! compares both with boto3 and awscli. A line of JSON for each call: operation, `ok` or the error's code, and facts
//! read from the typed answer.

mod cloudwatch;
mod deployments;
mod scaling;
mod services;
mod talk;

use talk::{Failed, Talk};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let talk = Talk::with(std::env::args().nth(1).ok_or("expected a URL")?).await;
    let definition = services::run(&talk).await?;
    deployments::run(&talk, &definition).await?;
    scaling::run(&talk).await?;
    cloudwatch::run(&talk).await
}
