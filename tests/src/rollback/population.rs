//! Deployments as they may happen: traffic, background errors, how bursty they are, and what the new revision does.

use std::collections::BTreeMap;

use headroom_core::rollback::{Evidence, Numbers, Series};
use headroom_simulator::random::Random;
use jiff::Timestamp;

use super::draw::{beta, binomial, log_uniform, uniform};

/// Of the deployments, how many have calm errors: each request by its own chance, a dispersion without end.
const CALM: f64 = 0.25;
/// The burstiest, and where the range of the drawn dispersions ends: the next is calm.
pub(super) const BURSTIEST: f64 = 50.0;
const LEAST_BURSTY: f64 = 5_000.0;
/// From here on a rise shows within the few minutes that are asked for; below, bursts drown it for any rule
/// (docs/rollback-gate.md).
pub(super) const TELLABLE: f64 = 500.0;
/// Background errors, as a share.
const BACKGROUND_MAX: f64 = 0.02;
/// Requests of a minute vary by so much around the deployment's own number, as a share.
const TRAFFIC_NOISE: f64 = 0.1;
/// From creation to the first request: tasks start and register. Seconds.
const STARTS: (f64, f64) = (60.0, 300.0);
/// Minutes of a deployment: the baseline of half an hour, and an hour from its creation, both with one to spare.
const MINUTES: std::ops::Range<i64> = -31..62;

/// What is drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// Requests per minute, least and most.
    pub(super) traffic: (f64, f64),
    /// The burstiest dispersion that is drawn.
    pub(super) dispersion_min: f64,
    /// Only this dispersion.
    pub(super) dispersion: Option<f64>,
    /// Errors rise to the larger of three times the background and 3 %.
    pub(super) guilty: bool,
}

/// One deployment with all its minutes.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub(super) evidence: Evidence,
    /// When the reconciler looks: so many seconds after each whole minute.
    pub(super) look_second: i64,
}

/// What a deployment is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nature {
    /// Requests per minute.
    pub(super) traffic: f64,
    /// Of its minutes; infinite: calm.
    pub(super) dispersion: f64,
    /// Share of errors before.
    pub(super) background: f64,
    /// Share of errors of a guilty one.
    pub(super) risen: f64,
}

impl Nature {
    pub(super) fn of(range: Range, r: &mut Random) -> Self {
        let traffic = log_uniform(r, range.traffic.0, range.traffic.1);
        let drawn = log_uniform(r, range.dispersion_min, LEAST_BURSTY);
        let drawn = if r.unit() < CALM { f64::INFINITY } else { drawn };
        let dispersion = range.dispersion.unwrap_or(drawn);
        let background = uniform(r, 0.0, BACKGROUND_MAX);
        Self { traffic, dispersion, background, risen: (3.0 * background).max(0.03) }
    }

    /// Requests of a minute, and how many of them fail where so many do on average.
    pub(super) fn minute(self, r: &mut Random, mean: f64) -> (f64, u64) {
        let asked = (self.traffic * uniform(r, 1.0 - TRAFFIC_NOISE, 1.0 + TRAFFIC_NOISE)).round();
        let chance = beta(r, mean, self.dispersion);
        (asked, binomial(r, asked as u64, chance))
    }
}

/// Draws a deployment: the same seed and number, the same deployment.
pub(super) fn deployment(range: Range, seed: u64, number: u64) -> Deployment {
    let mut random = Random::new(seed, number + 1);
    let r = &mut random;
    let nature = Nature::of(range, r);
    let (background, risen) = (nature.background, if range.guilty { nature.risen } else { nature.background });
    // Any whole minute will do.
    let minute = 29_000_000_i64;
    let created = minute * 60 + uniform(r, 0.0, 60.0) as i64;
    let serves = created + uniform(r, STARTS.0, STARTS.1) as i64;
    let (mut requests, mut errors) = (BTreeMap::new(), BTreeMap::new());
    for at in MINUTES.map(|n| (minute + n) * 60) {
        // The share of the minute that the new revision serves.
        let new = ((at + 60 - serves) as f64 / 60.0).clamp(0.0, 1.0);
        let mean = background + (risen - background) * new;
        let (asked, failed) = nature.minute(r, mean);
        requests.insert(at, asked);
        // CloudWatch publishes a count of errors only when there are some.
        if failed > 0 {
            errors.insert(at, failed as f64);
        }
    }
    let at = |second| Timestamp::from_second(second).unwrap();
    let evidence = Evidence {
        created_at: at(created),
        first_traffic: Some(at(serves)),
        now: at(created),
        numbers: Numbers::Together(Series::new(requests, errors)),
    };
    Deployment { evidence, look_second: uniform(r, 0.0, 60.0) as i64 }
}
