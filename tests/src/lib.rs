//! End-to-end suites through the pipeline: a small world in memory behind the five ports, and what must hold
//! in it. One crate, so that there is one test binary.

pub mod desk;
pub mod fleets;
pub mod fuzz;
pub mod world;

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod at_max;
#[cfg(test)]
mod calendar;
#[cfg(test)]
mod captured;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod events;
#[cfg(test)]
mod explained;
#[cfg(test)]
mod fleet_files;
#[cfg(test)]
mod forecast;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod harms;
#[cfg(test)]
mod history;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod night;
#[cfg(test)]
mod notifier;
#[cfg(test)]
mod people;
#[cfg(test)]
mod person;
#[cfg(test)]
mod prewarm;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod releases;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod report;
#[cfg(test)]
mod rollback;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod semantics;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod status;
#[cfg(test)]
mod sweeps;
#[cfg(test)]
mod telemetry;
