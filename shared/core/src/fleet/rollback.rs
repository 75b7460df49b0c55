//! `deployed_within` and `requests_min` of a remedy with `do: rollback`: whom it may blame, and on how much evidence.

use serde::{Deserialize, Serialize};

use crate::time::Seconds;

use super::count;
use super::duration::Range;
use super::node::Fields;
use super::problem::Findings;
use super::schema::{self, Key};

/// The keys, beside `do: rollback` only.
pub(crate) const KEYS: [Key; 2] = [
    Key("deployed_within", "An older deployment is not blamed.", || DEPLOYED_WITHINS.schema_or(DEPLOYED_WITHIN)),
    Key("requests_min", "Fewer requests since the deployment began: inconclusive, and people are asked.", || {
        let schema = count::schema(REQUESTS_LEAST, REQUESTS_MOST, REQUESTS_EXAMPLE);
        schema::or(schema, REQUESTS_MIN.into())
    }),
];
const REQUESTS_EXAMPLE: &str = "requests_min: 500";

/// A deployment that served an hour of traffic without the alarm is unlikely to be its cause.
const DEPLOYED_WITHIN: Seconds = Seconds(60 * 60);
/// At the usual limit of 1 % these are five errors: fewer are an accident as likely as a fault.
const REQUESTS_MIN: u32 = 500;
/// Errors later than a day after a deployment have another cause.
const DEPLOYED_WITHINS: Range = Range { least: "1m", most: "1d", example: "60m" };
/// The gate itself judges nothing on less (SEMANTICS 8); a smaller number would mean nothing.
const REQUESTS_LEAST: u32 = 200;
/// More is never reached within an hour by the services that this is for.
const REQUESTS_MOST: u32 = 1_000_000;

/// When a rollback may blame a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// A deployment created longer ago is not blamed; 1 min to 1 day.
    pub deployed_within: Seconds,
    /// Requests since the deployment began, 200 to 1,000,000; on fewer the verdict is inconclusive and people are asked.
    pub requests_min: u32,
}

impl Rollback {
    /// Reads the keys of a remedy, defaults filled in.
    pub(crate) fn read(fields: &Fields<'_>, f: &mut Findings) -> Self {
        let requests = |n: &_, f: &mut _| count::read(n, f, REQUESTS_LEAST, REQUESTS_MOST, REQUESTS_EXAMPLE);
        Self {
            deployed_within: fields
                .read(f, "deployed_within", |n, f| DEPLOYED_WITHINS.read(n, f))
                .unwrap_or(DEPLOYED_WITHIN),
            requests_min: fields.read(f, "requests_min", requests).unwrap_or(REQUESTS_MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<(u32, u32), Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let fields = node.mapping(&mut f, &KEYS, "").expect("mapping");
        let rollback = Rollback::read(&fields, &mut f);
        if f.problems.is_empty() {
            Ok((rollback.deployed_within.0, rollback.requests_min))
        } else {
            Err(f.problems.into_iter().map(|p| p.path).collect())
        }
    }

    #[test]
    fn blame_has_defaults_and_bounds() {
        assert_eq!(read("{}"), Ok((3_600, 500)));
        assert_eq!(read("{ deployed_within: 2h, requests_min: 200 }"), Ok((7_200, 200)));
        for bad in ["{ requests_min: 199 }", "{ requests_min: \"500\" }", "{ requests_min: 1000001 }"] {
            assert_eq!(read(bad), Err(vec!["requests_min".to_owned()]), "{bad}");
        }
        for bad in ["{ deployed_within: 60 }", "{ deployed_within: 0s }", "{ deployed_within: 2d }"] {
            assert_eq!(read(bad), Err(vec!["deployed_within".to_owned()]), "{bad}");
        }
    }
}
