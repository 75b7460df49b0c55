//! Addresses of the AWS console.

use crate::channel::Link;
use crate::fleet::Service;

/// The console of the region's partition; its address begins with the region.
fn host(region: &str) -> String {
    let domain = if region.starts_with("us-gov-") {
        "console.amazonaws-us-gov.com"
    } else if region.starts_with("cn-") {
        "console.amazonaws.cn"
    } else {
        "console.aws.amazon.com"
    };
    format!("https://{region}.{domain}")
}

/// An alarm's page.
pub(super) fn alarm(region: &str, name: &str) -> Link {
    let url = format!("{}/cloudwatch/home?region={region}#alarmsV2:alarm/{}", host(region), encoded(name));
    Link { name: "alarm", url }
}

/// Pages of a service: its health, and its tasks.
pub(super) fn service(service: &Service) -> [Link; 2] {
    let region = &service.region;
    let (cluster, name) = (encoded(&service.cluster), encoded(&service.service));
    let page = |tab| format!("{}/ecs/v2/clusters/{cluster}/services/{name}/{tab}?region={region}", host(region));
    [Link { name: "service", url: page("health") }, Link { name: "tasks", url: page("tasks") }]
}

/// Percent-encoded but for what RFC 3986 never reserves: no foreign character ends a link.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_place_in_an_address() {
        let link = alarm("eu-west-1", "a b|c>/é?");
        assert_eq!(
            link.url,
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/a%20b%7Cc%3E%2F%C3%A9%3F"
        );
        assert!(alarm("us-gov-west-1", "a").url.starts_with("https://us-gov-west-1.console.amazonaws-us-gov.com/"));
        assert!(alarm("cn-north-1", "a").url.starts_with("https://cn-north-1.console.amazonaws.cn/"));
    }
}
