//! The minute of the function that rolls back: every watch that is due.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt};
use headroom_core::fleet::Fleet;
use headroom_core::time::{Seconds, elapsed};

use super::ports::RollbackPorts;
use super::visit::looked_at;
use crate::ports::PortError;

/// Watches at once: more would only wait for the same table and the same throttle.
const AT_ONCE: usize = 8;
/// No watch is begun after this: the function ends at 30 s, and a begun one takes at most a few.
const TIME_MAX: Seconds = Seconds(20);

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passed {
    /// Watches that were due.
    pub watches: u32,
    /// Left to the next minute for want of time.
    pub left: u32,
    /// Failed, and stay due.
    pub failed: u32,
}

/// Looks at every watch that is due. One that fails stays due and stops no other.
///
/// # Errors
/// The index of what is due could not be read; nothing was done.
pub async fn watch_pass<P: RollbackPorts>(ports: &P, fleet: &Fleet) -> Result<Passed, PortError> {
    let begun = ports.now();
    // In the order of the index, the longest due first: with more than one minute holds, each has its turn.
    let mut seen = BTreeSet::new();
    let due: Vec<_> = ports.watches(begun).await?.into_iter().filter(|key| seen.insert(key.clone())).collect();
    let mut passed = Passed { watches: u32::try_from(due.len()).unwrap_or(u32::MAX), ..Passed::default() };
    let jobs = due.iter().map(|key| async move {
        if elapsed(begun, ports.now()) >= TIME_MAX {
            return (key, None);
        }
        (key, Some(looked_at(ports, fleet, key).await))
    });
    let done: Vec<_> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    for (key, outcome) in done {
        match outcome {
            None => passed.left += 1,
            Some(Ok(())) => {}
            Some(Err(error)) => {
                passed.failed += 1;
                tracing::warn!(%key, %error, "failed; stays due");
            }
        }
    }
    Ok(passed)
}
