//! One thread for each target: it tries, waits, and tries again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use super::target::Target;

/// Events that wait for a slow target; what does not fit waits in the world's own schedule.
const QUEUE: usize = 256;
/// Lambda tries an asynchronous invocation three times (AWS_FACTS 5); a rule retries for a day. Here a target that is
/// not there for half a minute is not there.
const ATTEMPTS: u32 = 8;
/// First wait; it doubles.
const WAIT: Duration = Duration::from_millis(100);

/// What became of deliveries.
#[derive(Debug, Default)]
pub struct Counts {
    /// Taken by the target.
    pub delivered: AtomicU64,
    /// Tries that failed.
    pub retried: AtomicU64,
    /// Given up after the last try.
    pub given_up: AtomicU64,
}

/// A target's thread.
#[derive(Debug, Clone)]
pub struct Worker {
    queue: SyncSender<String>,
    counts: Arc<Counts>,
}

impl Worker {
    /// Starts it; it ends when the last copy of this value is gone.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn start(target: Target) -> std::io::Result<Self> {
        let (queue, events) = sync_channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let theirs = Arc::clone(&counts);
        thread::Builder::new().name("deliver".to_owned()).spawn(move || work(&target, &events, &theirs))?;
        Ok(Self { queue, counts })
    }

    /// Hands an event over; it comes back when the target is too slow.
    ///
    /// # Errors
    /// The event.
    pub fn hand(&self, event: String) -> Result<(), String> {
        self.queue.try_send(event).map_err(|e| match e {
            TrySendError::Full(event) | TrySendError::Disconnected(event) => event,
        })
    }

    /// What became of deliveries so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}

fn work(target: &Target, events: &Receiver<String>, counts: &Counts) {
    for event in events {
        let mut wait = WAIT;
        for attempt in 1..=ATTEMPTS {
            if target.deliver(&event).is_ok() {
                counts.delivered.fetch_add(1, Ordering::Relaxed);
                break;
            }
            if attempt == ATTEMPTS {
                counts.given_up.fetch_add(1, Ordering::Relaxed);
                break;
            }
            counts.retried.fetch_add(1, Ordering::Relaxed);
            thread::sleep(wait);
            wait *= 2;
        }
    }
}
