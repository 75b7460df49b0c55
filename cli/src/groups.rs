//! The commands by what they are for, as `headroom --help` lists them.

use clap::{Command, CommandFactory as _};

use crate::Cli;

/// Each command once, in the order in which a person comes to need it.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Look", &["status", "explain", "journal", "report", "doctor"]),
    ("Decide", &["apply", "ack", "undo"]),
    ("Change", &["lease", "baseline", "pause", "resume", "stop", "rollback", "quarantine", "redrive", "stand-down"]),
    ("Plan", &["init", "check", "simulate"]),
    ("Build", &["compile", "schema", "decode", "local", "completion"]),
];

/// The command line, its commands in groups.
pub(crate) fn command() -> Command {
    let command = Cli::command();
    let list = list(&command);
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}Options:\n{{options}}\n\n\
         headroom COMMAND --help has examples, permissions and exit codes. A page woke you: docs/oncall.md\n"
    ))
}

/// Clap knows headings of options only.
fn list(command: &Command) -> String {
    let widest = GROUPS.iter().flat_map(|(_, names)| *names).map(|name| name.len()).fold(0, usize::max);
    let mut out = String::new();
    for (group, names) in GROUPS {
        out.push_str(&format!("{group}:\n"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            out.push_str(&format!("  {name:widest$}  {}\n", about.unwrap_or_default()));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_command_stands_in_one_group() {
        let command = Cli::command();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        let once: BTreeSet<&str> = grouped.iter().copied().collect();
        assert_eq!(once.len(), grouped.len(), "{grouped:?}");
        assert_eq!(once, command.get_subcommands().map(Command::get_name).collect());
    }

    #[test]
    fn every_command_says_in_a_line_what_it_does_and_with_which_exit_codes() {
        fn check(command: &Command, codes_above: bool) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!((10..=110).contains(&about.len()), "{}: {about}", command.get_name());
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let codes = codes_above || after.contains("Exit codes: ");
            let leaf = command.get_subcommands().next().is_none();
            assert!(codes || !leaf, "{} has no exit codes in its help", command.get_name());
            command.get_subcommands().for_each(|sub| check(sub, codes));
        }
        Cli::command().get_subcommands().for_each(|command| check(command, false));
    }

    #[test]
    fn the_help_lists_the_groups_in_order() {
        let help = command().render_help().to_string();
        let found: Vec<Option<usize>> = GROUPS.iter().map(|(group, _)| help.find(&format!("\n{group}:\n"))).collect();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 120), "{help}");
    }
}
