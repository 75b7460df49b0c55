//! Percentages: a number with `%`.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::node::{Node, Want};
use super::problem::Findings;
use super::{pattern, schema};

/// Reads `70%` or `0.1%`, above 0 and at most 100.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?;
    decimal(number).filter(|p| *p > 0.0 && *p <= 100.0)
}

/// Digits with at most one point between them; no sign, no exponent.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if digits(whole) && digits(part) { text.parse().ok() } else { None }
}

const WANT: Want<'_> = Want { expected: "a percentage above 0% and up to 100%", example: "85%" };
const WANT_TARGET: Want<'_> = Want { expected: "a target from 50% to 90%", example: "70%" };
/// Under 50 % half the money idles, over 90 % no room is left while tasks start.
const TARGET_BOUNDS: (u32, u32) = (50, 90);
/// The same as a range.
pub(crate) const TARGETS: RangeInclusive<f64> = TARGET_BOUNDS.0 as f64..=TARGET_BOUNDS.1 as f64;

/// A percentage above 0 and at most 100.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<f64> {
    node.text(f, WANT, parse)
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::text(WANT, &pattern::full(&[pattern::decimal(0, 100, "%")]))
}

/// A target of a scaling policy.
pub(crate) fn target(node: &Node, f: &mut Findings) -> Option<f64> {
    node.text(f, WANT_TARGET, |text| parse(text).filter(|p| TARGETS.contains(p)))
}

/// What [`target`] takes.
pub(crate) fn target_schema() -> Json {
    let (least, most) = TARGET_BOUNDS;
    schema::text(WANT_TARGET, &pattern::full(&[pattern::decimal(least.into(), most.into(), "%")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_carries_its_sign() {
        for (text, percent) in [("70%", 70.0), ("0.1%", 0.1), ("100%", 100.0)] {
            assert_eq!(parse(text), Some(percent), "{text}");
        }
        for bad in ["70", "70 %", "%", "0%", "101%", "-1%", "1e1%", ".5%", "5.%", "inf%", "NaN%", "0.7"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
