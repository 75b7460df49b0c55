//! What several commands take: a service, what changes something, what lists.

use std::path::PathBuf;

use clap::Args;
use headroom_core::fleet::{Fleet, Service};

use crate::ask::ChangeOptions;
use crate::commands::Outcome;
use crate::history::TableOptions;
use crate::place;

/// Options of every command that changes something.
#[derive(Debug, Args)]
pub(crate) struct With {
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    pub(crate) fleet: PathBuf,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

/// One service.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Environment, as the fleet file names it
    pub(crate) environment: String,
    /// Service, as the fleet file names it
    pub(crate) service: String,
}

/// Options of a command that lists what the tables remember of services.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Environment, as the fleet file names it; left out: all of them
    environment: Option<String>,
    /// Service, as the fleet file names it; left out: all of them
    service: Option<String>,
    /// Print JSON, one line each
    #[arg(long)]
    pub(crate) json: bool,
    /// The fleet file
    #[arg(long, default_value = "headroom.yaml")]
    fleet: PathBuf,
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

impl Listing {
    /// The fleet file.
    pub(crate) fn fleet(&self) -> Result<Fleet, Outcome> {
        place::fleet(&self.fleet)
    }

    /// The services that are meant, by environment in the fleet file's order, each with its Region: every Region has a table
    /// of its own.
    pub(crate) fn by_environment<'a>(&self, fleet: &'a Fleet) -> Result<Vec<(&'a str, Vec<&'a Service>)>, Outcome> {
        let services = place::services(fleet, self.environment.as_deref(), self.service.as_deref())?;
        let of = |name: &str| services.iter().copied().filter(|s| s.environment == name).collect::<Vec<_>>();
        let all = fleet.environments.iter().map(|e| (e.region.as_str(), of(&e.name)));
        Ok(all.filter(|(_, services)| !services.is_empty()).collect())
    }
}
