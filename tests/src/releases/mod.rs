//! Deployments that are watched and taken back, in the simulated world (SEMANTICS 7 to 10, 18, 19).

mod blamed;
mod by_hand;
mod faults;
mod faulty;
pub(crate) mod play;
mod scenes;
mod size;
mod staged;
mod taken_back;
