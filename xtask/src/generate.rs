//! Files that are made from code, written or compared.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde_json::Value;

use crate::{cloudformation, manifest, metrics, picture, place, reference};

/// What a person runs when a file is stale.
const COMMAND: &str = "cargo build --workspace && target/debug/xtask generate";

/// Why generating or checking failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// Files differ from what the code says.
    #[error("not up to date:\n{0}\nrun: {COMMAND}")]
    Stale(String),
    /// The file system refused.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The picture has nothing to show.
    #[error("docs/thread.svg: {0}")]
    Picture(String),
    /// A value could not be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Every generated file: path from the workspace's root, and content.
fn files() -> Result<Vec<(&'static str, String)>, Failed> {
    let manifest = manifest::manifest();
    let template = cloudformation::template(&manifest);
    Ok(vec![
        ("infra/generated/functions.json", text(&serde_json::to_value(&manifest)?)?),
        ("infra/cloudformation/headroom.template.json", dense(&template, 0)? + "\n"),
        ("docs/metrics.md", metrics::page()),
        ("docs/thread.svg", picture::picture().map_err(Failed::Picture)?),
        ("docs/refusals.md", reference::refusals_page()),
        ("docs/remedies.md", reference::remedies_page()),
        ("docs/rollback-event.schema.json", text(&headroom_core::rollback::event_schema())?),
        ("examples/headroom.schema.json", text(&headroom_core::fleet::json_schema())?),
    ])
}

/// As deep is a template indented: section, resource, its parts, its properties. Indented to the end it is twice as long.
const INDENTED: usize = 4;

/// JSON that is indented so deep, and one line below that.
fn dense(value: &Value, depth: usize) -> Result<String, Failed> {
    let Value::Object(members) = value else { return Ok(serde_json::to_string(value)?) };
    if depth == INDENTED || members.is_empty() {
        return Ok(serde_json::to_string(value)?);
    }
    let inner = " ".repeat(depth + 1);
    let member = |(key, value): (&String, &Value)| {
        Ok(format!("{inner}{}: {}", serde_json::to_string(key)?, dense(value, depth + 1)?))
    };
    let members: Vec<String> = members.iter().map(member).collect::<Result<_, Failed>>()?;
    Ok(format!("{{\n{}\n{}}}", members.join(",\n"), " ".repeat(depth)))
}

/// JSON as it is committed: indented, keys sorted, a line end at the end.
fn text(value: &Value) -> Result<String, Failed> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Writes every file whose content changed.
pub(crate) fn write() -> Result<(), Failed> {
    for (name, content) in files()? {
        let path = place::root().join(name);
        if fs::read_to_string(&path).is_ok_and(|found| found == content) {
            println!("unchanged {name}");
            continue;
        }
        let file = |source| Failed::File { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(file)?;
        }
        fs::write(&path, &content).map_err(file)?;
        println!("written   {name}");
    }
    Ok(())
}

/// Compares every file with what the code says.
pub(crate) fn check() -> Result<(), Failed> {
    let mut stale = Vec::new();
    for (name, content) in files()? {
        match fs::read_to_string(place::root().join(name)) {
            Ok(found) if found == content => println!("up to date {name}"),
            Ok(found) => stale.push(difference(name, &found, &content)),
            Err(problem) => stale.push(format!("  {name}: {problem}")),
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(Failed::Stale(stale.join("\n"))) }
}

/// The first line that differs: enough to see which way the drift went.
fn difference(name: &str, found: &str, wanted: &str) -> String {
    let line = found.lines().zip(wanted.lines()).take_while(|(f, w)| f == w).count();
    let show = |text: &str| text.lines().nth(line).map_or("(the file ends here)", str::trim).to_owned();
    format!("  {name}:{}\n    in the file: {}\n    in the code: {}", line + 1, show(found), show(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_line_is_shown_with_its_number() {
        let said = difference("a.json", "{\n  1\n}\n", "{\n  2\n}\n");
        assert!(
            said.contains("a.json:2") && said.contains("in the file: 1") && said.contains("in the code: 2"),
            "{said}"
        );
    }

    #[test]
    fn a_file_that_is_only_too_short_differs_at_its_end() {
        assert!(difference("a.json", "{\n", "{\n}\n").contains("in the file: (the file ends here)"));
    }

    #[test]
    fn generating_twice_gives_the_same_bytes() {
        assert_eq!(files().unwrap(), files().unwrap());
    }

    #[test]
    fn no_generated_file_exceeds_what_cloudformation_takes_from_a_bucket() {
        for (name, content) in files().unwrap() {
            assert!(!name.contains("cloudformation") || content.len() <= 1_000_000, "{name}: {} bytes", content.len());
        }
    }
}
