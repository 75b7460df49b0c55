//! How far the reading is, for whoever waits for it.

use std::cell::Cell;

/// So much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// For example `services`.
    pub what: &'static str,
    /// How many were read.
    pub read: usize,
    /// Of how many, when that is known.
    pub of: Option<usize>,
}

/// Counts what several calls read at once.
pub(super) struct Counted<'c> {
    what: &'static str,
    read: Cell<usize>,
    of: Option<usize>,
    tell: &'c dyn Fn(Progress),
}

impl<'c> Counted<'c> {
    pub(super) fn new(what: &'static str, of: Option<usize>, tell: &'c dyn Fn(Progress)) -> Self {
        Self { what, read: Cell::new(0), of, tell }
    }

    /// Adds what one call read.
    pub(super) fn add(&self, read: usize) {
        self.read.set(self.read.get() + read);
        (self.tell)(Progress { what: self.what, read: self.read.get(), of: self.of });
    }
}
