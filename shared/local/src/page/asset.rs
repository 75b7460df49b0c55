//! The page's own files, in the binary.

/// Headers of every answer of the page: it may load its own files and talk to its own server, and nothing else.
pub const SECURITY: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-cache"),
];

/// A file: its content type and its bytes.
pub type Asset = (&'static str, &'static [u8]);

/// The file under a path, when it is one of the page's.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    match path {
        "/" | "/index.html" => Some(("text/html; charset=utf-8", include_bytes!("../../page/index.html"))),
        "/page.css" => Some(("text/css; charset=utf-8", include_bytes!("../../page/page.css"))),
        "/page.js" => Some(("text/javascript; charset=utf-8", include_bytes!("../../page/page.js"))),
        "/icon.svg" => Some(("image/svg+xml", include_bytes!("../../page/icon.svg"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser loads before it shows anything; a page that grows is read by somebody on a phone.
    const BYTES_MAX: usize = 40 * 1024;

    fn text(path: &str) -> String {
        String::from_utf8(asset(path).unwrap().1.to_vec()).unwrap()
    }

    #[test]
    fn the_page_is_small_and_names_no_other_host() {
        let all: String = ["/", "/page.css", "/page.js", "/icon.svg"].into_iter().map(text).collect();
        assert!(all.len() < BYTES_MAX, "{} bytes", all.len());
        let hosts = all.replace("http://www.w3.org/2000/svg", "");
        assert!(!hosts.contains("http://") && !hosts.contains("https://") && !hosts.contains("//cdn"), "another host");
    }

    #[test]
    fn the_page_needs_nothing_that_its_security_policy_forbids() {
        let html = text("/");
        for forbidden in ["<style", "style=", "onclick", "onload", "javascript:", "<script>"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        let js = text("/page.js");
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"] {
            assert!(!js.contains(forbidden), "{forbidden}: names of alarms and services are not markup");
        }
    }

    #[test]
    fn what_is_not_the_pages_is_left_to_others() {
        assert_eq!(asset("/favicon.ico"), None);
        assert_eq!(asset("/../Cargo.toml"), None);
    }
}
