//! Metric math, as far as alarms of services need it: `+ - * /`, comparison, numbers, ids, parentheses, `FILL`, `IF`,
//! `SUM AVG MIN MAX`, `METRICS()` and lists. Anything else is refused by name.
//!
//! Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".

mod read;
mod work;

pub(super) use read::Expression;
pub(super) use work::{Series, Value};
