//! Watching deployments, and taking back the bad one (SEMANTICS 7 to 10, 18, 19).

mod act;
mod alarm;
mod condemned;
mod context;
mod follow;
mod pass;
mod ports;
mod proposed;
mod quarantined;
mod visit;
mod wake;
mod write;

pub use alarm::on_error_alarm;
pub use pass::{Passed, watch_pass};
pub use ports::{Releases, RollbackPorts};
pub use quarantined::{Released, quarantined, release_quarantined};
pub use wake::{Woken, on_deployment};
