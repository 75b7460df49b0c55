//! What no rule can do better: a likelihood-ratio test that is told the truth.
//!
//! Whatever rule condemns within seven minutes decides by the minutes until then. Of all rules that condemn at most a given
//! share of the innocent, the one that condemns most of the guilty compares the ratio of the two likelihoods with one
//! threshold (J. Neyman, E. S. Pearson, Philosophical Transactions A 231, 1933); with traffic, dispersion and both error
//! rates known and drawn alike for both, that ratio is the one given them. So this test is told all four, needs no minute
//! of a baseline, and spends its whole budget of false alarms on one look. A rule that knows less, or looks again, finds
//! fewer at the same budget.

use headroom_simulator::random::Random;

use super::draw::uniform;
use super::figures::side_by_side;
use super::population::{Nature, Range};
use super::tables::IN_TIME;

/// Seven minutes touch no more minutes of the clock than these.
pub(super) const MINUTES_MAX: usize = 8;
/// As the gate has it (SEMANTICS 8). Seconds.
const UNSETTLED: i64 = 120;

/// Minutes that are seen of a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// So many.
    Minutes(usize),
    /// The whole ones, less those that are not settled, at the last look within seven minutes: three or four.
    AsLooked,
}

/// Logarithms of the likelihood ratio of many guilty deployments.
pub(super) struct Oracle {
    drawn: Vec<Ratios>,
}

/// Of one deployment.
#[derive(Debug, Clone, Copy)]
struct Ratios {
    /// After 1, 2, ... minutes.
    after: [f64; MINUTES_MAX],
    as_looked: usize,
}

impl Ratios {
    fn of(self, seen: Seen) -> f64 {
        let minutes = match seen {
            Seen::Minutes(minutes) => minutes,
            Seen::AsLooked => self.as_looked,
        };
        self.after[minutes - 1]
    }
}

impl Oracle {
    /// Draws `count` guilty deployments.
    pub(super) fn of(range: Range, seed: u64, count: usize) -> Self {
        Self { drawn: side_by_side(count, |number| ratios(range, seed, number, true)) }
    }

    /// The share of the guilty that is found when so small a share of the innocent is condemned, and the threshold of the
    /// logarithm.
    ///
    /// How many innocent ones are over a threshold follows from the guilty ones, each counted with its inverse ratio
    /// (D. Siegmund, The Annals of Statistics 4, 1976): the expectation over one density is that over the other, times
    /// their quotient.
    pub(super) fn found(&self, seen: Seen, condemned: f64) -> (f64, f64) {
        let mut ratios: Vec<f64> = self.drawn.iter().map(|ratios| ratios.of(seen)).collect();
        ratios.sort_by(|one, other| other.total_cmp(one));
        let all = ratios.len() as f64;
        let mut innocent = 0.0;
        for (number, ratio) in ratios.iter().enumerate() {
            innocent += (-ratio).exp() / all;
            if innocent > condemned {
                return (number as f64 / all, *ratio);
            }
        }
        (1.0, f64::NEG_INFINITY)
    }
}

fn ratios(range: Range, seed: u64, number: u64, guilty: bool) -> Ratios {
    let r = &mut Random::new(seed, number + 1);
    let nature = Nature::of(range, r);
    let as_looked = looked(uniform(r, 0.0, 60.0) as i64, uniform(r, 0.0, 60.0) as i64);
    let mut sum = 0.0;
    let after = std::array::from_fn(|_| {
        let (asked, failed) = nature.minute(r, if guilty { nature.risen } else { nature.background });
        sum += log_likelihood(asked, failed as f64, nature.risen, nature.dispersion)
            - log_likelihood(asked, failed as f64, nature.background, nature.dispersion);
        sum
    });
    Ratios { after, as_looked }
}

/// Minutes that the last look in time sees, when the first request comes in this second of its minute and looks come in
/// that one of theirs.
fn looked(first: i64, look: i64) -> usize {
    let last = (look..=first + IN_TIME * 60).step_by(60).last().unwrap();
    let settled = last - last % 60 - UNSETTLED;
    ((settled - (first + 59) / 60 * 60) / 60) as usize
}

