//! References to secrets: where a token is kept, never the token.
//!
//! A value that is refused here may be a real secret in the wrong place: no problem, log or error repeats it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::node::{Node, Value, Want};
use super::problem::Findings;
use super::{pattern, schema};

const EXPECTED: &str = "a reference to a secret of AWS Secrets Manager: `secretsmanager:NAME`";
const EXAMPLE: &str = "secretsmanager:headroom/slack";
/// What a reference begins with: where it leads to is read without knowing Headroom.
const PREFIX: &str = "secretsmanager:";
/// Secrets Manager takes names up to this length (CreateSecret).
const NAME_CHARACTERS_MAX: usize = 512;

/// A reference such as `secretsmanager:headroom/slack`; the function that needs the secret reads it by this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretRef {
    name: String,
}

impl SecretRef {
    /// Reads a reference; `None` when the text is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix(PREFIX)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        let taken = !name.is_empty() && name.len() <= NAME_CHARACTERS_MAX && name.chars().all(fits);
        taken.then(|| Self { name: name.to_owned() })
    }

    /// Name of the secret.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads a reference of the file; a problem says what kind of value stands there and nothing of the value.
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let read = if let Value::Text(text) = &node.value { Self::parse(text) } else { None };
        if read.is_none() {
            f.problem(&node.place, unprinted(node, "no reference to a secret"), EXPECTED, EXAMPLE);
        }
        read
    }
}

/// What [`SecretRef::read`] takes.
pub(crate) fn schema() -> Json {
    let reference = format!("{PREFIX}[A-Za-z0-9/_+=.@-]{{1,{NAME_CHARACTERS_MAX}}}");
    schema::text(Want { expected: EXPECTED, example: EXAMPLE }, &pattern::full(&[reference]))
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.name)
    }
}

impl TryFrom<String> for SecretRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a value that is no reference to a secret")
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

/// What stands somewhere, without the value: `a text that is ... (not printed: it may be a secret)`.
pub(crate) fn unprinted(node: &Node, what: &str) -> String {
    let kind = match node.value {
        Value::Nothing => return "nothing".to_owned(),
        Value::Map(_) => return "a mapping".to_owned(),
        Value::List(_) => return "a list".to_owned(),
        Value::Bool(_) => return "a boolean".to_owned(),
        Value::Integer(_) | Value::Number(_) => "a number",
        Value::Text(_) => "a text",
    };
    format!("{kind} that is {what}; it is not printed, as it may be a secret")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    #[test]
    fn a_reference_names_its_secret() {
        for name in ["headroom/slack", "a_b+c=d.e@f-g"] {
            let text = format!("secretsmanager:{name}");
            let reference = SecretRef::parse(&text).expect(&text);
            assert_eq!((reference.name(), reference.to_string()), (name, text.clone()));
            let json = serde_json::to_string(&reference).expect("JSON");
            assert_eq!(
                (json.clone(), serde_json::from_str::<SecretRef>(&json).ok()),
                (format!("\"{text}\""), Some(reference))
            );
        }
    }

    #[test]
    fn a_name_is_as_long_as_secrets_manager_takes() {
        assert!(SecretRef::parse(&format!("secretsmanager:{}", "x".repeat(512))).is_some());
        assert!(SecretRef::parse(&format!("secretsmanager:{}", "x".repeat(513))).is_none());
    }

    #[test]
    fn everything_else_is_refused_and_never_repeated() {
        for value in [
            "xoxb-1234-NEVERTELL",
            "secretsmanager:",
            "secretsmanager:a b",
            "secretsmanager:arn:aws:secretsmanager:eu-west-1:111111111111:secret:NEVERTELL",
            "SecretsManager:NEVERTELL",
            "ssm:NEVERTELL",
            "ssm:/NEVERTELL",
            "vault:NEVERTELL",
            "https://hooks.slack.com/services/T0/B0/NEVERTELL",
            "7234129871",
            "72341.29871",
        ] {
            let mut f = Findings::new("f");
            let quote = if value.starts_with('7') { "" } else { "'" };
            let root = yaml::load(&format!("token: {quote}{value}{quote}"), &mut f).expect("YAML");
            let fields = root.fields(&mut f, &["token"], "").expect("a mapping");
            assert_eq!(fields.read(&mut f, "token", SecretRef::read), None, "{value}");
            let printed = f.problems.iter().map(|p| format!("{p}{p:?}")).collect::<String>();
            assert_eq!(f.problems.len(), 1, "{value}");
            assert!(!printed.contains("NEVERTELL") && !printed.contains("7234"), "{printed}");
            let error = serde_json::from_str::<SecretRef>(&format!("{value:?}")).expect_err(value).to_string();
            assert!(!error.contains("NEVERTELL"), "{error}");
        }
    }
}
