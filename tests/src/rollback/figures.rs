//! What a population came to.

use super::population::{Range, deployment};
use super::watch::{Came, watch};

/// What each of so many numbers comes to, on all processors; in no order.
pub(super) fn side_by_side<T: Send>(count: usize, each: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (each, share) = (&each, |worker| (worker..count).step_by(workers).map(|n| n as u64));
    std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..workers).map(|w| scope.spawn(move || share(w).map(each).collect::<Vec<_>>())).collect();
        running.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// Counts of one population.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    pub(super) deployments: usize,
    pub(super) inconclusive: usize,
    /// Seconds from the first request to the verdict, of those condemned; in order.
    pub(super) failed: Vec<i64>,
    /// Condemned, but its errors seem to have begun before it.
    pub(super) not_blamed: usize,
}

impl Figures {
    /// Watches `count` deployments, on all processors.
    pub(super) fn of(range: Range, seed: u64, count: usize) -> Self {
        let came = side_by_side(count, |number| watch(deployment(range, seed, number)));
        let mut figures = Self { deployments: count, ..Self::default() };
        for came in came {
            match came {
                Came::Failed { after, began_before } => {
                    figures.failed.push(after);
                    figures.not_blamed += usize::from(began_before);
                }
                Came::Inconclusive => figures.inconclusive += 1,
                Came::Passed => {}
            }
        }
        figures.failed.sort_unstable();
        figures
    }

    /// Those condemned within so many minutes of the first request.
    pub(super) fn within(&self, minutes: i64) -> usize {
        self.failed.iter().filter(|after| **after <= minutes * 60).count()
    }

    /// As a share of all, in percent.
    pub(super) fn percent(&self, of: usize) -> f64 {
        100.0 * of as f64 / self.deployments as f64
    }

    /// The median time to the verdict of those condemned, in minutes.
    pub(super) fn median(&self) -> Option<f64> {
        self.failed.get(self.failed.len() / 2).map(|seconds| *seconds as f64 / 60.0)
    }
}
