//! The expectations as JUnit XML, for a CI that shows test results.

use std::fmt::Write;

use super::summary::Report;

/// One test suite, one test case per expectation.
#[must_use]
pub fn junit(report: &Report) -> String {
    let failures = report.checks.iter().filter(|c| !c.holds).count();
    let title = escaped(&report.title);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuite name=\"{title}\" tests=\"{}\" failures=\"{failures}\">", report.checks.len());
    for check in &report.checks {
        let name = escaped(&check.expected);
        let _ = write!(out, "  <testcase classname=\"{title}\" name=\"{name}\"");
        if check.holds {
            out.push_str("/>\n");
        } else {
            let found = escaped(&check.found);
            let _ = writeln!(out, ">\n    <failure message=\"line {}: found {found}\"/>\n  </testcase>", check.line);
        }
    }
    out.push_str("</testsuite>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Check;

    #[test]
    fn every_expectation_is_a_test_case_and_signs_are_escaped() {
        let check = |expected: &str, holds| Check { line: 3, expected: expected.into(), found: "7".into(), holds };
        let report = Report {
            title: "a & b".into(),
            checks: vec![check("x <= 6", false), check("y == 1", true)],
            ..Report::default()
        };
        assert_eq!(
            junit(&report),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"a &amp; b\" tests=\"2\" failures=\"1\">\n\
             \x20 <testcase classname=\"a &amp; b\" name=\"x &lt;= 6\">\n\
             \x20   <failure message=\"line 3: found 7\"/>\n  </testcase>\n\
             \x20 <testcase classname=\"a &amp; b\" name=\"y == 1\"/>\n</testsuite>\n"
        );
    }
}
