//! A plan and a question before any change; without a terminal only `--yes` answers it.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;

use crate::commands::Outcome;

/// Whose word it is, and whether it is asked for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Changing")]
pub(crate) struct ChangeOptions {
    /// Your name, for the journal and the others on call; else HEADROOM_USER, USER or LOGNAME
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Say what it would do, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Longer names are cut: they stand in lists.
const NAME_CHARS_MAX: usize = 40;
const NAMES: [&str; 4] = ["HEADROOM_USER", "USER", "LOGNAME", "USERNAME"];

impl ChangeOptions {
    /// The person's name.
    pub(crate) fn name(&self) -> Result<String, Outcome> {
        let found = self.by.clone().into_iter().chain(NAMES.iter().filter_map(|name| std::env::var(name).ok()));
        let mut names = found.map(|name| clean(&name)).filter(|name| !name.is_empty());
        names.next().ok_or_else(|| Outcome::failed("who are you? --by NAME says it to the journal\n".to_owned()))
    }

    /// One run of one person: two of them are two writers.
    pub(crate) fn owner(name: &str) -> String {
        format!("{name}/{}/{}", std::process::id(), crate::history::now().as_millisecond())
    }

    /// Shows the plan and asks; ends the command unless the answer is yes.
    pub(crate) fn confirmed(&self, plan: &str) -> Result<(), Outcome> {
        if self.dry_run {
            return Err(Outcome::done(plan.to_owned()));
        }
        confirmed(plan, self.yes)
    }
}

fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect::<String>().trim().to_owned()
}

/// Asks; ends the command unless the answer is yes.
pub(crate) fn confirmed(plan: &str, yes: bool) -> Result<(), Outcome> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Outcome::failed(format!("{plan}nothing was done: no terminal to ask; say --yes\n")));
    }
    let mut asked = std::io::stderr();
    let _shown = write!(asked, "{plan}do it? [y/N] ").and_then(|()| asked.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        (Ok(_) | Err(_), _) => Err(Outcome::no("nothing was done\n".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_short() {
        assert_eq!(clean("  ana\n\u{1b}[31m "), "ana[31m");
        assert_eq!(clean(&"a".repeat(99)).len(), NAME_CHARS_MAX);
    }

    #[test]
    fn without_a_terminal_only_yes_answers() {
        assert!(confirmed("plan\n", true).is_ok());
        if !std::io::stdin().is_terminal() {
            let refused = confirmed("plan\n", false).expect_err("no terminal");
            assert!(refused.code == 2 && refused.err.contains("--yes"), "{refused:?}");
        }
    }
}
