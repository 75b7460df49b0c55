//! From an expression and its series to a series.

use super::read::{Expression, Function, Node, Op};

/// Values at the points of a grid, oldest first; what is missing is `None`.
pub(in crate::cloudwatch) type Series = Vec<Option<f64>>;

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cloudwatch) enum Value {
    /// A number; NaN: there is none.
    Scalar(f64),
    /// A series.
    Series(Series),
    /// Several.
    List(Vec<Series>),
}

impl Expression {
    /// Works it out. `of` finds the series of an id, `all` are those of every metric, `quota` is that of the usage
    /// metric behind an id.
    pub(in crate::cloudwatch) fn work(
        &self,
        of: &dyn Fn(&str) -> Option<Series>,
        all: &dyn Fn() -> Vec<Series>,
        quota: &dyn Fn(&str) -> Option<f64>,
    ) -> Result<Value, String> {
        Work { of, all, quota }.node(&self.0)
    }
}

struct Work<'a> {
    of: &'a dyn Fn(&str) -> Option<Series>,
    all: &'a dyn Fn() -> Vec<Series>,
    quota: &'a dyn Fn(&str) -> Option<f64>,
}

impl Work<'_> {
    fn node(&self, node: &Node) -> Result<Value, String> {
        match node {
            Node::Number(number) => Ok(Value::Scalar(*number)),
            Node::Id(id) => (self.of)(id).map(Value::Series).ok_or_else(|| format!("`{id}` is no id of this request")),
            Node::Repeat => Err("REPEAT is only for FILL".to_owned()),
            Node::Negate(inner) => pair(Op::Subtract, Value::Scalar(0.0), self.node(inner)?),
            Node::Pair(op, left, right) => pair(*op, self.node(left)?, self.node(right)?),
            Node::List(parts) => self.list(parts).map(Value::List),
            Node::Call(function, parts) => self.call(*function, parts),
        }
    }

    fn list(&self, parts: &[Node]) -> Result<Vec<Series>, String> {
        let mut all = Vec::new();
        for part in parts {
            match self.node(part)? {
                Value::Series(series) => all.push(series),
                Value::List(mut series) => all.append(&mut series),
                Value::Scalar(_) => return Err("a list has metrics, not numbers".to_owned()),
            }
        }
        Ok(all)
    }

    fn call(&self, function: Function, parts: &[Node]) -> Result<Value, String> {
        match (function, parts) {
            // At each point of the usage metric (guide, "Metric math syntax and functions"); nothing for other metrics.
            (Function::ServiceQuota, [usage @ Node::Id(id)]) => {
                let Value::Series(series) = self.node(usage)? else {
                    return Err("SERVICE_QUOTA takes one metric".to_owned());
                };
                let quota = (self.quota)(id);
                Ok(Value::Series(series.into_iter().map(|used| used.and(quota)).collect()))
            }
            (Function::Metrics, []) => Ok(Value::List((self.all)())),
            (Function::Sum | Function::Average | Function::Minimum | Function::Maximum, [part]) => {
                reduce(function, self.node(part)?)
            }
            (Function::Fill, [part, with]) => {
                let Value::Series(series) = self.node(part)? else { return Err("FILL takes one metric".to_owned()) };
                if *with == Node::Repeat {
                    return Ok(Value::Series(repeated(series)));
                }
                match self.node(with)? {
                    Value::Scalar(number) => {
                        Ok(Value::Series(series.into_iter().map(|v| v.or(there(number))).collect()))
                    }
                    Value::Series(with) => {
                        Ok(Value::Series(series.into_iter().zip(with).map(|(v, w)| v.or(w)).collect()))
                    }
                    Value::List(_) => Err("FILL fills with a number, a metric or REPEAT".to_owned()),
                }
            }
            (Function::If, [condition, yes]) => choose(self.node(condition)?, self.node(yes)?, None),
            (Function::If, [condition, yes, no]) => {
                choose(self.node(condition)?, self.node(yes)?, Some(self.node(no)?))
            }
            (function, parts) => Err(format!("{} arguments do not fit {function:?}", parts.len())),
        }
    }
}

