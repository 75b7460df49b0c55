//! From text to an expression.

/// MetricDataQuery: an expression has at most 2,048 characters (service model, MetricExpression).
const LENGTH_MAX: usize = 2_048;
/// Nesting; the parser calls itself once for each level.
const DEPTH_MAX: u32 = 32;

/// Two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// Functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Sum,
    Average,
    Minimum,
    Maximum,
    Fill,
    If,
    Metrics,
    ServiceQuota,
}

const FUNCTIONS: [(&str, Function); 8] = [
    ("SUM", Function::Sum),
    ("AVG", Function::Average),
    ("MIN", Function::Minimum),
    ("MAX", Function::Maximum),
    ("FILL", Function::Fill),
    ("IF", Function::If),
    ("METRICS", Function::Metrics),
    ("SERVICE_QUOTA", Function::ServiceQuota),
];

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Id(String),
    /// `REPEAT`, which only FILL takes.
    Repeat,
    Negate(Box<Node>),
    Pair(Op, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    List(Vec<Node>),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cloudwatch) struct Expression(pub(super) Node);

impl Expression {
    /// Reads it.
    pub(in crate::cloudwatch) fn read(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("{} characters, expected at most {LENGTH_MAX}", text.len()));
        }
        let mut reader = Reader { rest: text, depth: 0 };
        let node = reader.comparison()?;
        match reader.peek() {
            None => Ok(Self(node)),
            Some(_) => Err(format!("Unsupported operand or syntax at `{}`", reader.rest.trim_start())),
        }
    }

    /// The ids it names; `None` when it takes all metrics.
    pub(in crate::cloudwatch) fn ids(&self) -> Option<Vec<&str>> {
        let mut ids = Vec::new();
        collect(&self.0, &mut ids).then_some(ids)
    }
}

fn collect<'a>(node: &'a Node, ids: &mut Vec<&'a str>) -> bool {
    match node {
        Node::Number(_) | Node::Repeat => true,
        Node::Id(id) => {
            ids.push(id);
            true
        }
        Node::Negate(inner) => collect(inner, ids),
        Node::Pair(_, left, right) => collect(left, ids) && collect(right, ids),
        Node::Call(Function::Metrics, _) => false,
        Node::Call(_, parts) | Node::List(parts) => parts.iter().all(|p| collect(p, ids)),
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn takes(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(word);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn needs(&mut self, word: &str) -> Result<(), String> {
        if self.takes(word) { Ok(()) } else { Err(format!("Syntax error: expected `{word}` at `{}`", self.rest)) }
    }

    fn comparison(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("nested more than {DEPTH_MAX} times"));
        }
        let mut left = self.sum()?;
        let signs = [
            ("<=", Op::LessOrEqual),
            (">=", Op::GreaterOrEqual),
            ("==", Op::Equal),
            ("!=", Op::NotEqual),
            ("<", Op::Less),
            (">", Op::Greater),
        ];
        while let Some((_, op)) = signs.into_iter().find(|(sign, _)| self.takes(sign)) {
            left = Node::Pair(op, Box::new(left), Box::new(self.sum()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, String> {
        let mut left = self.product()?;
        while let Some((_, op)) = [("+", Op::Add), ("-", Op::Subtract)].into_iter().find(|(sign, _)| self.takes(sign)) {
            left = Node::Pair(op, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, String> {
        let mut left = self.unary()?;
        while let Some((_, op)) = [("*", Op::Multiply), ("/", Op::Divide)].into_iter().find(|(s, _)| self.takes(s)) {
            left = Node::Pair(op, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, String> {
        let mut negative = false;
        while self.takes("-") {
            negative = !negative;
        }
        let node = self.primary()?;
        Ok(if negative { Node::Negate(Box::new(node)) } else { node })
    }

    fn primary(&mut self) -> Result<Node, String> {
        match self.peek() {
            None => Err("Syntax error: unexpected end".to_owned()),
            Some('(') => {
                self.needs("(")?;
                let inner = self.comparison()?;
                self.needs(")")?;
                Ok(inner)
            }
            Some('[') => {
                self.needs("[")?;
                Ok(Node::List(self.parts("]")?))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() => self.word(),
            Some(_) => Err(format!("Unsupported operand or syntax at `{}`", self.rest)),
        }
    }

    fn parts(&mut self, end: &str) -> Result<Vec<Node>, String> {
        let mut parts = Vec::new();
        if self.takes(end) {
            return Ok(parts);
        }
        loop {
            parts.push(self.comparison()?);
            if self.takes(end) {
                return Ok(parts);
            }
            self.needs(",")?;
        }
    }

    fn take_while(&mut self, which: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !which(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn number(&mut self) -> Result<Node, String> {
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
        digits.parse().map(Node::Number).map_err(|_| format!("Syntax error: `{digits}` is no number"))
    }

    /// Ids begin with a small letter (service model, MetricDataQuery), functions and REPEAT are capitals.
    fn word(&mut self) -> Result<Node, String> {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if word.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(Node::Id(word));
        }
        if word == "REPEAT" {
            return Ok(Node::Repeat);
        }
        let Some((_, function)) = FUNCTIONS.iter().find(|(name, _)| *name == word) else {
            let known = FUNCTIONS.map(|(name, _)| name).join(", ");
            return Err(format!("Unsupported function `{word}`; the simulator knows {known}"));
        };
        self.needs("(")?;
        Ok(Node::Call(*function, self.parts(")")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_metric_math_has_and_this_does_not_is_refused_by_name() {
        for (text, names) in [
            ("RATE(m1)", "RATE"),
            ("ANOMALY_DETECTION_BAND(m1)", "ANOMALY_DETECTION_BAND"),
            ("m1 ^ 2", "^ 2"),
            ("m1 && m2", "&& m2"),
            ("SELECT AVG(x) FROM y", "SELECT"),
            ("m1 +", "end"),
            ("(m1", ")"),
            ("1.2.3 * m1", "1.2.3"),
            ("", "end"),
        ] {
            let refused = Expression::read(text).unwrap_err();
            assert!(refused.contains(names), "{text}: {refused}");
        }
    }

    #[test]
    fn a_deeply_nested_expression_is_refused_and_does_not_exhaust_the_stack() {
        let deep = |n| format!("{}m1{}", "(".repeat(n), ")".repeat(n));
        assert!(Expression::read(&deep(20)).is_ok());
        assert!(Expression::read(&deep(1_000)).is_err());
        assert!(Expression::read(&"-".repeat(3_000)).is_err());
    }

    #[test]
    fn the_ids_of_an_expression_are_known_before_it_is_worked_out() {
        let ids = |text| Expression::read(text).unwrap().ids().map(|i| i.join(" "));
        assert_eq!(ids("100 * FILL(errors, 0) / requests").as_deref(), Some("errors requests"));
        assert_eq!(ids("SUM(METRICS())"), None);
    }
}
