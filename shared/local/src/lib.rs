//! The simulated world behind AWS's own HTTP protocols: what `headroom local` serves.
//!
//! A request is decoded by its protocol, drawn a fault for, carried out by an operation on the world, and its answer
//! rendered in the same protocol. The world runs ahead of the wall clock as fast as it is told to; times are mapped
//! where they cross the border. Only `server` knows sockets and the wall clock.

pub mod api;
pub mod app;
pub mod clock;
pub mod control;
pub mod delivery;
pub mod engine;
pub mod failure;
pub mod faults;
pub mod notices;
pub mod operations;
pub mod page;
pub mod place;
pub mod protocol;
pub mod receiver;
pub mod server;
pub mod source;
pub mod state;
pub mod value;
