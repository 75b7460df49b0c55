//! Which protocol a request speaks, and an answer in the same one.

use super::{cbor, gzip, json, query};
use crate::api::Api;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson 1.0.
    Json10,
    /// awsJson 1.1.
    Json11,
    /// AWS Query, with answers in XML.
    Query,
    /// Smithy RPC v2 CBOR.
    Cbor,
}

/// What of a request's head the protocols look at.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// Path, without the query.
    pub path: String,
    /// `X-Amz-Target`.
    pub target: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub encoding: Option<String>,
}

impl Head {
    /// The protocol that it speaks, by its look.
    fn protocol(&self) -> Protocol {
        if rpc_path(&self.path).is_some() {
            Protocol::Cbor
        } else if self.target.is_some() {
            Protocol::Json11
        } else {
            Protocol::Query
        }
    }
}

/// A request, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Its protocol.
    pub protocol: Protocol,
    /// Its service.
    pub api: Api,
    /// Its operation, which may be unknown.
    pub operation: String,
    /// Its members.
    pub input: Map,
}

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status.
    pub status: u16,
    /// Headers beside `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Reads a request. A failure comes with the protocol to answer it in.
///
/// # Errors
/// No protocol, no service of ours, or a body that is not what its protocol says.
pub fn decode(head: &Head, body: &[u8]) -> Result<Decoded, (Protocol, Option<Api>, Failure)> {
    if head.encoding.as_deref() == Some("gzip") {
        let plain = gzip::unpacked(body).map_err(|f| (head.protocol(), None, f))?;
        return decode(&Head { encoding: None, ..head.clone() }, &plain);
    }
    if let Some((service, operation)) = rpc_path(&head.path) {
        let api = served(service).ok_or_else(|| (Protocol::Cbor, None, unknown(service)))?;
        let input = cbor::decode(body).map_err(|f| (Protocol::Cbor, Some(api), f))?;
        return Ok(Decoded { protocol: Protocol::Cbor, api, operation: operation.to_owned(), input });
    }
    let content_type = head.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    if let Some(target) = &head.target {
        let protocol = if content_type.contains("json-1.0") { Protocol::Json10 } else { Protocol::Json11 };
        let (service, operation) = target.split_once('.').unwrap_or((target, ""));
        let api = served(service).ok_or_else(|| (protocol, None, unknown(target)))?;
        let input = json::decode(body).map_err(|f| (protocol, Some(api), f))?;
        return Ok(Decoded { protocol, api, operation: operation.to_owned(), input });
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return query::decode(body).map_err(|(api, f)| (Protocol::Query, api, f));
    }
    let words = "neither X-Amz-Target, nor a form with Action and Version, nor POST /service/S/operation/O";
    Err((Protocol::Json11, None, Failure::unknown_operation(words)))
}

/// `/service/{service}/operation/{operation}`, as RPC v2 has it.
fn rpc_path(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/service/")?.split_once("/operation/")
}

fn served(service: &str) -> Option<Api> {
    Api::ALL.into_iter().find(|api| api.target() == Some(service))
}

fn unknown(target: &str) -> Failure {
    Failure::unknown_operation(format!("{target} is not served here"))
}

/// Renders what an operation answered, or its failure. [`Value::Null`] is an answer without output.
#[must_use]
pub fn render(
    protocol: Protocol,
    api: Option<Api>,
    operation: &str,
    answer: &Result<Value, Failure>,
    request_id: &str,
) -> Rendered {
    let mut rendered = match (protocol, answer) {
        (Protocol::Json10 | Protocol::Json11, Ok(output)) => json::output(protocol, output),
        (Protocol::Json10 | Protocol::Json11, Err(failure)) => json::failure(protocol, failure),
        (Protocol::Query, Ok(output)) => query::output(api, operation, output, request_id),
        (Protocol::Query, Err(failure)) => query::failure(api, failure, request_id),
        (Protocol::Cbor, Ok(output)) => cbor::output(output),
        (Protocol::Cbor, Err(failure)) => cbor::failure(failure),
    };
    // CloudWatch spoke Query first; its other protocols carry the Query code for clients that still look for it.
    if let (Some(Api::CloudWatch), Err(failure), false) = (api, answer, protocol == Protocol::Query) {
        rendered.headers.push(("x-amzn-query-error", format!("{};{}", failure.query_code(), failure.fault())));
    }
    rendered.headers.push(("x-amzn-requestid", request_id.to_owned()));
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(path: &str, target: Option<&str>, content_type: &str) -> Head {
        Head {
            path: path.into(),
            target: target.map(Into::into),
            content_type: Some(content_type.into()),
            encoding: None,
        }
    }

    #[test]
    fn the_same_request_is_the_same_tree_in_every_protocol() {
        let cbor = [
            &[0xBF][..],
            &[0x6A],
            b"AlarmNames",
            &[0x9F, 0x7F, 0x61],
            b"a",
            &[0x62],
            b"bc",
            &[0xFF, 0xFF],
            &[0x6A],
            b"MaxRecords",
            &[0x05, 0xFF],
        ]
        .concat();
        let requests = [
            (head("/service/GraniteServiceVersion20100801/operation/DescribeAlarms", None, "application/cbor"), cbor),
            (
                head("/", Some("GraniteServiceVersion20100801.DescribeAlarms"), "application/x-amz-json-1.0"),
                br#"{"AlarmNames":["abc"],"MaxRecords":5}"#.to_vec(),
            ),
            (
                head("/", None, "application/x-www-form-urlencoded; charset=utf-8"),
                b"Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=abc&MaxRecords=5".to_vec(),
            ),
        ];
        for (head, body) in requests {
            let decoded = decode(&head, &body).unwrap();
            assert_eq!((decoded.api, decoded.operation.as_str()), (Api::CloudWatch, "DescribeAlarms"));
            assert_eq!(decoded.input.texts("AlarmNames").unwrap(), ["abc"]);
            assert_eq!(decoded.input.integer("MaxRecords").unwrap(), Some(5));
        }
    }

    #[test]
    fn what_is_no_request_is_answered_in_the_protocol_that_it_came_in() {
        let cases = [
            (head("/service/GraniteServiceVersion20100801/operation/X", None, "application/cbor"), &b"\xBF"[..]),
            (head("/service/Other/operation/X", None, "application/cbor"), b""),
            (head("/", Some("AnyScaleFrontendService.X"), "application/x-amz-json-1.1"), b"{"),
            (head("/", Some("DynamoDB_20120810.GetItem"), "application/x-amz-json-1.0"), b"{}"),
            (head("/", None, "application/x-www-form-urlencoded"), b"Action=X&Version=1999-01-01"),
            (head("/", None, "text/plain"), b"hello"),
        ];
        for (head, body) in cases {
            let (protocol, api, failure) = decode(&head, body).unwrap_err();
            let rendered = render(protocol, api, "X", &Err(failure), "id");
            assert_eq!(rendered.status / 100, 4, "{head:?}");
        }
    }

    #[test]
    fn cloudwatch_errors_carry_the_query_code_outside_of_the_query_protocol() {
        let failure = Err(Failure::absent("ResourceNotFound", "no"));
        for protocol in [Protocol::Json10, Protocol::Cbor] {
            let rendered = render(protocol, Some(Api::CloudWatch), "X", &failure, "id");
            assert!(rendered.headers.contains(&("x-amzn-query-error", "ResourceNotFound;Sender".into())));
        }
    }
}
