//! Services at their max: the pure parts for any numbers, and the flow in the simulated world.

mod episodes;
mod proposals;
