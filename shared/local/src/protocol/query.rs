//! AWS Query, with answers in XML (Smithy, "AWS Query protocol").

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::select::{Decoded, Protocol, Rendered};
use crate::api::Api;
use crate::clock::iso;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// No member of these services lies deeper.
const DEPTH_MAX: usize = 16;

/// A form as a tree, before lists are told from structures.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    inner: BTreeMap<String, Node>,
}

/// Reads a form.
pub(super) fn decode(body: &[u8]) -> Result<Decoded, (Option<Api>, Failure)> {
    let mut root = Node::default();
    let (mut action, mut version) = (String::new(), String::new());
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "Action" => action = value.into_owned(),
            "Version" => version = value.into_owned(),
            _ => root.put(&name, value.into_owned()).map_err(|f| (None, f))?,
        }
    }
    let api = Api::ALL.into_iter().find(|api| api.query().is_some_and(|(served, _)| served == version));
    let Some(api) = api else {
        let words = format!("Could not find operation {action} for version {version}");
        return Err((None, Failure::unknown_operation(words)));
    };
    let Value::Map(input) = root.value() else { return Err((Some(api), Failure::malformed("no member"))) };
    Ok(Decoded { protocol: Protocol::Query, api, operation: action, input })
}

impl Node {
    fn put(&mut self, name: &str, text: String) -> Result<(), Failure> {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > DEPTH_MAX {
            return Err(Failure::malformed(format!("{} levels in a name, at most {DEPTH_MAX}", parts.len())));
        }
        let node = parts.into_iter().fold(self, |node, part| node.inner.entry(part.to_owned()).or_default());
        node.text = Some(text);
        Ok(())
    }

    /// `Name.member.1` is a list; an empty list is `Name=`.
    fn value(self) -> Value {
        let Self { text, mut inner } = self;
        if let Some(text) = text.filter(|_| inner.is_empty()) {
            return Value::Text(text);
        }
        if inner.len() == 1
            && let Some(members) = inner.remove("member")
        {
            let numbered = members.inner.into_iter().filter_map(|(n, node)| Some((n.parse::<u64>().ok()?, node)));
            let sorted: BTreeMap<u64, Node> = numbered.collect();
            return Value::List(sorted.into_values().map(Self::value).collect());
        }
        Value::Map(Map::of_unique(inner.into_iter().map(|(name, node)| (name, node.value()))))
    }
}

fn rendered(status: u16, body: String) -> Rendered {
    Rendered { status, headers: vec![("content-type", "text/xml".to_owned())], body: body.into_bytes() }
}

fn namespace(api: Option<Api>) -> &'static str {
    api.and_then(Api::query).map_or("http://webservices.amazon.com/AWSFault/2005-15-09", |(_, namespace)| namespace)
}

/// A good answer; one without output has only its metadata.
pub(super) fn output(api: Option<Api>, operation: &str, output: &Value, request_id: &str) -> Rendered {
    let mut body = format!("<{operation}Response xmlns=\"{}\">", namespace(api));
    if let Value::Map(map) = output {
        let _ = write!(body, "<{operation}Result>");
        members(map, &mut body);
        let _ = write!(body, "</{operation}Result>");
    }
    let id = escaped(request_id);
    let _ = write!(body, "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>");
    rendered(200, body)
}

/// A failure.
pub(super) fn failure(api: Option<Api>, failure: &Failure, request_id: &str) -> Rendered {
    let body = format!(
        "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        namespace(api),
        failure.fault(),
        failure.query_code(),
        escaped(&failure.message),
        escaped(request_id),
    );
    rendered(failure.status, body)
}

fn members(map: &Map, out: &mut String) {
    for (name, value) in map.iter() {
        let _ = write!(out, "<{name}>");
        content(value, out);
        let _ = write!(out, "</{name}>");
    }
}

fn content(value: &Value, out: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => {
            let _ = write!(out, "{flag}");
        }
        Value::Integer(n) => {
            let _ = write!(out, "{n}");
        }
        Value::Float(n) => {
            let _ = write!(out, "{n:?}");
        }
        Value::Time(at) => out.push_str(&iso(*at)),
        Value::Text(text) => out.push_str(&escaped(text)),
        Value::List(list) => {
            for item in list {
                out.push_str("<member>");
                content(item, out);
                out.push_str("</member>");
            }
        }
        Value::Map(map) => members(map, out),
    }
}

/// Text within XML. Control characters have no place in XML 1.0 at all, and are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_lists_in_the_order_of_their_numbers_and_dots_are_structures() {
        let body = b"Action=PutMetricAlarm&Version=2010-08-01&Dimensions.member.10.Name=z&Dimensions.member.2.Name=a\
            &Dimensions.member.2.Value=1+2%2F3&OKActions=&A.B.C=x";
        let decoded = decode(body).unwrap();
        let dimensions = decoded.input.maps("Dimensions").unwrap();
        let names: Vec<_> = dimensions.iter().map(|d| d.text("Name").unwrap().unwrap().into_owned()).collect();
        assert_eq!(names, ["a", "z"]);
        assert_eq!(dimensions[0].text("Value").unwrap().unwrap(), "1 2/3");
        assert!(decoded.input.list("OKActions").unwrap().is_empty());
        let inner = decoded.input.map("A").unwrap().unwrap().map("B").unwrap().unwrap();
        assert_eq!(inner.text("C").unwrap().unwrap(), "x");
    }

    #[test]
    fn xml_is_escaped_and_has_awss_shapes() {
        let output_tree = Map::new()
            .with("Reason", "a<b & \"c\"\u{1}")
            .with("At", Value::Time(1_795_392_000.5))
            .with("Values", vec![2.0, 2.5])
            .with("None", Vec::<f64>::new());
        let text = |r: Rendered| String::from_utf8(r.body).unwrap();
        let xml = text(output(Some(Api::CloudWatch), "X", &output_tree.into(), "id-1"));
        assert_eq!(
            xml,
            "<XResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><XResult>\
             <Reason>a&lt;b &amp; &quot;c&quot;</Reason><At>2026-11-23T00:00:00.500Z</At>\
             <Values><member>2.0</member><member>2.5</member></Values><None></None></XResult>\
             <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></XResponse>"
        );
        let error = failure(Some(Api::CloudWatch), &Failure::absent("ResourceNotFound", "no <x>"), "id-1");
        assert_eq!(error.status, 404);
        let error = text(error);
        assert!(error.contains("<Type>Sender</Type><Code>ResourceNotFound</Code><Message>no &lt;x&gt;</Message>"));
    }

    #[test]
    fn names_that_nest_without_end_are_malformed() {
        let name = "a.".repeat(10_000);
        assert!(decode(format!("Action=X&Version=2010-08-01&{name}=1").as_bytes()).is_err());
    }
}
