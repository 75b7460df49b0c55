//! Names that people choose: the fleet, environments, services, remedies.

use serde_json::Value as Json;

use super::node::{Entry, Node, Want};
use super::problem::Findings;
use super::schema;

/// Leaves room for `{environment}-{name}-{remedy}` within the 255 characters of an ECS or alarm name.
pub(crate) const NAME_CHARACTERS_MAX: usize = 64;

const WANT: Want<'_> = Want {
    expected: "a name: letters, digits, `-` and `_`, first a letter or digit, at most 64, no YAML boolean",
    example: "prod-eu",
};

/// Words that YAML 1.1 readers take for booleans.
const BOOLEANS: [&str; 8] = ["on", "off", "yes", "no", "y", "n", "true", "false"];

/// Whether a text may be a name.
pub(crate) fn valid(text: &str) -> bool {
    text.chars().count() <= NAME_CHARACTERS_MAX
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && !BOOLEANS.contains(&text.to_ascii_lowercase().as_str())
}

/// Reads a name.
pub(crate) fn parse(node: &Node, f: &mut Findings) -> Option<String> {
    node.text(f, WANT, |text| valid(text).then(|| text.to_owned()))
}

/// What [`parse`] takes.
pub(crate) fn schema() -> Json {
    schema::shared(DEFINITION.0)
}

/// The definition that every name shares.
pub(crate) const DEFINITION: (&str, fn() -> Json) = ("name", || {
    let either = |c: char| format!("[{c}{}]", c.to_ascii_uppercase());
    let word = |word: &str| word.chars().map(either).collect::<String>();
    let booleans = BOOLEANS.map(word).join("|");
    let rest = NAME_CHARACTERS_MAX - 1;
    schema::text(WANT, &format!("^(?!(?:{booleans})$)[A-Za-z0-9][A-Za-z0-9_-]{{0,{rest}}}$"))
});

/// Checks a key that is a name.
pub(crate) fn check_key(entry: &Entry, f: &mut Findings) {
    if !valid(&entry.key) {
        f.problem(&entry.at, format!("the name `{}`", entry.key), WANT.expected, WANT.example);
    }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn names_are_what_ecs_takes_and_no_yaml_boolean() {
        for good in ["web", "prod-eu", "webui3-scaled", "a_b", "9lives", "W", "none", &"x".repeat(64)] {
            assert!(valid(good), "{good}");
        }
        for bad in ["", "-a", "a.b", "a b", "é", "on", "No", "y", "{name}", "a/b", &"x".repeat(65)] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
