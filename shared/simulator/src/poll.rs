//! Runs a flow to its end without a runtime: nothing in the world waits for anything outside of it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A flow makes some dozens of calls, and its streams yield now and then; one that is still not ready hangs.
const POLLS_MAX: u32 = 100_000;

/// Polls until it is ready; `None` when it never is.
pub(crate) fn to_end<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..POLLS_MAX).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    })
}

#[cfg(test)]
mod tests {
    use super::to_end;

    #[test]
    fn a_flow_that_hangs_ends_instead_of_hanging_the_run() {
        assert_eq!(to_end(std::future::ready(7)), Some(7));
        assert_eq!(to_end(std::future::pending::<u8>()), None);
    }
}
