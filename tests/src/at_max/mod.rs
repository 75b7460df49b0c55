//! Services at their max: the pure parts for any numbers, and the flow in the simulated world.

mod calls;
mod crashes;
mod episodes;
mod growth;
mod hampered;
mod looks;
mod many;
mod play;
mod proposals;
pub(crate) mod scenarios;
mod suggestions;
mod woken;
