//! Capacity: bounds, the leases that claim them, and the state from which both are kept.

mod bounds;
mod change;
mod grant;
mod keep;
mod lease;
mod prove;
mod spend;
mod state;

pub use bounds::{Bounds, intended};
pub use change::{Change, changes};
pub use grant::{Grant, granted, registered, repeated, reserved, woken};
pub use keep::{
    BREAKER_LIMIT, BREAKER_RESTS, Held, Pass, PassInput, Remark, breaker_open, gone, held_by_person, keep, unlocked,
};
pub use lease::{Claimed, Ended, Lease, Overridden, REGISTER_AGE};
pub(crate) use spend::with;
pub use spend::{Added, cost, of_usd, task_seconds, to_usd};
pub use state::{Caused, Kept, LOCK_LENGTH, Lock, Member, Misses, ServiceState, State};
