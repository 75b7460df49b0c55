//! What can be asked on the command line.

use clap::{Parser, Subcommand};

use crate::package::Profile;
use crate::{generate, package};

/// The project's own tool; build it with `cargo build --workspace`, run it as `target/debug/xtask`.
#[derive(Debug, Parser)]
#[command(name = "xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the files that are made from code: the manifest of the functions, the CloudFormation template, the JSON Schema, the page of metrics
    Generate {
        /// Writes nothing; fails and names the first differing line of each file that is not up to date
        #[arg(long)]
        check: bool,
    },
    /// Zips built functions as Lambda wants them, into target/lambda/FUNCTION.zip
    Package {
        /// Which build to take
        #[arg(long, value_enum, default_value = "release")]
        profile: Profile,
        /// Functions by their short names, for example alarm-handler
        #[arg(required = true, value_name = "FUNCTION")]
        functions: Vec<String>,
    },
}

/// Why a command failed: a sentence for the person who typed it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// `generate` failed.
    #[error(transparent)]
    Generate(#[from] generate::Failed),
    /// `package` failed.
    #[error(transparent)]
    Package(#[from] package::Failed),
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> Result<(), Failed> {
    match Arguments::parse().command {
        Command::Generate { check: true } => generate::check()?,
        Command::Generate { check: false } => generate::write()?,
        Command::Package { profile, functions } => package::run(profile, &functions)?,
    }
    Ok(())
}
