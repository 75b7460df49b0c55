//! A call of AWS whose SDK is no part of this program: signed as the SDK signs its own, over the same HTTP client.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_ecs::config::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::failure::{DENIED, Failure};
use crate::error::chain;
use crate::http;

/// A call with its whole answer.
const CALL: Duration = Duration::from_secs(10);
/// What AWS says of an error is a sentence.
const WORDS_CHARS_MAX: usize = 300;

/// One service of AWS.
#[derive(Debug)]
pub(crate) struct Signed {
    connector: SharedHttpConnector,
    config: SdkConfig,
    region: String,
    /// As its endpoint and its signatures name it.
    service: &'static str,
    /// Where it is called.
    endpoint: String,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The IAM action, for a message.
    pub(crate) action: &'static str,
    /// Path below the endpoint, with its slash.
    pub(crate) path: &'a str,
    /// Headers beside those of the signature.
    pub(crate) headers: &'a [(&'static str, &'static str)],
    /// The body.
    pub(crate) body: String,
}

impl Signed {
    /// No call is made. The endpoint is that of `AWS_ENDPOINT_URL_<VARIABLE>`, of the configuration, or AWS's own.
    pub(crate) fn of(service: &'static str, variable: &str, config: &SdkConfig, region: &str) -> Result<Self, Failure> {
        let trusted = http::trusted().map_err(Failure::Start)?;
        let connector = Connector::builder().tls_provider(http::provider()).tls_context(trusted).build();
        let named = std::env::var(format!("AWS_ENDPOINT_URL_{variable}"));
        let named = named.ok().filter(|url| !url.is_empty()).or_else(|| config.endpoint_url().map(str::to_owned));
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = named.unwrap_or_else(|| format!("https://{service}.{region}.{domain}"));
        Ok(Self {
            connector: SharedHttpConnector::new(connector),
            config: config.clone(),
            region: region.to_owned(),
            service,
            endpoint: endpoint.trim_end_matches('/').to_owned(),
        })
    }

    /// Makes a call once; the body of the answer.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<String, Failure> {
        let action = call.action;
        match tokio::time::timeout(CALL, self.answered(call)).await {
            Ok(answer) => answer,
            Err(_elapsed) => {
                let cause = format!("no answer within {} s", CALL.as_secs());
                Err(Failure::Unreachable { call: action, place: self.endpoint.clone(), cause })
            }
        }
    }

    async fn answered(&self, call: Call<'_>) -> Result<String, Failure> {
        let action = call.action;
        let unusable = |cause: String| Failure::unusable(action, cause);
        let unreachable = |cause: String| Failure::Unreachable { call: action, place: self.endpoint.clone(), cause };
        let provider = self.config.credentials_provider().ok_or_else(|| unusable("no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await.map_err(|error| unusable(chain(&error)))?;
        let url = format!("{}{}", self.endpoint, call.path);
        let identity = credentials.into();
        let params = SigningParams::builder().identity(&identity).region(&self.region).name(self.service);
        let params = params.time(SystemTime::now()).settings(SigningSettings::default()).build();
        let params = params.map_err(|error| unusable(chain(&error)))?.into();
        let body = SignableBody::Bytes(call.body.as_bytes());
        let signable = SignableRequest::new("POST", &url, call.headers.iter().copied(), body);
        let signable = signable.map_err(|error| unusable(chain(&error)))?;
        let (instructions, _signature) = sign(signable, &params).map_err(|error| unusable(chain(&error)))?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(call.body.as_str()));
        request.set_method("POST").map_err(|error| unusable(chain(&error)))?;
        request.set_uri(url).map_err(|error| unusable(chain(&error)))?;
        for (name, value) in call.headers.iter().copied().chain(instructions.headers()) {
            let set = request.headers_mut().try_insert(name.to_owned(), value.to_owned());
            set.map_err(|error| unusable(chain(&error)))?;
        }
        let response = self.connector.call(request).await.map_err(|error| unreachable(chain(&error)))?;
        let status = response.status().as_u16();
        let kind = response.headers().get("x-amzn-errortype").map(str::to_owned);
        let body = ByteStream::new(response.into_body()).collect().await.map_err(|error| unreachable(chain(&error)))?;
        let text = String::from_utf8_lossy(&body.into_bytes()).into_owned();
        if (200..300).contains(&status) { Ok(text) } else { Err(refused(action, status, kind.as_deref(), &text)) }
    }
}

/// What AWS said: the error's name stands in a header, before a colon, or in the XML of the query protocol.
fn refused(action: &'static str, status: u16, kind: Option<&str>, text: &str) -> Failure {
    let kind = kind.and_then(|kind| kind.split(':').next()).or(tagged(text, "Code")).unwrap_or("no error code");
    let words = tagged(text, "Message").unwrap_or(text);
    let words: String = words.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect();
    if DENIED.contains(&kind) {
        return Failure::Denied { action, cause: words };
    }
    Failure::Call { call: action, cause: format!("{kind}: {words} (HTTP {status})") }
}

/// The text of the first element of this name.
fn tagged<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = xml.split_once(&format!("<{name}>"))?;
    after.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_its_name_in_either_protocol() {
        let xml =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";
        let denied = refused("elasticloadbalancing:X", 403, None, xml);
        assert!(matches!(&denied, Failure::Denied { cause, .. } if cause == "not authorized"), "{denied:?}");
        let json = "{\"Message\": \"not authorized\"}";
        let denied = refused("lambda:X", 403, Some("AccessDeniedException:http://internal"), json);
        assert!(matches!(&denied, Failure::Denied { cause, .. } if cause == json), "{denied:?}");
        let other = refused("lambda:X", 502, None, "<html>").to_string();
        assert!(other.contains("no error code") && other.contains("HTTP 502"), "{other}");
    }
}
