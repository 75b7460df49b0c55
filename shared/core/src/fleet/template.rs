//! Names of AWS resources with `{environment}`, `{name}` and `{service}` in them.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::compiled::Service;
use super::node::{Node, Want};
use super::problem::Findings;
use super::schema;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Environment,
    Name,
    Service,
}

/// What the placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'v> {
    /// Name of the environment.
    pub(crate) environment: &'v str,
    /// Name of the service in the fleet file.
    pub(crate) name: &'v str,
    /// Resolved ECS service name; empty while that name itself is resolved.
    pub(crate) service: &'v str,
}

impl<'v> Values<'v> {
    /// Each placeholder for itself.
    const PLACEHOLDERS: Self = Self { environment: "{environment}", name: "{name}", service: "{service}" };

    fn of(service: &'v Service) -> Self {
        Self { environment: &service.environment, name: &service.name, service: &service.service }
    }
}

impl Part {
    fn text<'p>(&'p self, values: Values<'p>) -> &'p str {
        match self {
            Self::Text(text) => text,
            Self::Environment => values.environment,
            Self::Name => values.name,
            Self::Service => values.service,
        }
    }
}

/// A name with placeholders, checked when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

/// What a template names decides its characters and placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// ECS cluster or service: letters, digits, `-`, `_`; `{service}` would name itself.
    Ecs,
    /// Target group: letters, digits, `-`.
    TargetGroup,
    /// Alarm: any printable ASCII.
    Alarm,
    /// What several services share, such as the alarm of a database: only `{environment}` tells one from another.
    Shared,
}

impl Kind {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Ecs => c.is_ascii_alphanumeric() || matches!(c, '-' | '_'),
            Self::TargetGroup => c.is_ascii_alphanumeric() || c == '-',
            Self::Alarm | Self::Shared => c == ' ' || c.is_ascii_graphic(),
        }
    }

    /// What [`Template::read`] takes.
    pub(crate) fn schema(self) -> Json {
        let (characters, placeholders) = match self {
            Self::Ecs => ("[A-Za-z0-9_-]", "environment|name"),
            Self::TargetGroup => ("[A-Za-z0-9-]", "environment|name|service"),
            // Printable ASCII without the braces.
            Self::Alarm => ("[ -z|~]", "environment|name|service"),
            Self::Shared => ("[ -z|~]", "environment"),
        };
        schema::text(self.want(), &format!("^(?:{characters}|\\{{(?:{placeholders})\\}})+$"))
    }

    fn want(self) -> Want<'static> {
        match self {
            Self::Ecs => Want {
                expected: "letters, digits, `-`, `_` and the placeholders `{environment}`, `{name}`",
                example: "\"{environment}-{name}\"",
            },
            Self::TargetGroup => Want {
                expected: "letters, digits, `-` and the placeholders `{environment}`, `{name}`, `{service}`",
                example: "\"{environment}-{name}\"",
            },
            Self::Alarm => Want {
                expected: "an alarm name with the placeholders `{environment}`, `{name}`, `{service}`",
                example: "\"{service}-cpu\"",
            },
            Self::Shared => Want {
                expected: "a name with no placeholder but `{environment}`",
                example: "\"{environment}-redis-cpu\"",
            },
        }
    }
}

impl Template {
    /// `{name}`: an ECS service is called as in the fleet file unless a template says otherwise.
    pub(crate) fn name() -> Self {
        Self(vec![Part::Name])
    }

    /// Reads a template; `None` for an unknown placeholder, a stray brace or another character.
    pub(crate) fn from_text(text: &str, kind: Kind) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let literal = &rest[..rest.find('{').unwrap_or(rest.len())];
            if literal.contains('}') || !literal.chars().all(|c| kind.allows(c)) {
                return None;
            }
            if !literal.is_empty() {
                parts.push(Part::Text(literal.to_owned()));
            }
            rest = &rest[literal.len()..];
            if let Some(open) = rest.strip_prefix('{') {
                let (word, after) = open.split_once('}')?;
                parts.push(match word {
                    "environment" => Part::Environment,
                    "name" if kind != Kind::Shared => Part::Name,
                    "service" if !matches!(kind, Kind::Ecs | Kind::Shared) => Part::Service,
                    _ => return None,
                });
                rest = after;
            }
        }
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// Reads a template of the file.
    pub(crate) fn read(node: &Node, f: &mut Findings, kind: Kind) -> Option<Self> {
        node.text(f, kind.want(), |text| Self::from_text(text, kind))
    }

    /// Whether the filled template is this text; nothing is allocated, as every alarm asks every service.
    fn is(&self, values: Values<'_>, text: &str) -> bool {
        let rest = self.0.iter().try_fold(text, |rest, part| rest.strip_prefix(part.text(values)));
        rest == Some("")
    }

    /// Fills the placeholders.
    pub(crate) fn fill(&self, values: Values<'_>) -> String {
        self.0.iter().map(|part| part.text(values)).collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| f.write_str(part.text(Values::PLACEHOLDERS)))
    }
}

/// The name of an alarm that exists already, with `{environment}`, `{name}` and `{service}` for those of the service.
///
/// It stays a template in the compiled fleet, so that thousands of services share one remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmName(pub(crate) Template);

impl AlarmName {
    /// Reads a name; `None` for an unknown placeholder, a stray brace or a character that is not printable ASCII.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Template::from_text(text, Kind::Alarm).map(Self)
    }

    /// Whether this service's alarm has that name.
    #[must_use]
    pub fn is(&self, service: &Service, alarm: &str) -> bool {
        self.0.is(Values::of(service), alarm)
    }

    /// The name of this service's alarm.
    #[must_use]
    pub fn of(&self, service: &Service) -> String {
        self.0.fill(Values::of(service))
    }
}

impl fmt::Display for AlarmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for AlarmName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AlarmName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no alarm name")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let values = Values { environment: "prod-eu", name: "web", service: "prod-eu-web" };
        for (text, filled) in [
            ("{environment}-cluster", "prod-eu-cluster"),
            ("{environment}-{name}", "prod-eu-web"),
            ("webUIcluster2", "webUIcluster2"),
            ("{service}-cpu", "prod-eu-web-cpu"),
        ] {
            let template = Template::from_text(text, Kind::Alarm).expect("a template");
            assert_eq!(template.fill(values), filled);
            assert_eq!(template.to_string(), text);
            assert!(template.is(values, filled));
            for other in [&filled[1..], &filled[..filled.len() - 1], &format!("{filled}x"), ""] {
                assert!(!template.is(values, other), "{text} is {other}");
            }
        }
    }

    #[test]
    fn what_no_placeholder_or_character_explains_is_refused() {
        for (text, kind) in [
            ("", Kind::Ecs),
            ("{env}-web", Kind::Ecs),
            ("{service}", Kind::Ecs),
            ("{name", Kind::Ecs),
            ("name}", Kind::Ecs),
            ("a b", Kind::Ecs),
            ("a_b", Kind::TargetGroup),
            ("a\nb", Kind::Alarm),
            ("{service}-cpu", Kind::Shared),
            ("{name}-cpu", Kind::Shared),
        ] {
            assert_eq!(Template::from_text(text, kind), None, "{text}");
        }
    }
}
