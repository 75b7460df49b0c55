//! The rule of a composite alarm.
//!
//! CloudWatch User Guide, "Composite alarms" (syntax of rule expressions); PutCompositeAlarm. AND binds stronger than
//! OR: our assumption, the guide only has examples with parentheses.

use std::collections::BTreeSet;

use headroom_core::signal::AlarmState;

/// Children of a rule (AWS_FACTS 3.1), its elements and its length (API reference, PutCompositeAlarm).
const CHILDREN_MAX: usize = 100;
const ELEMENTS_MAX: usize = 500;
const LENGTH_MAX: usize = 10_240;
/// Nesting; the parser calls itself once for each level.
const DEPTH_MAX: u32 = 64;

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Constant(bool),
    Is(AlarmState, String),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    AtLeast { need: Need, state: AlarmState, not: bool, of: Vec<String> },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Need {
    Count(usize),
    Percent(f64),
}

/// A parsed rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    node: Node,
    children: BTreeSet<String>,
}

impl Rule {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("AlarmRule has {} characters, expected at most {LENGTH_MAX}.", text.len()));
        }
        let mut reader = Reader { rest: text, depth: 0, elements: 0, children: BTreeSet::new() };
        let node = reader.or()?;
        if !reader.rest.trim().is_empty() {
            return Err(reader.expected("AND, OR or the end"));
        }
        let Reader { elements, children, .. } = reader;
        if elements > ELEMENTS_MAX || children.len() > CHILDREN_MAX {
            return Err(format!(
                "AlarmRule has {elements} elements and {} alarms, expected at most {ELEMENTS_MAX} and {CHILDREN_MAX}.",
                children.len()
            ));
        }
        Ok(Self { node, children })
    }

    /// The alarms it names, by name.
    pub(super) fn children(&self) -> &BTreeSet<String> {
        &self.children
    }

    /// Whether it holds; an alarm that is not there is in no state.
    pub(super) fn holds(&self, state_of: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
        holds(&self.node, state_of)
    }
}

