//! What every command that changes something takes.

use std::path::PathBuf;

use clap::Args;

use crate::ask::ChangeOptions;
use crate::history::TableOptions;

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