/// Of so many errors among so many requests, without the number of ways, which cancels out in a ratio.
fn log_likelihood(asked: f64, failed: f64, mean: f64, dispersion: f64) -> f64 {
    if dispersion.is_infinite() {
        return failed * mean.ln() + (asked - failed) * (-mean).ln_1p();
    }
    let (failing, passing) = (mean * dispersion, (1.0 - mean) * dispersion);
    ln_gamma(failed + failing) - ln_gamma(failing) + ln_gamma(asked - failed + passing) - ln_gamma(passing)
}

/// Logarithm of the gamma function of a positive number: Stirling's series (M. Abramowitz, I. Stegun, Handbook of
/// Mathematical Functions, 1964, 6.1.41), from where its first terms are exact to ten digits.
fn ln_gamma(x: f64) -> f64 {
    if x < 10.0 {
        return ln_gamma(x + 1.0) - x.ln();
    }
    let square = x * x;
    (x - 0.5) * x.ln() - x
        + 0.5 * std::f64::consts::TAU.ln()
        + (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1_260.0 - 1.0 / (1_680.0 * square)) / square) / square) / x
}

#[cfg(test)]
mod tests {
    use super::super::tables::GUILTY;
    use super::*;

    #[test]
    fn the_logarithm_of_gamma_is_that_of_factorials_and_of_the_root_of_pi() {
        let mut factorial = 0.0;
        for n in 1..200 {
            assert!((ln_gamma(f64::from(n)) - factorial).abs() < 1e-9 * (1.0 + factorial), "{n}");
            factorial += f64::from(n).ln();
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-9);
    }

    /// The chances of all counts of errors add up to 1, so the ratio is one of densities.
    #[test]
    fn likelihoods_of_all_counts_add_up() {
        let asked = 200.0;
        for (mean, dispersion) in [(0.01, 50.0), (0.03, 500.0), (0.06, f64::INFINITY)] {
            let chance = |failed: u32| {
                let failed = f64::from(failed);
                let ways = ln_gamma(asked + 1.0) - ln_gamma(failed + 1.0) - ln_gamma(asked - failed + 1.0);
                let whole = if f64::is_infinite(dispersion) { 0.0 } else { norm(asked, dispersion) };
                (ways + log_likelihood(asked, failed, mean, dispersion) + whole).exp()
            };
            let sum: f64 = (0..=200).map(chance).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{mean} {dispersion}: {sum}");
        }
    }

    /// What does not depend on the mean, and cancels out in a ratio too.
    fn norm(asked: f64, dispersion: f64) -> f64 {
        ln_gamma(dispersion) - ln_gamma(asked + dispersion)
    }

    #[test]
    fn three_or_four_minutes_are_settled_at_the_last_look_in_time() {
        assert_eq!([looked(30, 29), looked(30, 30), looked(30, 31), looked(1, 59), looked(59, 1)], [4, 4, 3, 3, 4]);
        assert_eq!(looked(0, 0), 5, "a first request on the minute");
    }

    /// Innocent ones drawn and counted, against the share that follows from the guilty ones.
    #[test]
    fn the_budget_of_false_alarms_is_kept_by_innocent_deployments_that_are_drawn() {
        for dispersion in [50.0, 150.0] {
            let range = Range { dispersion: Some(dispersion), ..GUILTY };
            let (_, threshold) = Oracle::of(range, 1, 4_000).found(Seen::Minutes(5), 0.002);
            let innocent = side_by_side(25_000, |number| ratios(range, 2, number, false).of(Seen::Minutes(5)));
            let condemned = innocent.iter().filter(|ratio| **ratio > threshold).count();
            // 50 are expected; three standard deviations of the count, and as much of the estimate.
            assert!((25..=80).contains(&condemned), "{dispersion}: {condemned} of 25,000");
        }
    }
}
