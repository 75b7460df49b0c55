//! The control API under `/_headroom/`: load, deployments, breakage, truth, time, state.

mod advance;
mod health;
mod notices;
mod reply;
mod route;
mod state;
mod truth;

pub use reply::{Reply, Wrong};
pub(crate) use route::repeat;
pub use route::route;
pub(crate) use state::write as write_state;
