//! Names of AWS resources with `{environment}`, `{name}` and `{service}` in them.

use super::node::{Node, Want};
use super::problem::Findings;

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
}

impl Kind {
    fn allows(self, c: char) -> bool {
        match self {
            Self::Ecs => c.is_ascii_alphanumeric() || matches!(c, '-' | '_'),
            Self::TargetGroup => c.is_ascii_alphanumeric() || c == '-',
            Self::Alarm => c == ' ' || c.is_ascii_graphic(),
        }
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
                    "name" => Part::Name,
                    "service" if kind != Kind::Ecs => Part::Service,
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

    /// Fills the placeholders.
    pub(crate) fn fill(&self, values: Values<'_>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Environment => values.environment.to_owned(),
            Part::Name => values.name.to_owned(),
            Part::Service => values.service.to_owned(),
        };
        self.0.iter().map(part).collect()
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
            let template = Template::from_text(text, Kind::Alarm);
            assert_eq!(template.map(|t| t.fill(values)).as_deref(), Some(filled));
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
        ] {
            assert_eq!(Template::from_text(text, kind), None, "{text}");
        }
    }
}
