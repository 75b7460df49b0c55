//! Lengths of time and percentages of a plan.

use std::time::Duration;

/// No client waits longer; a longer delay is a connection that hangs.
const LONGEST: Duration = Duration::from_secs(600);

/// `200ms`, `2s`, `5m`, `1h`.
pub(super) fn length(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let seconds = match unit {
        "ms" => number / 1_000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// `200ms..2s` or `1s`.
pub(super) fn range(text: &str) -> Option<(Duration, Duration)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (length(from)?, length(to)?);
    (from <= to && to <= LONGEST).then_some((from, to))
}

/// `10%` as a share.
pub(super) fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}
