//! Load as an expression of the time: `1000 + 400 * sin(2 * pi * h / 24)`.

/// Nesting and length are bounded so that no text can exhaust the reader's stack.
const CHARACTERS_MAX: usize = 500;
const DEPTH_MAX: u32 = 32;

/// An expression of `h`, the hours since the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula(Expression);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Number(f64),
    Hours,
    Two(Operator, Box<(Expression, Expression)>),
    One(Function, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Negate,
    Sine,
    Cosine,
    Absolute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Least,
    Most,
}

impl Formula {
    /// Reads an expression of numbers, `h`, `pi`, `+ - * /`, parentheses, `sin cos abs` and `min max` of two.
    ///
    /// # Errors
    /// What was found where something else was expected.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > CHARACTERS_MAX {
            return Err(format!("{} characters, at most {CHARACTERS_MAX}", text.len()));
        }
        let mut reader = Reader { rest: text, depth: 0 };
        let expression = reader.sum()?;
        match reader.peek() {
            None => Ok(Self(expression)),
            Some(_) => Err(reader.expected("an operator or the end")),
        }
    }

    /// Its value, `hours` after the start.
    #[must_use]
    pub fn value(&self, hours: f64) -> f64 {
        self.0.value(hours)
    }
}

impl Expression {
    fn value(&self, hours: f64) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Hours => hours,
            Self::One(function, of) => {
                let a = of.value(hours);
                match function {
                    Function::Negate => -a,
                    Function::Sine => a.sin(),
                    Function::Cosine => a.cos(),
                    Function::Absolute => a.abs(),
                }
            }
            Self::Two(operator, of) => {
                let (a, b) = (of.0.value(hours), of.1.value(hours));
                match operator {
                    Operator::Add => a + b,
                    Operator::Subtract => a - b,
                    Operator::Multiply => a * b,
                    Operator::Divide => a / b,
                    Operator::Least => a.min(b),
                    Operator::Most => a.max(b),
                }
            }
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        there
    }

    fn expected(&self, what: &str) -> String {
        let found = if self.rest.is_empty() { "the end".to_owned() } else { format!("`{}`", self.rest) };
        format!("{found} where {what} was expected")
    }

    fn sum(&mut self) -> Result<Expression, String> {
        self.chain(&[('+', Operator::Add), ('-', Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expression, String> {
        self.chain(&[('*', Operator::Multiply), ('/', Operator::Divide)], Self::factor)
    }

    fn chain(
        &mut self,
        operators: &[(char, Operator)],
        part: fn(&mut Self) -> Result<Expression, String>,
    ) -> Result<Expression, String> {
        let mut left = part(self)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(*sign)) {
            left = Expression::Two(*operator, Box::new((left, part(self)?)));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("nested more than {DEPTH_MAX} deep"));
        }
        let factor = match self.peek() {
            Some('(') => self.parenthesis(),
            Some('-') => {
                let _sign = self.take('-');
                Ok(Expression::One(Function::Negate, Box::new(self.factor()?)))
            }
            Some(c) if c.is_ascii_digit() => self.number(),
            Some(c) if c.is_ascii_alphabetic() => self.word(),
            Some(_) | None => Err(self.expected("a number, h, pi, a function or (")),
        };
        self.depth -= 1;
        factor
    }

    fn parenthesis(&mut self) -> Result<Expression, String> {
        let _open = self.take('(');
        let inner = self.sum()?;
        if self.take(')') { Ok(inner) } else { Err(self.expected(")")) }
    }

    fn part(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (part, rest) = self.rest.split_at(end);
        self.rest = rest;
        part.to_owned()
    }

    fn number(&mut self) -> Result<Expression, String> {
        let text = self.part(|c| c.is_ascii_digit() || c == '.');
        text.parse().map(Expression::Number).map_err(|_| format!("`{text}` is no number"))
    }

    fn word(&mut self) -> Result<Expression, String> {
        let word = self.part(|c| c.is_ascii_alphabetic());
        let function = match word.as_str() {
            "h" => return Ok(Expression::Hours),
            "pi" => return Ok(Expression::Number(std::f64::consts::PI)),
            "min" => return self.two(Operator::Least),
            "max" => return self.two(Operator::Most),
            "sin" => Some(Function::Sine),
            "cos" => Some(Function::Cosine),
            "abs" => Some(Function::Absolute),
            _ => None,
        };
        let function = function.ok_or_else(|| format!("`{word}`, expected one of h pi sin cos abs min max"))?;
        if self.peek() != Some('(') {
            return Err(self.expected("("));
        }
        Ok(Expression::One(function, Box::new(self.parenthesis()?)))
    }

    fn two(&mut self, operator: Operator) -> Result<Expression, String> {
        if !self.take('(') {
            return Err(self.expected("("));
        }
        let first = self.sum()?;
        if !self.take(',') {
            return Err(self.expected(","));
        }
        let second = self.sum()?;
        if !self.take(')') {
            return Err(self.expected(")"));
        }
        Ok(Expression::Two(operator, Box::new((first, second))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_have_the_usual_precedence() {
        for (text, value) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("8 / 4 / 2", 1.0),
            ("5 - 2 - 1", 2.0),
            ("-h + 10", 4.0),
            ("max(h, 2) + min(h, 2)", 8.0),
            ("100 * sin(pi * h / 12)", 100.0),
            ("abs(-3.5)", 3.5),
        ] {
            let found = Formula::read(text).unwrap().value(6.0);
            assert!((found - value).abs() < 1e-9, "{text}: {found}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused_with_what_was_expected() {
        for bad in ["", "1 +", "foo(1)", "(1", "1 2", "sin 1", "max(1)", "1..2", &"(".repeat(100), &"-".repeat(100)] {
            assert!(Formula::read(bad).is_err(), "{bad}");
        }
        assert!(Formula::read("tan(1)").unwrap_err().contains("h pi sin cos"));
    }
}
