//! `headroom completion`: what a shell needs to complete commands and options.

use clap::Args;
use clap_complete::Shell;

use super::Outcome;
use crate::groups;

/// Print a script that completes commands and options in a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(headroom completion bash)
  headroom completion zsh > ~/.zfunc/_headroom
  headroom completion fish > ~/.config/fish/completions/headroom.fish

Exit codes: 0 printed, 2 no such shell.")]
pub(crate) struct Completion {
    /// The shell
    shell: Shell,
}

impl Completion {
    /// Prints it.
    pub(crate) fn run(&self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut groups::command(), "headroom", &mut script);
        Outcome::done(String::from_utf8_lossy(&script).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn each_shell_gets_a_script_that_knows_commands_and_options() {
        for shell in Shell::value_variants() {
            let script = Completion { shell: *shell }.run().out;
            for word in ["stand-down", "dry-run"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
