//! `severity`: how loud something is. `page` wakes people, `warn` goes to the chat, `info` to the incident's thread.

use serde_json::Value as Json;

use crate::notice::Severity;

use super::node::Node;
use super::problem::Findings;
use super::{schema, words};

/// The words, loudest first.
pub(crate) const SEVERITIES: [(&str, Severity); 3] =
    [("page", Severity::Page), ("warn", Severity::Warn), ("info", Severity::Info)];

/// Reads a severity.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Severity> {
    words::word(node, f, &SEVERITIES, "severity: warn")
}

/// The words for what is less loud.
pub(crate) fn under(severity: Severity) -> Vec<&'static str> {
    SEVERITIES.into_iter().filter(|(_, other)| *other < severity).map(|(word, _)| word).collect()
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::words(&SEVERITIES.map(|(word, _)| word))
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
