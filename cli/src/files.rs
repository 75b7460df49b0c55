//! Files of the command line: fleet files in, results out.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use headroom_core::fleet::{self, Parsed, Problem, Source};

use crate::commands::Outcome;

/// Reads a file as text; what goes wrong ends the command.
pub(crate) fn text(path: &Path) -> Result<String, Outcome> {
    std::fs::read_to_string(path).map_err(|error| Outcome::failed(format!("cannot read {}: {error}\n", path.display())))
}

/// Writes a file; what goes wrong ends the command.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Outcome> {
    std::fs::write(path, text).map_err(|error| Outcome::failed(format!("cannot write {}: {error}\n", path.display())))
}

/// Writes a file that is not there yet, also when somebody makes it meanwhile.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Outcome> {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return Outcome::failed(format!("{} is there already; --force replaces it\n", path.display()));
        }
        Outcome::failed(format!("cannot write {}: {error}\n", path.display()))
    })
}

/// Reads a fleet file with the calendars that it names, and an overrides file, if there is one.
pub(crate) fn fleet(path: &Path, overrides: Option<&Path>) -> Result<Result<Parsed, Vec<Problem>>, Outcome> {
    let fleet_text = text(path)?;
    let overrides_text = overrides.map(text).transpose()?;
    let name = path.display().to_string();
    let overrides_name = overrides.map(|path| path.display().to_string()).unwrap_or_default();
    let over = overrides_text.as_deref().map(|text| Source { name: &overrides_name, text });
    let mut read = fleet::read(Source { name: &name, text: &fleet_text }, over);
    if let Ok(parsed) = &mut read {
        let folder = path.parent().unwrap_or(Path::new(""));
        let calendar = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        let wrong = parsed.fleet.read_holidays(calendar).err();
        if let Some(wrong) = wrong {
            return Err(Outcome::failed(format!("{}: {}\n", path.display(), wrong.join("\n"))));
        }
    }
    Ok(read)
}

/// All problems as a person reads them.
pub(crate) fn problems(list: &[Problem]) -> String {
    let mut out = String::new();
    for problem in list {
        let _ = writeln!(out, "{problem}\n");
    }
    let _ = writeln!(out, "{} {}", list.len(), if list.len() == 1 { "problem" } else { "problems" });
    out
}
