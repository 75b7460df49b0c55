//! What people do from the terminal.

mod apply;
mod leases;
mod switches;
