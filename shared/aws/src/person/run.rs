//! The runtime under a command that waits for its calls.

use tokio::runtime::{Builder, Runtime};

use super::failure::Failure;

/// One thread: a command makes a few calls side by side and is done.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)
}
