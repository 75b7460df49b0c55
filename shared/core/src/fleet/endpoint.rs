//! DNS names, URLs and paths of the services that traffic is switched between.

use serde_json::Value as Json;

use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::{pattern, schema};

/// A DNS name is 255 octets on the wire, which are 253 characters (RFC 1035).
const DNS_NAME_CHARACTERS_MAX: usize = 253;
/// A label of a DNS name (RFC 1035).
const DNS_LABEL_CHARACTERS_MAX: usize = 63;
/// A base URL or a health check path is short; Elastic Load Balancing takes 1,024 characters.
const URL_CHARACTERS_MAX: usize = 1_024;

const WANT_DNS_NAME: Want<'_> =
    Want { expected: "a DNS name, without a scheme or a port", example: "ai-scaled.example.com" };
const WANT_URL: Want<'_> =
    Want { expected: "a URL with http or https and no password", example: "http://ai-scaled.example.com:8080" };
const WANT_PATH: Want<'_> = Want { expected: "a path that begins with `/`", example: "path: /health" };
/// A label of a DNS name as [`is_dns_name`] takes it.
const DNS_LABEL: &str = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

/// What [`dns_name`] takes.
pub(crate) fn dns_name_schema() -> Json {
    schema::text(WANT_DNS_NAME, &format!("^(?=.{{1,{DNS_NAME_CHARACTERS_MAX}}}$){DNS_LABEL}(?:\\.{DNS_LABEL})*$"))
}

/// What [`url`] takes.
pub(crate) fn url_schema() -> Json {
    let port = pattern::whole(1, u64::from(u16::MAX));
    let host = format!("{DNS_LABEL}(?:\\.{DNS_LABEL})*");
    let path = "(?:/[!-\"$-?A-~]*)?";
    let url = format!("^(?=.{{1,{URL_CHARACTERS_MAX}}}$)https?://{host}(?::0*(?:{port}))?{path}$");
    schema::text(WANT_URL, &url)
}

/// What [`path`] takes.
pub(crate) fn path_schema() -> Json {
    schema::text(WANT_PATH, &format!("^(?=.{{1,{URL_CHARACTERS_MAX}}}$)/[!-\"$-~]*$"))
}

/// Reads a DNS name, such as `ai-scaled.ggai`.
pub(crate) fn dns_name(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_DNS_NAME, |text| is_dns_name(text).then(|| text.to_owned()))
}

/// Letters, digits, `-` and `_` between dots; the last dot is left out.
pub(crate) fn is_dns_name(text: &str) -> bool {
    let label = |l: &str| {
        (1..=DNS_LABEL_CHARACTERS_MAX).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.len() <= DNS_NAME_CHARACTERS_MAX && text.split('.').all(label)
}

/// Reads a URL: `http` or `https`, a host, a port and a path if need be. One that may hold a password is not repeated.
pub(crate) fn url(node: &Node, f: &mut Findings) -> Option<String> {
    let want = WANT_URL;
    if let Value::Text(text) = &node.value
        && text.contains('@')
    {
        f.problem(
            &node.place,
            "a URL with a name or password before `@`; it is not printed",
            want.expected,
            want.example,
        );
        return None;
    }
    node.text(f, want, |text| is_url(text).then(|| text.to_owned()))
}

fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    text.len() <= URL_CHARACTERS_MAX
        && is_dns_name(host)
        && port.is_none_or(|p| digits(p) && p.parse::<u16>().is_ok_and(|p| p > 0))
        && (path.is_empty() || is_path(path))
}

/// Reads a path, such as `/health`.
pub(crate) fn path(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT_PATH, |text| is_path(text).then(|| text.to_owned()))
}

fn is_path(text: &str) -> bool {
    text.len() <= URL_CHARACTERS_MAX && text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn dns_names_have_labels() {
        for good in ["ai-scaled.ggai", "a.b.example.com", "localhost", "10.0.0.1", "_acme.example.com"] {
            assert!(is_dns_name(good), "{good}");
        }
        for bad in ["", ".", "a..b", "-a.b", "a-.b", "a b", "a.b.", "http://a", "a:80", "a/b", "é.de"] {
            assert!(!is_dns_name(bad), "{bad}");
        }
        assert!(!is_dns_name(&"x".repeat(64)) && !is_dns_name(&["x".repeat(63).as_str(); 4].join(".")));
    }

    #[test]
    fn urls_are_web_addresses_without_a_password() {
        for good in ["http://ai.ggai:8080", "https://example.com", "http://a/b/c?d=e", "http://a:1/"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "ai.ggai",
            "ftp://a",
            "http://",
            "http://a:0",
            "http://a:99999",
            "http://a:",
            "http://a b",
            "http://a/#b",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_refused_and_not_repeated() {
        let mut f = Findings::new("f");
        let node = yaml::load("http://ana:NEVERTELL@ai.ggai:8080", &mut f).expect("YAML");
        assert_eq!(url(&node, &mut f), None);
        assert!(f.problems.len() == 1 && !format!("{:?}", f.problems).contains("NEVERTELL"), "{:?}", f.problems);
    }

    #[test]
    fn paths_begin_with_a_slash() {
        assert!(is_path("/health") && is_path("/") && is_path("/a?b=c"));
        assert!(!is_path("health") && !is_path("") && !is_path("/a b") && !is_path("/a#b"));
    }
}
