//! Names in the fleet file: one for each service, and one for each remedy.

use std::collections::BTreeSet;

use crate::fleet::name::{NAME_CHARACTERS_MAX, valid};

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeSet<String>);

impl Keys {
    /// Takes a name as it is; `None` when it is no name of the fleet file, or taken.
    pub(super) fn exact(&mut self, wanted: &str) -> Option<String> {
        (valid(wanted) && self.0.insert(wanted.to_owned())).then(|| wanted.to_owned())
    }

    /// Takes a name as near to the wanted one as there is; `kind` is what it names.
    pub(super) fn near(&mut self, wanted: &str, kind: &str) -> String {
        let clean = cleaned(wanted);
        let base = if valid(&clean) { clean } else { cut(&format!("{kind}-{clean}"), NAME_CHARACTERS_MAX) };
        if let Some(key) = self.exact(&base) {
            return key;
        }
        let mut n = 2_usize;
        loop {
            let end = format!("-{n}");
            let key = cut(&base, NAME_CHARACTERS_MAX - end.len()) + &end;
            if self.0.insert(key.clone()) {
                return key;
            }
            n += 1;
        }
    }
}

/// The characters that a name takes; others become one `-`.
fn cleaned(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let good = c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        match (good, out.ends_with(['-', '_'])) {
            (true, false) => out.push(c),
            (true, true) if c.is_ascii_alphanumeric() => out.push(c),
            (true | false, true) => {}
            (false, false) => out.push('-'),
        }
    }
    cut(out.trim_start_matches(['-', '_']), NAME_CHARACTERS_MAX)
}

/// At most so many characters, all of them ASCII, and no delimiter at the end.
fn cut(text: &str, most: usize) -> String {
    text.get(..most).unwrap_or(text).trim_end_matches(['-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_file_does_not_take_becomes_one_that_it_does() {
        for (wanted, key) in [
            ("web", "web"),
            ("on", "service-on"),
            ("-web", "web"),
            ("___", "service"),
            ("", "service"),
            ("a/b c", "a-b-c"),
            ("é", "service"),
            ("a--b", "a-b"),
            ("007", "007"),
        ] {
            let got = Keys::default().near(wanted, "service");
            assert_eq!(got, key, "{wanted}");
            assert!(valid(&got), "{got}");
        }
    }

    #[test]
    fn each_name_is_taken_once() {
        let mut keys = Keys::default();
        let long = "x".repeat(255);
        let got: Vec<String> = ["web", "web", "web", &long, &long].iter().map(|w| keys.near(w, "service")).collect();
        assert_eq!(&got[..3], ["web", "web-2", "web-3"]);
        assert!(got.iter().all(|key| valid(key)) && got[3] != got[4], "{got:?}");
        assert_eq!(keys.exact("web"), None);
        assert_eq!(keys.exact("off"), None);
        assert_eq!(keys.exact("api").as_deref(), Some("api"));
    }
}
