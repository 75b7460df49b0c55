//! HTTPS to services that are not AWS's, by the client that the SDK uses: one HTTP and one TLS stack in the zip.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use headroom_core::channel::Answer;
use headroom_core::time::Seconds;
use headroom_pipeline::{PortError, Retry};

use crate::http;
use crate::start_error::StartError;

/// A call with its whole answer; a function ends after 30 s.
pub(super) const CALL: Duration = Duration::from_secs(10);
/// A page of 200 messages is far smaller; what is larger is nobody's answer.
const BODY_BYTES_MAX: usize = 4 << 20;
/// Nobody is asked to wait longer than the queue can hide a message.
const RETRY_AFTER_MAX: u32 = 43_200;

/// The client.
#[derive(Debug, Clone)]
pub(super) struct Web {
    connector: SharedHttpConnector,
    patience: Duration,
}

/// One request; what is in it is printed by nothing.
pub(super) struct Call<'a> {
    pub(super) place: &'a str,
    pub(super) method: &'static str,
    pub(super) url: &'a str,
    pub(super) bearer: Option<&'a str>,
    pub(super) body: Option<String>,
}

impl Web {
    /// Gives up on a call with its whole answer after `patience`.
    ///
    /// # Errors
    /// The TLS library takes no trust store.
    pub(super) fn new(patience: Duration) -> Result<Self, StartError> {
        let connector = Connector::builder().tls_provider(http::provider()).tls_context(http::public()?).build();
        Ok(Self { connector: SharedHttpConnector::new(connector), patience })
    }

    /// The same with another patience.
    #[cfg(test)]
    pub(super) fn with_patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, PortError> {
        let place = call.place.to_owned();
        match tokio::time::timeout(self.patience, self.answered(call)).await {
            Ok(answer) => answer,
            Err(_) => {
                let cause = format!("no answer within {:?}", self.patience);
                Err(PortError { place, cause, retry: Retry::Unknown })
            }
        }
    }

    async fn answered(&self, call: Call<'_>) -> Result<Answer, PortError> {
        let failed = |cause: &str, retry| PortError { place: call.place.to_owned(), cause: cause.to_owned(), retry };
        // Words of the libraries may quote a header or an address, which are secrets here.
        let unusable = || failed("a request that cannot be built: is the secret what it should be?", Retry::Never);
        let mut request = HttpRequest::new(call.body.as_deref().map_or_else(SdkBody::empty, SdkBody::from));
        request.set_method(call.method).map_err(|_| unusable())?;
        request.set_uri(call.url).map_err(|_| unusable())?;
        let headers = request.headers_mut();
        if call.body.is_some() {
            headers.insert("content-type", "application/json; charset=utf-8");
        }
        if let Some(bearer) = call.bearer {
            let value = format!("Bearer {bearer}");
            headers.try_insert("authorization", value).map_err(|_| unusable())?;
        }
        let response = self.connector.call(request).await.map_err(|error| {
            if error.is_user() { unusable() } else { failed("no answer: the connection failed", Retry::Unknown) }
        })?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|text| text.trim().parse::<u32>().ok());
        let mut stream = ByteStream::new(response.into_body());
        let mut body = Vec::new();
        while let Some(bytes) = stream.next().await {
            let bytes = bytes.map_err(|_| failed("the answer ended in its middle", Retry::Unknown))?;
            if body.len() + bytes.len() > BODY_BYTES_MAX {
                return Err(failed("an answer of more than 4 MB", Retry::Unknown));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(Answer {
            status,
            retry_after: retry_after.map(|seconds| Seconds(seconds.min(RETRY_AFTER_MAX))),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

/// A query, percent-encoded.
pub(super) fn query(pairs: &[(&'static str, String)]) -> String {
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
            out
        })
    };
    pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// Answers one connection with these bytes, and says what it was asked.
    fn serve(answer: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/slack/api/chat.postMessage", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 4_096];
            let read = stream.read(&mut asked).unwrap();
            stream.write_all(answer).unwrap();
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        (url, server)
    }

    async fn call(url: &str, bearer: &str) -> Result<Answer, PortError> {
        let body = Some("{}".to_owned());
        let call = Call { place: "slack chat.postMessage", method: "POST", url, bearer: Some(bearer), body };
        Web::new(CALL).unwrap().call(call).await
    }

    #[tokio::test]
    async fn an_answer_is_read_whole_with_its_retry_after() {
        let (url, server) = serve(b"HTTP/1.1 429 Too Many\r\nRetry-After: 77\r\nContent-Length: 4\r\n\r\nwait");
        let answer = call(&url, "xoxb-1").await.unwrap();
        assert_eq!(answer, Answer { status: 429, retry_after: Some(Seconds(77)), body: "wait".to_owned() });
        let asked = server.join().unwrap().to_lowercase();
        assert!(
            asked.contains("authorization: bearer xoxb-1") && asked.contains("content-type: application/json"),
            "{asked}"
        );
    }

    #[tokio::test]
    async fn what_ends_in_its_middle_may_have_been_taken() {
        for answer in [&b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\""[..], b"HTTP/1.1 200", b""] {
            let (url, server) = serve(answer);
            let error = call(&url, "xoxb-1").await.unwrap_err();
            assert_eq!(error.retry, Retry::Unknown, "{error}");
            drop(server.join());
        }
    }

    #[tokio::test]
    async fn no_error_names_the_secret() {
        for (url, bearer) in [
            ("http://127.0.0.1:1/CANARY", "CANARY"),
            ("no address CANARY", "CANARY"),
            ("http://127.0.0.1:1/", "CANARY\nX-Other: 1"),
        ] {
            let error = format!("{:?}", call(url, bearer).await.unwrap_err());
            assert!(!error.contains("CANARY"), "{error}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(query(&[("a", "x y&=é".to_owned()), ("b", "1.0".to_owned())]), "a=x%20y%26%3D%C3%A9&b=1.0");
    }
}
