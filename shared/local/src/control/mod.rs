//! The control API under `/_headroom/`: load, deployments, breakage, truth, time, state.

mod advance;
mod breakage;
mod deploy;
mod find;
mod health;
mod load;
mod notices;
mod page;
mod receiver;
mod reply;
mod route;
mod state;
mod truth;

pub use reply::{Reply, Wrong};
pub(crate) use route::repeat;
pub use route::{Asked, route};
pub(crate) use state::write as write_state;
