//! The commands, one file each; and how every command ends.

mod ack;
mod apply;
mod baseline;
mod check;
mod compile;
mod completion;
mod decode;
mod doctor;
mod explain;
mod init;
mod journal;
mod lease;
mod local;
mod quarantine;
mod redrive;
mod report;
mod rollback;
mod schema;
mod simulate;
mod stand_down;
mod status;
mod switches;
mod undo;

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

/// What a person can ask for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ack(ack::Ack),
    Apply(apply::Apply),
    Baseline(baseline::Baseline),
    Check(check::Check),
    Compile(compile::Compile),
    Completion(completion::Completion),
    Decode(decode::Decode),
    Doctor(doctor::Doctor),
    #[command(visible_alias = "why")]
    Explain(explain::Explain),
    Init(init::Init),
    Journal(journal::Journal),
    Lease(lease::Lease),
    Local(local::Local),
    Quarantine(quarantine::Quarantine),
    Redrive(redrive::Redrive),
    Report(report::Report),
    Pause(switches::Pause),
    Resume(switches::Resume),
    Rollback(rollback::Rollback),
    Schema(schema::Schema),
    Simulate(simulate::Simulate),
    StandDown(stand_down::StandDown),
    Status(status::Status),
    Stop(switches::Stop),
    Undo(undo::Undo),
}

/// Runs a command.
pub(crate) fn run(command: Command) -> Outcome {
    match command {
        Command::Ack(command) => command.run(),
        Command::Apply(command) => command.run(),
        Command::Baseline(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Compile(command) => command.run(),
        Command::Completion(command) => command.run(),
        Command::Decode(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Journal(command) => command.run(),
        Command::Lease(command) => command.run(),
        Command::Local(command) => command.run(),
        Command::Quarantine(command) => command.run(),
        Command::Redrive(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Pause(command) => command.run(),
        Command::Resume(command) => command.run(),
        Command::Rollback(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::StandDown(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Stop(command) => command.run(),
        Command::Undo(command) => command.run(),
    }
}

/// How a command ended: what it prints, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// For standard output.
    pub(crate) out: String,
    /// For standard error.
    pub(crate) err: String,
    /// 0 done, 1 the answer is no, 2 could not try.
    pub(crate) code: u8,
}

impl Outcome {
    /// Done.
    pub(crate) fn done(out: String) -> Self {
        Self { out, err: String::new(), code: 0 }
    }

    /// The answer is no; the reasons are an error.
    pub(crate) fn no(err: String) -> Self {
        Self { out: String::new(), err, code: 1 }
    }

    /// Could not try: a file that cannot be read, a name that does not exist.
    pub(crate) fn failed(err: String) -> Self {
        Self { out: String::new(), err, code: 2 }
    }

    /// Prints it. A reader that has gone away (`| head`) is no failure.
    pub(crate) fn finish(self) -> ExitCode {
        let printed = std::io::stdout()
            .write_all(self.out.as_bytes())
            .and_then(|()| std::io::stderr().write_all(self.err.as_bytes()));
        match printed {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::from(2),
            Ok(()) | Err(_) => ExitCode::from(self.code),
        }
    }
}