fn holds(node: &Node, state_of: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
    match node {
        Node::Constant(value) => *value,
        Node::Is(state, name) => state_of(name) == Some(*state),
        Node::Not(inner) => !holds(inner, state_of),
        Node::And(parts) => parts.iter().all(|p| holds(p, state_of)),
        Node::Or(parts) => parts.iter().any(|p| holds(p, state_of)),
        Node::AtLeast { need, state, not, of } => {
            let found = of.iter().filter(|name| (state_of(name) == Some(*state)) != *not).count();
            match need {
                Need::Count(least) => found >= *least,
                Need::Percent(percent) => found as f64 >= of.len() as f64 * percent / 100.0,
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
    elements: usize,
    children: BTreeSet<String>,
}

impl Reader<'_> {
    fn expected(&self, what: &str) -> String {
        let rest: String = self.rest.trim_start().chars().take(40).collect();
        format!("AlarmRule is not valid: expected {what} at `{rest}`.")
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn needs(&mut self, sign: &str) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    /// A whole word: `ORDER` does not begin with `OR`.
    fn word(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let Some(after) = self.rest.strip_prefix(word) else { return false };
        if after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn or(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("AlarmRule is nested more than {DEPTH_MAX} times."));
        }
        let mut parts = vec![self.and()?];
        while self.word("OR") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(Node::Or(parts))
    }

    fn and(&mut self) -> Result<Node, String> {
        let mut parts = vec![self.not()?];
        while self.word("AND") {
            parts.push(self.not()?);
        }
        Ok(Node::And(parts))
    }

    fn not(&mut self) -> Result<Node, String> {
        let mut negative = false;
        while self.word("NOT") {
            negative = !negative;
        }
        let node = self.primary()?;
        Ok(if negative { Node::Not(Box::new(node)) } else { node })
    }

    fn primary(&mut self) -> Result<Node, String> {
        self.elements += 1;
        if self.takes("(") {
            let inner = self.or()?;
            self.needs(")")?;
            return Ok(inner);
        }
        if self.word("AT_LEAST") {
            return self.at_least();
        }
        if let Some(state) = self.state() {
            self.needs("(")?;
            let name = self.name()?;
            self.needs(")")?;
            return Ok(Node::Is(state, name));
        }
        for (word, value) in
            [("TRUE", true), ("FALSE", false), ("True", true), ("False", false), ("true", true), ("false", false)]
        {
            if self.word(word) {
                return Ok(Node::Constant(value));
            }
        }
        Err(self.expected("ALARM(..), OK(..), INSUFFICIENT_DATA(..), AT_LEAST(..), TRUE, FALSE, NOT or `(`"))
    }

    fn state(&mut self) -> Option<AlarmState> {
        [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData].into_iter().find(|s| self.word(s.name()))
    }

    fn at_least(&mut self) -> Result<Node, String> {
        self.needs("(")?;
        let quoted = self.takes("\"");
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let number: f64 = digits.parse().map_err(|_| self.expected("a number or a percentage"))?;
        self.rest = rest;
        let percent = self.takes("%");
        if quoted {
            self.needs("\"")?;
        }
        let need = if percent { Need::Percent(number) } else { Need::Count(number as usize) };
        self.needs(",")?;
        let not = self.word("NOT");
        let state = self.state().ok_or_else(|| self.expected("ALARM, OK or INSUFFICIENT_DATA"))?;
        self.needs(",")?;
        self.needs("(")?;
        let mut of = vec![self.name()?];
        while self.takes(",") {
            of.push(self.name()?);
        }
        self.needs(")")?;
        self.needs(")")?;
        self.elements += of.len();
        let fits = match need {
            Need::Count(least) => number.fract() == 0.0 && (1..=of.len()).contains(&least),
            Need::Percent(percent) => percent > 0.0 && percent <= 100.0,
        };
        if !fits {
            return Err(format!("AlarmRule is not valid: AT_LEAST {digits} of {} alarms.", of.len()));
        }
        Ok(Node::AtLeast { need, state, not, of })
    }

    /// With quotation marks, which a backslash escapes, or without; then it has no space, bracket or comma.
    fn name(&mut self) -> Result<String, String> {
        let mut name = String::new();
        if self.takes("\"") {
            let mut characters = self.rest.char_indices();
            loop {
                match characters.next() {
                    None => return Err(self.expected("a closing quotation mark")),
                    Some((i, '"')) => {
                        self.rest = self.rest.get(i + 1..).unwrap_or_default();
                        break;
                    }
                    Some((_, '\\')) => name.extend(characters.next().map(|(_, c)| c)),
                    Some((_, c)) => name.push(c),
                }
            }
        } else {
            self.rest = self.rest.trim_start();
            let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"');
            let end = self.rest.find(ends).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            name.push_str(word);
            self.rest = rest;
        }
        if name.is_empty() {
            return Err(self.expected("the name of an alarm"));
        }
        let name = super::name_of(&name).to_owned();
        self.children.insert(name.clone());
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` is in ALARM, `b` OK, `c` has no data, everything else is not there.
    fn of(text: &str) -> Result<bool, String> {
        let state = |name: &str| match name {
            "a" | "with \"quotes\", and (more)" => Some(AlarmState::Alarm),
            "b" => Some(AlarmState::Ok),
            "c" => Some(AlarmState::InsufficientData),
            _ => None,
        };
        Rule::read(text).map(|rule| rule.holds(&state))
    }

    #[test]
    fn a_rule_is_worked_out_as_the_guide_describes() {
        for (text, expected) in [
            ("ALARM(a)", true),
            ("ALARM(\"a\") AND ALARM(b)", false),
            ("ALARM(a) AND NOT ALARM(b)", true),
            ("(ALARM(b) OR ALARM(a)) AND OK(b)", true),
            ("OK(b) OR ALARM(b) AND FALSE", true),
            ("INSUFFICIENT_DATA(c) AND TRUE", true),
            ("NOT ALARM(gone) AND NOT OK(gone)", true),
            ("ALARM(arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a)", true),
            ("ALARM(\"with \\\"quotes\\\", and (more)\")", true),
            ("AT_LEAST(2, ALARM, (a, b, c))", false),
            ("AT_LEAST(1, ALARM, (a, b, c))", true),
            ("AT_LEAST(2, NOT OK, (\"a\", b, c))", true),
            ("AT_LEAST(33%, ALARM, (a, b, c))", true),
            ("AT_LEAST(\"34%\", ALARM, (a, b, c))", false),
            ("AT_LEAST(50%, NOT INSUFFICIENT_DATA, (a, b, c)) AND OK(b)", true),
        ] {
            assert_eq!(of(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(a",
            "ALARM(a) ALARM(b)",
            "ALARM(a) XOR ALARM(b)",
            "BROKEN(a)",
            "AT_LEAST(0, ALARM, (a))",
            "AT_LEAST(2, ALARM, (a))",
            "AT_LEAST(101%, ALARM, (a))",
            "AT_LEAST(1, FINE, (a))",
            "ALARM(\"a)",
        ] {
            assert!(of(text).is_err(), "{text}");
        }
        let many: Vec<String> = (0..101).map(|i| format!("ALARM(a{i})")).collect();
        assert!(of(&many[..100].join(" OR ")).is_ok());
        assert!(of(&many.join(" OR ")).is_err(), "100 children at most");
        assert!(of(&format!("{}TRUE{}", "(".repeat(100), ")".repeat(100))).is_err());
    }
}
