//! What people do from the terminal.

mod apply;
mod baseline;
mod leases;
mod switches;
