//! How much more the minutes vary than single requests that fail each by its own chance would.

use super::minute::Minute;

/// How many requests weigh as one, at least 1.
pub(super) fn burstiness(calm: &[Minute]) -> f64 {
    let requests: u64 = calm.iter().map(|m| m.requests).sum();
    let errors: u64 = calm.iter().map(|m| m.errors).sum();
    if calm.len() < 2 || errors == 0 || errors == requests {
        return 1.0;
    }
    let rate = errors as f64 / requests as f64;
    let squares: f64 = calm
        .iter()
        .map(|m| {
            let expected = rate * m.requests as f64;
            (m.errors as f64 - expected).powi(2) / (expected * (1.0 - rate))
        })
        .sum();
    (squares / (calm.len() - 1) as f64).max(1.0)
}
