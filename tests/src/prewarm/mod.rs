//! Floors that the clock keeps, through the reconciler's minute.

mod crashes;
mod forecast;
mod kept;
mod limits;
mod morning;
mod proof;
mod quiet;
mod targets;
mod week;
