//! Clients of one URL, the clock of the world, and the lines that are printed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use aws_config::BehaviorVersion;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::retry::RetryConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value as Json, json};

/// What ends the run.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// Clients, and where they talk to.
pub(crate) struct Talk {
    url: String,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) scaling: aws_sdk_applicationautoscaling::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
}

impl Talk {
    /// Credentials and region of the environment; one attempt a call, so that each is recorded once.
    pub(crate) async fn with(url: String) -> Self {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(Builder::new().build_http())
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .region(EnvironmentVariableRegionProvider::new())
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&url)
            .load()
            .await;
        Self {
            url,
            ecs: aws_sdk_ecs::Client::new(&config),
            scaling: aws_sdk_applicationautoscaling::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
        }
    }

    /// Moves the clock of the world.
    pub(crate) fn advance(&self, seconds: u32) -> Result<(), Failed> {
        let host = self.url.strip_prefix("http://").ok_or("expected http://HOST:PORT")?;
        let body = json!({ "seconds": seconds }).to_string();
        let head = format!("POST /_headroom/advance HTTP/1.1\r\nHost: {host}\r\nConnection: close");
        let mut stream = TcpStream::connect(host)?;
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer.into()) }
    }

    /// Prints the line of a call; `facts` reads them from a good answer, which is handed back.
    pub(crate) fn tell<O, E: ProvideErrorMetadata, R>(
        &self,
        operation: &str,
        answer: Result<O, SdkError<E, R>>,
        facts: impl Fn(&O) -> Json,
    ) -> Result<Option<O>, Failed>
    where
        SdkError<E, R>: std::error::Error + 'static,
    {
        let (outcome, told) = match (&answer, answer.as_ref().err().and_then(|e| e.code())) {
            (Ok(output), _) => ("ok".to_owned(), facts(output)),
            (Err(_), Some(code)) => (code.to_owned(), json!({})),
            // Without a code it is no answer of the service.
            (Err(_), None) => return answer.map(Some).map_err(Into::into),
        };
        println!("{}", json!({ "operation": operation, "outcome": outcome, "facts": told }));
        Ok(answer.ok())
    }
}

/// Nothing that is worth a fact.
pub(crate) fn none<O>(_: &O) -> Json {
    json!({})
}

/// A value of an answer that a later call needs.
pub(crate) fn needed<T>(value: Option<T>, what: &str) -> Result<T, Failed> {
    value.ok_or_else(|| format!("the answer has no {what}").into())
}
