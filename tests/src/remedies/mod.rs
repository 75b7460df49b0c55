//! Each remedy from its event to what AWS and people see.

mod blocks;
mod by_desired;
mod cost;
pub(crate) mod crew;
mod dependencies;
mod effects;
mod force_new_deployment;
mod notify_only;
mod observed;
mod quota;
mod raise_max;
mod sick_task;
mod stop_task;
mod storms;
mod suggestions;
mod suspend_scale_in;
