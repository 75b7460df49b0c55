//! A decision id as a person typed it.

use crate::id::DecisionId;

/// Characters after the `D-`.
const CHARS: usize = 5;

/// Reads `D-5H2WC`, in any case; I, L and O are read as the digits that they are mistaken for, as Crockford has it.
/// `None` when the text is no decision id.
#[must_use]
pub fn typed(text: &str) -> Option<DecisionId> {
    let rest = text.trim().strip_prefix(['D', 'd'])?.strip_prefix('-')?;
    let meant = |c: char| match c.to_ascii_uppercase() {
        'I' | 'L' => Some('1'),
        'O' => Some('0'),
        'U' => None,
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    let id = rest.chars().map(meant).collect::<Option<String>>()?;
    (id.len() == CHARS).then(|| DecisionId(format!("D-{id}")))
}

/// Whether one id is the other with one character mistyped, or with two neighbours swapped.
#[must_use]
pub fn near(one: &DecisionId, other: &DecisionId) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.0.chars().collect(), other.0.chars().collect());
    if one.len() != other.len() {
        return false;
    }
    let differ: Vec<usize> = (0..one.len()).filter(|n| one.get(*n) != other.get(*n)).collect();
    match differ.as_slice() {
        [_] => true,
        [a, b] => a + 1 == *b && one.get(*a) == other.get(*b) && one.get(*b) == other.get(*a),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_said_aloud() {
        for (text, id) in [
            ("D-5H2WC", Some("D-5H2WC")),
            (" d-5h2wc ", Some("D-5H2WC")),
            ("D-IlOoc", Some("D-1100C")),
            ("D-5H2W", None),
            ("D-5H2WCC", None),
            ("D-5H2WU", None),
            ("5H2WC", None),
            ("D-5H 2W", None),
            ("alarm.json", None),
        ] {
            assert_eq!(typed(text).map(|id| id.0).as_deref(), id, "{text}");
        }
    }

    #[test]
    fn near_is_one_slip_of_the_finger() {
        let id = |text: &str| DecisionId(format!("D-{text}"));
        for (other, is) in [("5H2WD", true), ("H52WC", true), ("5H2WC", false), ("5H3WD", false), ("H5W2C", false)] {
            assert_eq!(near(&id("5H2WC"), &id(other)), is, "{other}");
        }
    }
}
