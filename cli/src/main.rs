//! `headroom`: the command line.

mod ask;
mod caller;
mod commands;
mod files;
mod groups;
mod history;
mod installed;
mod length;
mod place;
mod prices;
mod progress;
mod table;
mod with;

use std::process::ExitCode;

use clap::{FromArgMatches as _, Parser};

/// Keeps Amazon ECS services inside safe capacity.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let mut line = groups::command();
    let matches = line.get_matches_mut();
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => commands::run(cli.command).finish(),
        Err(error) => error.format(&mut line).exit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `headroom ...` of a page: lines of its code blocks, and what stands between backticks.
    fn commands(page: &str) -> Vec<String> {
        let spans = page.split('`').map(str::trim).filter(|span| !span.contains('\n'));
        let lines = page.lines().map(str::trim);
        let mut found: Vec<String> =
            spans.chain(lines).filter(|text| text.starts_with("headroom ")).map(str::to_owned).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn every_command_of_the_page_for_people_on_call_is_one() {
        let page = include_str!("../../docs/oncall.md");
        let found = commands(page);
        assert!(found.len() > 10, "{found:?}");
        for command in found.iter().filter(|command| command.split(' ').count() > 2) {
            let parsed = Cli::try_parse_from(command.split_whitespace());
            assert!(parsed.is_ok(), "{command}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
        }
    }
}
