//! The evidence gate over seeded deployments: how many innocent ones it condemns, and how many guilty ones in time.

mod draw;
mod figures;
mod oracle;
mod page;
mod population;
mod properties;
mod tables;
mod watch;
