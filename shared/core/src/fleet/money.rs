//! Money: an amount with its currency.

use serde_json::Value as Json;

use super::node::{Node, Want};
use super::percent::decimal;
use super::problem::Findings;
use super::schema;

const WANT: Want<'_> = Want { expected: "an amount in US dollars, with its unit", example: "50 USD" };

/// Reads `50 USD` or `0.50 USD`; AWS prices are in US dollars.
pub(crate) fn parse(text: &str) -> Option<f64> {
    decimal(text.strip_suffix(" USD")?)
}

/// Reads an amount.
pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<f64> {
    node.text(f, WANT, parse)
}

/// What [`read`] takes.
pub(crate) fn schema() -> Json {
    schema::text(WANT, "^[0-9]+(?:\\.[0-9]+)? USD$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_carries_its_currency() {
        assert_eq!(parse("50 USD"), Some(50.0));
        assert_eq!(parse("0.50 USD"), Some(0.5));
        for bad in ["50", "50USD", "$50", "50 EUR", "-1 USD", " USD", ""] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
