//! How much more the minutes vary than requests that fail each by its own chance would.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::minute::Minute;

/// The burstiness is not known but estimated from some 35 minutes; what counts is a limit that it stays under in so
/// many of repeated samples. With the estimate itself the burstiest services are condemned too often, with 90 % fewer
/// guilty deployments are found in time (docs/rollback-gate.md has both figures).
const CONFIDENCE: f64 = 0.8;

/// How many requests weigh as one, at least 1: the upper limit of Pearson's dispersion over windows, of which each has
/// an error rate of its own, so that a rise from one to the next is no burst.
pub(super) fn burstiness(windows: &[&[Minute]]) -> f64 {
    let freedom: usize = windows.iter().map(|minutes| minutes.len().saturating_sub(1)).sum();
    let Ok(distribution) = ChiSquared::new(freedom as f64) else { return 1.0 };
    let squares: f64 = windows.iter().map(|minutes| squares(minutes)).sum();
    (squares / distribution.inverse_cdf(1.0 - CONFIDENCE)).max(1.0)
}

/// Pearson's sum of squares: how far each minute is from the window's rate, in units of what chance explains.
fn squares(minutes: &[Minute]) -> f64 {
    let requests: u64 = minutes.iter().map(|m| m.requests).sum();
    let errors: u64 = minutes.iter().map(|m| m.errors).sum();
    if errors == 0 || errors == requests {
        return 0.0;
    }
    let rate = errors as f64 / requests as f64;
    let square = |m: &Minute| {
        let expected = rate * m.requests as f64;
        let off = m.errors as f64 - expected;
        off * off / (expected * (1.0 - rate))
    };
    minutes.iter().map(square).sum()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn minutes(errors: &[u64]) -> Vec<Minute> {
        errors.iter().map(|errors| Minute { at: Timestamp::UNIX_EPOCH, requests: 1_000, errors: *errors }).collect()
    }

    #[test]
    fn even_minutes_have_none_and_a_lone_or_silent_one_neither() {
        for calm in [minutes(&[10; 30]), minutes(&[0; 30]), minutes(&[1_000; 5]), minutes(&[10]), minutes(&[])] {
            assert_eq!(burstiness(&[&calm]), 1.0);
        }
    }

    /// 15 minutes without and 15 with 20 errors: 30 squares of 100 / 9.9 over the 20 % quantile of chi-squared with
    /// 29 degrees of freedom, 22.475 (tables of the distribution).
    #[test]
    fn minutes_that_come_in_bursts_make_requests_weigh_less() {
        let bursts: Vec<u64> = (0..30).map(|n| if n % 2 == 0 { 0 } else { 20 }).collect();
        let found = burstiness(&[&minutes(&bursts)]);
        assert!((found - 303.030 / 22.475).abs() < 0.001, "{found}");
    }

    #[test]
    fn a_rise_from_one_window_to_the_next_is_no_burst() {
        let (before, after) = (minutes(&[1; 30]), minutes(&[100; 5]));
        assert_eq!(burstiness(&[&before, &after]), 1.0);
        let together: Vec<Minute> = before.iter().chain(&after).copied().collect();
        assert!(burstiness(&[&together]) > 50.0);
    }
}
