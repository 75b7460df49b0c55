//! Remedies: one file each, and what they share. A remedy says what it must see and what it plans; the guards before
//! it are listed in [`crate::fleet::Action::guards`].

mod class;
mod dispatch;
mod disruption;
pub(crate) mod force_new_deployment;
mod incident;
mod lease;
pub(crate) mod load;
pub(crate) mod money;
pub mod needs;
mod notify_only;
pub(crate) mod raise_max;
pub(crate) mod scale_out;
mod size;
pub(crate) mod stop_task;
pub(crate) mod suspend_scale_in;
pub(crate) mod vcpu;

pub use class::Class;
pub(crate) use dispatch::{in_sight, plan, question};
pub use disruption::{Disruption, Disrupts, Outcome, Sick};
pub use size::{Arithmetic, carried_by, ratio};
pub use stop_task::none_sick;
