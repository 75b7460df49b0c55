//! Pausing, stopping and resuming, over the switches as they are found.

use headroom_core::control::Control;
use headroom_core::person::Switch;

use super::ports::Switches;
use crate::ports::{Clock, Journal, Keys, PortError, Retry};

/// Other people may switch at the same time, this often.
const TRIES: u32 = 5;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switched {
    /// Switched; no plan that is written from now on stands against it.
    Done(Control),
    /// It was so already.
    Already(Control),
}

/// Switches. Twice is once.
///
/// # Errors
/// A port failed, or others switched again and again.
pub async fn switch<P: Clock + Journal + Switches>(ports: &P, what: &Switch, by: &str) -> Result<Switched, PortError> {
    let environment = what.environment();
    for _ in 0..TRIES {
        let keys = Keys { environment: Some(environment.to_owned()), ..Keys::default() };
        let control = ports.load(&keys).await?.control;
        let Some(next) = what.switched(&control, by, ports.now()) else { return Ok(Switched::Already(control)) };
        if ports.switch(environment, &next).await? {
            return Ok(Switched::Done(next));
        }
    }
    let cause = format!("others changed the switches of {environment} {TRIES} times; try again");
    Err(PortError { place: "switches".to_owned(), cause, retry: Retry::Later })
}
