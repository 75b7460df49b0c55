//! Seeded randomness: the same seed gives the same numbers.

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). Good enough for
/// start times and noise; not for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for each purpose, so that one more draw in one place changes no other.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed ^ stream.wrapping_mul(0xD134_2543_DE82_EF95));
        let _warm_up = random.next();
        random
    }

    /// The next 64 bits.
    #[expect(clippy::should_implement_trait, reason = "endless: an Option on every draw would only be unwrapped")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0 (included) to 1 (excluded).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Where lengths of time come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lengths {
    /// Uniform between two whole numbers of seconds, both included; equal ones are a fixed length.
    Uniform {
        /// Seconds.
        least: u32,
        /// Seconds.
        most: u32,
    },
    /// Log-normal: what image pulls look like, with a long tail.
    LogNormal {
        /// Half are shorter. Seconds.
        median: f64,
        /// One in twenty is longer. Seconds.
        p95: f64,
    },
}

/// The standard normal's 95 % quantile.
const NORMAL_P95: f64 = 1.644_853_626_951_472_2;
/// No task takes longer to start; bounds the tail of the log-normal.
const SECONDS_MAX: f64 = 3_600.0;

impl Lengths {
    /// Draws one, in whole seconds.
    pub fn draw(self, random: &mut Random) -> u32 {
        match self {
            Self::Uniform { least, most } => {
                let span = f64::from(most.saturating_sub(least)) + 1.0;
                least + (random.unit() * span) as u32
            }
            Self::LogNormal { median, p95 } => {
                let sigma = (p95 / median).ln().max(0.0) / NORMAL_P95;
                (median * (sigma * random.normal()).exp()).clamp(0.0, SECONDS_MAX).round() as u32
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_stream_others() {
        let draw = |seed, stream| {
            let mut random = Random::new(seed, stream);
            [random.next(), random.next()]
        };
        assert_eq!(draw(7, 1), draw(7, 1));
        assert_ne!(draw(7, 1), draw(7, 2));
        assert_ne!(draw(7, 1), draw(8, 1));
    }

    #[test]
    fn start_times_follow_their_stated_distribution() {
        let mut random = Random::new(1, 1);
        let uniform = Lengths::Uniform { least: 40, most: 60 };
        let drawn: Vec<u32> = (0..2_000).map(|_| uniform.draw(&mut random)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&40), Some(&60)));
        let tail = Lengths::LogNormal { median: 45.0, p95: 90.0 };
        let mut drawn: Vec<u32> = (0..4_000).map(|_| tail.draw(&mut random)).collect();
        drawn.sort_unstable();
        assert!((43..=47).contains(&drawn[2_000]), "median {}", drawn[2_000]);
        assert!((84..=96).contains(&drawn[3_800]), "p95 {}", drawn[3_800]);
    }
}
