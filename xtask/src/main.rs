//! The project's own tool: `xtask generate` writes what is made from code, `xtask package` makes the functions' zips.

use std::process::ExitCode;

mod cloudformation;
mod command;
mod generate;
mod manifest;
mod metrics;
mod package;
mod picture;
mod place;
mod reference;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