fn apply(op: Op, left: f64, right: f64) -> Option<f64> {
    let truth = |yes: bool| f64::from(u8::from(yes));
    let result = match op {
        Op::Add => left + right,
        Op::Subtract => left - right,
        Op::Multiply => left * right,
        // No number comes of a division by zero, so no datapoint does: our assumption, the guide does not say.
        Op::Divide => left / right,
        Op::Less => truth(left < right),
        Op::LessOrEqual => truth(left <= right),
        Op::Greater => truth(left > right),
        Op::GreaterOrEqual => truth(left >= right),
        Op::Equal => truth(left == right),
        Op::NotEqual => truth(left != right),
    };
    if left.is_nan() || right.is_nan() { None } else { there(result) }
}

fn there(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// A point that either side misses is missing (guide, "Metric math syntax and functions").
fn pair(op: Op, left: Value, right: Value) -> Result<Value, String> {
    let each = |series: Series, with: &dyn Fn(f64) -> Option<f64>| {
        Value::Series(series.into_iter().map(|v| v.and_then(with)).collect())
    };
    match (left, right) {
        (Value::Scalar(l), Value::Scalar(r)) => Ok(Value::Scalar(apply(op, l, r).unwrap_or(f64::NAN))),
        (Value::Series(l), Value::Scalar(r)) => Ok(each(l, &|v| apply(op, v, r))),
        (Value::Scalar(l), Value::Series(r)) => Ok(each(r, &|v| apply(op, l, v))),
        (Value::Series(l), Value::Series(r)) => {
            let both = |(l, r): (Option<f64>, Option<f64>)| apply(op, l?, r?);
            Ok(Value::Series(l.into_iter().zip(r).map(both).collect()))
        }
        (Value::List(_), _) | (_, Value::List(_)) => Err("several metrics are no operand".to_owned()),
    }
}

/// Over several metrics: at each point, of those that are there. Over one: a number.
fn reduce(function: Function, value: Value) -> Result<Value, String> {
    match value {
        Value::Scalar(number) => Ok(Value::Scalar(number)),
        Value::Series(series) => {
            let known: Vec<f64> = series.into_iter().flatten().collect();
            Ok(Value::Scalar(over(function, &known).unwrap_or(f64::NAN)))
        }
        Value::List(all) => {
            let length = all.iter().map(Vec::len).max().unwrap_or(0);
            let at = |i: usize| all.iter().filter_map(|s| s.get(i).copied().flatten()).collect::<Vec<f64>>();
            Ok(Value::Series((0..length).map(|i| over(function, &at(i))).collect()))
        }
    }
}

fn over(function: Function, values: &[f64]) -> Option<f64> {
    let sum = || values.iter().sum::<f64>();
    if values.is_empty() {
        return None;
    }
    match function {
        Function::Sum => Some(sum()),
        Function::Average => Some(sum() / values.len() as f64),
        Function::Minimum => values.iter().copied().reduce(f64::min),
        Function::Maximum => values.iter().copied().reduce(f64::max),
        Function::Fill | Function::If | Function::Metrics | Function::ServiceQuota => None,
    }
}

fn repeated(series: Series) -> Series {
    let mut last = None;
    let next = |value: Option<f64>| {
        last = value.or(last);
        last
    };
    series.into_iter().map(next).collect()
}

fn choose(condition: Value, yes: Value, no: Option<Value>) -> Result<Value, String> {
    if let Value::Scalar(condition) = condition {
        let chosen = if condition == 0.0 { no } else { Some(yes) };
        return chosen.ok_or_else(|| "IF without a third argument".to_owned());
    }
    let Value::Series(condition) = condition else { return Err("IF decides by one metric".to_owned()) };
    let at = |value: &Value, i: usize| match value {
        Value::Scalar(number) => Ok(there(*number)),
        Value::Series(series) => Ok(series.get(i).copied().flatten()),
        Value::List(_) => Err("IF gives one metric".to_owned()),
    };
    let point = |(i, decided): (usize, &Option<f64>)| match (decided, &no) {
        (None, _) => Ok(None),
        (Some(decided), _) if *decided != 0.0 => at(&yes, i),
        (Some(_), Some(no)) => at(no, i),
        (Some(_), None) => Ok(None),
    };
    condition.iter().enumerate().map(point).collect::<Result<_, _>>().map(Value::Series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(text: &str) -> Result<Value, String> {
        let of = |id: &str| match id {
            "m1" => Some(vec![Some(1.0), None, Some(3.0)]),
            "m2" => Some(vec![Some(10.0), Some(0.0), None]),
            "none" => Some(vec![None; 3]),
            _ => None,
        };
        let all = || vec![of("m1").unwrap(), of("m2").unwrap()];
        Expression::read(text)?.work(&of, &all, &|id| (id == "m1").then_some(9.0))
    }

    fn series(text: &str) -> Series {
        match work(text) {
            Ok(Value::Series(series)) => series,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn arithmetic_is_by_point_and_what_either_side_misses_is_missing() {
        for (text, expected) in [
            ("m1 + m2", [Some(11.0), None, None]),
            ("m1 * 2 + 1", [Some(3.0), None, Some(7.0)]),
            ("1 + m1 * 2", [Some(3.0), None, Some(7.0)]),
            ("(1 + m1) * 2", [Some(4.0), None, Some(8.0)]),
            ("-m1 - 1", [Some(-2.0), None, Some(-4.0)]),
            ("8 / 2 / m1", [Some(4.0), None, Some(4.0 / 3.0)]),
            ("FILL(m1, 5) / m2", [Some(0.1), None, None]),
            ("m1 >= 3", [Some(0.0), None, Some(1.0)]),
            ("SERVICE_QUOTA(m1) - m1", [Some(8.0), None, Some(6.0)]),
            ("SERVICE_QUOTA(m2)", [None, None, None]),
        ] {
            assert_eq!(series(text), expected, "{text}");
        }
    }

    #[test]
    fn an_error_rate_fills_what_is_not_published_with_zero() {
        assert_eq!(series("100 * FILL(none, 0) / m1"), [Some(0.0), None, Some(0.0)]);
    }

    #[test]
    fn fill_takes_a_number_a_metric_or_the_last_value() {
        assert_eq!(series("FILL(m1, 0)"), [Some(1.0), Some(0.0), Some(3.0)]);
        assert_eq!(series("FILL(m2, REPEAT)"), [Some(10.0), Some(0.0), Some(0.0)]);
        assert_eq!(series("FILL(none, REPEAT)"), [None, None, None], "before the first value there is none");
        assert_eq!(series("FILL(m1, m2)"), [Some(1.0), Some(0.0), Some(3.0)]);
        assert!(work("FILL(m1, LINEAR)").is_err());
    }

    #[test]
    fn a_list_is_reduced_by_point_over_what_is_there_and_one_metric_to_a_number() {
        assert_eq!(series("SUM([m1, m2])"), [Some(11.0), Some(0.0), Some(3.0)]);
        assert_eq!(series("AVG(METRICS())"), [Some(5.5), Some(0.0), Some(3.0)]);
        assert_eq!(series("MAX([m1, none])"), [Some(1.0), None, Some(3.0)]);
        assert_eq!(series("m1 - MIN(m1)"), [Some(0.0), None, Some(2.0)]);
        assert_eq!(work("AVG(m1)"), Ok(Value::Scalar(2.0)));
        assert_eq!(series("m1 - AVG(none)"), [None, None, None], "of no datapoints there is no number");
        assert_eq!(series("m1 + 1 / 0"), [None, None, None]);
    }

    #[test]
    fn if_decides_by_point() {
        assert_eq!(series("IF(m1 > 2, m1, 0)"), [Some(0.0), None, Some(3.0)]);
        assert_eq!(series("IF(FILL(m1, 0) > 0, 1)"), [Some(1.0), None, Some(1.0)]);
        assert_eq!(series("IF(1 > 0, m1, m2)"), [Some(1.0), None, Some(3.0)]);
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for text in ["m3", "REPEAT", "[m1] + 1", "FILL([m1], 0)", "SUM(m1, m2)", "IF(m1)", "SUM([1])"] {
            assert!(work(text).is_err(), "{text}");
        }
    }
}
