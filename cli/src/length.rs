//! Lengths of time on the command line.

use headroom_core::fleet::parse_duration;
use headroom_core::time::Seconds;

/// A minute is the least that the reconciler can tell; a month is longer than anybody remembers.
const LEAST: Seconds = Seconds(60);
const MOST: Seconds = Seconds(30 * 86_400);

/// Reads `30m`, `2h`, `7d`.
pub(crate) fn length(text: &str) -> Result<Seconds, String> {
    let found = parse_duration(text).filter(|length| (LEAST..=MOST).contains(length));
    found.ok_or_else(|| format!("{text} is no length of time from 1m to 30d: 30m, 2h or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_its_unit_and_its_limits() {
        assert_eq!(length("2h"), Ok(Seconds(7_200)));
        for wrong in ["2", "59s", "31d", "h", ""] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }
}
