//! The lead that was learned: how long the batches of a schedule took from the grant to their floor (SEMANTICS 26).

use crate::fleet::Lead;
use crate::time::Seconds;

/// Fewer say nothing about a p95.
pub const SAMPLES_MIN: usize = 20;
/// About a quarter of a year of mornings; older ones speak of another image and another network.
const SAMPLES_MAX: usize = 60;
/// Room over the p95, for the minute of the grant and the minute of the look.
const ROOM: Seconds = Seconds(2 * 60);
/// The least and the longest lead.
const BOUNDS: (Seconds, Seconds) = (Seconds(2 * 60), Seconds(60 * 60));

/// The lead of a schedule, with the seconds that its batches took, oldest first.
#[must_use]
pub fn lead_of(lead: Lead, samples: &[u32]) -> Seconds {
    match lead {
        Lead::Fixed { length } => length,
        Lead::Learned { .. } if samples.len() >= SAMPLES_MIN => {
            let longest = p95(samples).saturating_add(ROOM.0);
            Seconds(longest).clamp(BOUNDS.0, BOUNDS.1)
        }
        Lead::Learned { fallback } => fallback,
    }
}

/// The nearest rank: a sample that was really there.
fn p95(samples: &[u32]) -> u32 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * 95).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// Adds a batch; one that never came to its floor counts with its age, or a p95 would shrink as things get worse.
pub(crate) fn learn(samples: &mut Vec<u32>, took: Seconds) {
    samples.push(took.0);
    let old = samples.len().saturating_sub(SAMPLES_MAX);
    samples.drain(..old);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEARNED: Lead = Lead::Learned { fallback: Seconds(600) };

    #[test]
    fn under_twenty_batches_the_fixed_lead_holds() {
        assert_eq!(lead_of(LEARNED, &[60; 19]), Seconds(600));
        assert_eq!(lead_of(LEARNED, &[60; 20]), Seconds(180));
        assert_eq!(lead_of(Lead::Fixed { length: Seconds(300) }, &[60; 40]), Seconds(300));
    }

    #[test]
    fn the_slowest_twentieth_decides_and_the_lead_keeps_its_bounds() {
        let mut samples: Vec<u32> = (1..=40).map(|n| n * 10).collect();
        assert_eq!(lead_of(LEARNED, &samples), Seconds(380 + 120), "rank 38 of 40");
        samples[39] = 36_000;
        assert_eq!(lead_of(LEARNED, &samples), Seconds(380 + 120));
        assert_eq!(lead_of(LEARNED, &[36_000; 20]), Seconds(3_600), "batches that never came count with their age");
        assert_eq!(lead_of(LEARNED, &[0; 20]), Seconds(120));
    }

    #[test]
    fn old_batches_are_forgotten() {
        let mut samples = vec![1; SAMPLES_MAX];
        learn(&mut samples, Seconds(2));
        assert_eq!((samples.len(), samples.last()), (SAMPLES_MAX, Some(&2)));
    }
}
