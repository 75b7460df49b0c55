//! Text as YAML 1.1 and 1.2 readers both take it for text, and comments that end with their line.

use std::fmt::Write as _;

/// Words that a reader of YAML 1.1 or 1.2 takes for a boolean or for nothing, in any case.
const NO_TEXT: [&str; 9] = ["on", "off", "yes", "no", "y", "n", "true", "false", "null"];

/// A scalar: plain where every reader takes it for text, else in quotes. A first letter rules out numbers, times and
/// dates of either version.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !NO_TEXT.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// A scalar in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if printable(c) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// Foreign text inside of a comment: one line, whatever AWS let somebody put into a name.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if printable(c) { c } else { '?' }).collect()
}

/// Letters and digits of every script, and ASCII's marks: nothing that breaks a line or hides.
fn printable(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || (!c.is_ascii() && c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::node::Value;
    use crate::fleet::problem::Findings;
    use crate::fleet::yaml;

    #[test]
    fn what_some_reader_takes_for_no_text_is_quoted() {
        for plain in ["web", "prod-eu", "webui3-scaled", "a_b", "e3", "none", "nano"] {
            assert_eq!(scalar(plain), plain);
        }
        for other in [
            "",
            "on",
            "No",
            "Y",
            "TRUE",
            "null",
            "~",
            "007",
            "1e3",
            "0x1F",
            "0o17",
            "1_000",
            "9lives",
            "18-00",
            "2026-11-22",
            "-a",
            "_a",
            "{name}",
            "a b",
            "a: b",
            "a #b",
            "é",
        ] {
            assert_eq!(scalar(other), format!("\"{other}\""));
        }
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in
            ["on", "1e3", "a\"b\\c", "\\", "a\tb", "a\nb", "\u{2028}", "\u{feff}", "é", "\u{1F600}", "' # : - ?"]
        {
            let mut f = Findings::new("f");
            let node = yaml::load(&format!("k: {}\n", scalar(text)), &mut f).expect("YAML");
            let Value::Map(entries) = &node.value else { panic!("a mapping") };
            assert!(matches!(&entries[0].node.value, Value::Text(t) if t == text), "{text:?}");
        }
    }

    #[test]
    fn a_comment_ends_with_its_line() {
        assert_eq!(comment("a\nb: c\u{85}\u{2028}\td"), "a?b: c???d");
    }
}
