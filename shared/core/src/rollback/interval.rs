//! Bounds of a proportion (E. B. Wilson, Journal of the American Statistical Association 22, 1927).

use statrs::distribution::{ContinuousCDF, Normal};

/// 99.9 % of repeated samples have the true share between the bounds (SEMANTICS 8).
const CONFIDENCE: f64 = 0.999;

/// Lower and upper bound of a share of which `rate` was seen in `samples`; 0 and 1 without samples.
pub(super) fn wilson(rate: f64, samples: f64) -> (f64, f64) {
    if samples <= 0.0 {
        return (0.0, 1.0);
    }
    let z = Normal::standard().inverse_cdf(0.5 + CONFIDENCE / 2.0);
    let scale = 1.0 + z * z / samples;
    let centre = (rate + z * z / (2.0 * samples)) / scale;
    let half = z * (rate * (1.0 - rate) / samples + z * z / (4.0 * samples * samples)).sqrt() / scale;
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wilson's formula worked elsewhere, with z = 3.290527.
    #[test]
    fn semantics_8_bounds_are_wilsons_at_99_9_percent() {
        for (errors, samples, lower, upper) in
            [(30.0, 1_000.0, 0.016_675, 0.053_393), (0.0, 30_000.0, 0.0, 0.000_361), (50.0, 50.0, 0.821_996, 1.0)]
        {
            let (l, u) = wilson(errors / samples, samples);
            assert!((l - lower).abs() < 1e-6 && (u - upper).abs() < 1e-6, "{errors} of {samples}: {l} to {u}");
        }
    }

    #[test]
    fn nothing_seen_bounds_nothing() {
        assert_eq!(wilson(0.0, 0.0), (0.0, 1.0));
    }
}
