//! Bounds of a proportion (E. B. Wilson, Journal of the American Statistical Association 22, 1927).

use statrs::distribution::{ContinuousCDF, Normal};

/// 99.9 % of repeated samples have the true share between the bounds (SEMANTICS 8).
const CONFIDENCE: f64 = 0.999;

/// Lower and upper bound of a share of which `rate` was seen in `samples`; 0 and 1 without samples.
pub(super) fn wilson(rate: f64, samples: f64) -> (f64, f64) {
    let Ok(normal) = Normal::new(0.0, 1.0) else { return (0.0, 1.0) };
    let z = normal.inverse_cdf(0.5 + CONFIDENCE / 2.0);
    if !(samples > 0.0 && z.is_finite()) {
        return (0.0, 1.0);
    }
    let scale = 1.0 + z * z / samples;
    let centre = (rate + z * z / (2.0 * samples)) / scale;
    let half = z * (rate * (1.0 - rate) / samples + z * z / (4.0 * samples * samples)).sqrt() / scale;
    ((centre - half).max(0.0), (centre + half).min(1.0))
}
