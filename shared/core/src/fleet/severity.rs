//! `severity`: how loud something is. `page` wakes people, `warn` goes to the chat, `info` to the incident's thread.

use crate::notice::Severity;

use super::node::Node;
use super::problem::Findings;
use super::words;

/// Reads a severity.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Severity> {
    let known = [("page", Severity::Page), ("warn", Severity::Warn), ("info", Severity::Info)];
    words::word(node, f, &known, "severity: warn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn a_severity_is_one_of_three_words() {
        for (text, severity) in [("page", Severity::Page), ("warn", Severity::Warn), ("info", Severity::Info)] {
            let mut f = Findings::new("f");
            let node = yaml::load(text, &mut f).expect("YAML");
            assert_eq!(read(&node, &mut f), Some(severity));
        }
        for bad in ["critical", "Page", "1", "true", "[page]"] {
            let mut f = Findings::new("f");
            let node = yaml::load(bad, &mut f).expect("YAML");
            assert_eq!((read(&node, &mut f), f.problems.len()), (None, 1), "{bad}");
        }
    }
}
