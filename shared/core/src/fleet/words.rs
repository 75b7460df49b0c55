//! Closed lists of words: unknown ones are refused with the list, and the nearest one is offered.

use serde_json::{Value as Json, json};

use super::node::{Node, Want};
use super::problem::Findings;

/// Reads one word of a closed list.
pub(crate) fn word<T: Copy>(node: &Node, f: &mut Findings, known: &[(&str, T)], example: &str) -> Option<T> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let expected = format!("one of {}", list(&names));
    node.text(f, Want { expected: &expected, example }, |text| {
        known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
    })
}

/// What [`boolean`] takes.
pub(crate) fn boolean_schema() -> Json {
    json!({ "type": "boolean" })
}

/// Reads true or false; `yes`, `no`, `on` and `off` mean different things to different YAML readers.
pub(crate) fn boolean(node: &Node, f: &mut Findings, example: &str) -> Option<bool> {
    if let super::node::Value::Bool(b) = node.value {
        return Some(b);
    }
    node.refuse(f, Want { expected: "true or false", example });
    None
}

/// `a, b, c` in backticks.
pub(crate) fn list(words: &[&str]) -> String {
    if words.is_empty() {
        return "none".to_owned();
    }
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// `, did you mean ...?` when a known word is at most two edits away; empty otherwise.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|k| (distance(word, k), k))
        .filter(|(d, k)| *d <= 2 && *d < k.chars().count())
        .min_by_key(|(d, _)| *d)
        .map_or_else(String::new, |(_, k)| format!(", did you mean `{k}`?"))
}

/// Edits (insert, delete, replace) from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, n) in [("", "", 0), ("cpu", "cpu", 0), ("cup", "cpu", 2), ("lese", "lease", 1), ("a", "", 1)] {
            assert_eq!(distance(a, b), n, "{a} {b}");
        }
    }

    #[test]
    fn only_a_near_word_is_offered() {
        assert_eq!(hint("lese", &["lease", "mode"]), ", did you mean `lease`?");
        assert_eq!(hint("banana", &["lease", "mode"]), "");
        assert_eq!(hint("x", &["do"]), "", "everything is near a short word");
    }
}
