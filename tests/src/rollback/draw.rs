//! Draws from the distributions of the generator, exact ones, from one stream of seeded randomness.

use headroom_simulator::random::Random;

/// Uniform between two numbers.
pub(super) fn uniform(random: &mut Random, least: f64, most: f64) -> f64 {
    least + (most - least) * random.unit()
}

/// Uniform in the logarithm: as many between 1 and 10 as between 10 and 100.
pub(super) fn log_uniform(random: &mut Random, least: f64, most: f64) -> f64 {
    uniform(random, least.ln(), most.ln()).exp()
}

/// How many of `trials` fail, each with its own chance: one that fails after another after a geometric number of
/// trials (L. Devroye, Non-Uniform Random Variate Generation, 1986, X.4). Costs as many draws as failures.
pub(super) fn binomial(random: &mut Random, trials: u64, chance: f64) -> u64 {
    if chance <= 0.0 {
        return 0;
    }
    if chance > 0.5 {
        return trials - binomial(random, trials, 1.0 - chance);
    }
    let scale = (-chance).ln_1p();
    let (mut failed, mut tried) = (0, 0.0);
    loop {
        tried += ((1.0 - random.unit()).ln() / scale).floor() + 1.0;
        if tried > trials as f64 {
            return failed;
        }
        failed += 1;
    }
}

/// Beta of a mean and a dispersion, the sum of its two shapes: an infinite one is the mean itself.
pub(super) fn beta(random: &mut Random, mean: f64, dispersion: f64) -> f64 {
    if mean <= 0.0 || dispersion.is_infinite() {
        return mean;
    }
    let (failing, passing) = (gamma(random, mean * dispersion), gamma(random, (1.0 - mean) * dispersion));
    failing / (failing + passing)
}

/// Gamma of a shape and scale 1 (G. Marsaglia, W. W. Tsang, A simple method for generating gamma variables, 2000).
fn gamma(random: &mut Random, shape: f64) -> f64 {
    if shape < 1.0 {
        let boosted = gamma(random, shape + 1.0);
        return boosted * (1.0 - random.unit()).powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = random.normal();
        let root = 1.0 + c * x;
        let v = root * root * root;
        if v > 0.0 && (1.0 - random.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

#[test]
fn draws_have_the_mean_and_the_spread_of_their_distributions() {
    let mut random = Random::new(1, 0);
    let mut moments = |draw: &mut dyn FnMut(&mut Random) -> f64| {
        let drawn: Vec<f64> = (0..40_000).map(|_| draw(&mut random)).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        (mean, drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64)
    };
    let near = |(mean, variance): (f64, f64), wanted: (f64, f64)| {
        assert!((mean / wanted.0 - 1.0).abs() < 0.03, "mean {mean} for {}", wanted.0);
        assert!((variance / wanted.1 - 1.0).abs() < 0.06, "variance {variance} for {}", wanted.1);
    };
    near(moments(&mut |r| binomial(r, 1_000, 0.03) as f64), (30.0, 29.1));
    near(moments(&mut |r| binomial(r, 50, 0.9) as f64), (45.0, 4.5));
    near(moments(&mut |r| beta(r, 0.02, 50.0)), (0.02, 0.02 * 0.98 / 51.0));
    let minute = |r: &mut Random| {
        let chance = beta(r, 0.02, 50.0);
        binomial(r, 1_000, chance) as f64
    };
    near(moments(&mut |r| minute(r)), (20.0, 19.6 * (1.0 + 999.0 / 51.0)));
}
