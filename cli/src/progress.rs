//! How far a long reading is, on standard error.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, Instant};

use headroom_aws::inventory::Progress;

/// A line of progress is for whoever waits, not for each page.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// Says on standard error how far it is, now and then.
pub(crate) struct Reporter {
    said: Cell<Instant>,
}

impl Reporter {
    /// From now on.
    pub(crate) fn new() -> Self {
        Self { said: Cell::new(Instant::now()) }
    }

    /// So much was read.
    pub(crate) fn told(&self, progress: Progress) {
        if self.said.get().elapsed() < TOLD_EVERY {
            return;
        }
        match progress.of {
            Some(of) => self.say(&format!("{} read: {} of {of}", progress.what, progress.read)),
            None => self.say(&format!("{} read: {}", progress.what, progress.read)),
        }
    }

    /// A line at once.
    pub(crate) fn say(&self, line: &str) {
        self.said.set(Instant::now());
        // Nobody may be there to read it.
        let _told = writeln!(std::io::stderr(), "{line}");
    }
}
