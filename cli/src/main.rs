//! `headroom`: the command line.

mod ask;
mod caller;
mod commands;
mod files;
mod history;
mod length;
mod progress;
mod table;

use std::process::ExitCode;

use clap::Parser;

/// Keeps Amazon ECS services inside safe capacity.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    commands::run(Cli::parse().command).finish()
}
