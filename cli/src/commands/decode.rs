//! `headroom decode`: what is this event, whom does it concern, and if it is none: why?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use headroom_core::decoded::{Decoded, tell};
use headroom_core::fleet::Fleet;
use headroom_core::signal::{PAYLOAD_BYTES_MAX, receive_bytes};
use serde::Serialize;

use super::Outcome;
use crate::files;

/// Decode events: the signal, its key facts, whom it concerns, its case; or why it is none.
///
/// Offline, from the content of each file alone. Folders are walked in sorted order, without hidden files and pipes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom decode alarm.json                          one line: what it is, and by what it would be matched
  headroom decode alarm.json --fleet headroom.yaml    the service and the remedy that it wakes, and the case
  headroom decode dead-letters/ --json                one JSON object a line, for programs

Exit codes: 0 every file was read, whatever was in it; 1 the fleet file is not right; 2 a file cannot be read.")]
pub(crate) struct Decode {
    /// Files, or folders of files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The fleet file to match with
    #[arg(long)]
    fleet: Option<PathBuf>,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// One line of JSON.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: String,
    /// 1-based, of a file with several records.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(flatten)]
    decoded: &'a Decoded,
}

impl Decode {
    /// Decodes.
    pub(crate) fn run(&self) -> Outcome {
        self.decoded().unwrap_or_else(|outcome| outcome)
    }

    fn decoded(&self) -> Result<Outcome, Outcome> {
        let fleet = match &self.fleet {
            Some(path) => Some(files::fleet(path, None)?.map_err(|p| Outcome::no(files::problems(&p)))?.fleet),
            None => None,
        };
        let mut outcome = Outcome::done(String::new());
        let mut found = Vec::new();
        for path in &self.paths {
            walk(path, &mut found, &mut outcome);
        }
        for path in &found {
            self.file(path, fleet.as_ref(), &mut outcome);
        }
        Ok(outcome)
    }

    fn file(&self, path: &Path, fleet: Option<&Fleet>, outcome: &mut Outcome) {
        // One byte more than AWS delivers shows that there is more; the rest needs not be read.
        let mut bytes = Vec::new();
        let limit = u64::try_from(PAYLOAD_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        if let Err(error) = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
            return unreadable(path, &error, outcome);
        }
        let received = receive_bytes(&bytes);
        for (n, record) in received.iter().enumerate() {
            let index = (received.len() > 1).then_some(n + 1);
            outcome.out.push_str(&self.line(path, index, &tell(record, fleet)));
            outcome.out.push('\n');
        }
    }

    fn line(&self, path: &Path, index: Option<usize>, decoded: &Decoded) -> String {
        let file = path.display().to_string();
        match (self.json, index) {
            (true, index) => serde_json::to_string(&Line { file, index, decoded }).unwrap_or_default(),
            (false, Some(index)) => format!("{file}[{index}]  {decoded}"),
            (false, None) => format!("{file}  {decoded}"),
        }
    }
}

/// Files of a path in sorted order; what cannot be read is said and the rest goes on.
fn walk(path: &Path, found: &mut Vec<PathBuf>, outcome: &mut Outcome) {
    if !path.is_dir() {
        found.push(path.to_owned());
        return;
    }
    let listed = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => return unreadable(path, &error, outcome),
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, hidden) = (entry.path(), entry.file_name().to_string_lossy().starts_with('.'));
        // A link to a folder may lead back to where it stands.
        let linked_folder = path.is_symlink() && path.is_dir();
        // Reading a pipe or a device waits for whoever writes it. What cannot be looked at is told when it is read.
        let waits = std::fs::metadata(&path).is_ok_and(|what| !what.is_file() && !what.is_dir());
        if !hidden && !linked_folder && !waits {
            walk(&path, found, outcome);
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error, outcome: &mut Outcome) {
    outcome.err.push_str(&format!("cannot read {}: {error}\n", path.display()));
    outcome.code = 2;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn decode(paths: &[&str], fleet: Option<&str>, json: bool) -> Outcome {
        let paths = paths.iter().map(|p| repository().join(p)).collect();
        Decode { paths, fleet: fleet.map(|f| repository().join(f)), json }.run()
    }

    const ALARM: &str = "tests/fixtures/alarms/cpu_high.json";
    const FLEET: &str = "examples/langfuse/headroom.yaml";

    #[test]
    fn an_event_is_told_in_one_line_with_its_match_and_its_case() {
        let outcome = decode(&[ALARM], Some(FLEET), false);
        assert_eq!((outcome.code, outcome.out.lines().count()), (0, 1), "{outcome:?}");
        assert!(outcome.out.contains("prod-eu-web-cpu-high OK -> ALARM"), "{}", outcome.out);
        assert!(outcome.out.contains("prod-eu/web cpu-high, mode"), "{}", outcome.out);
    }

    #[test]
    fn what_is_no_event_is_told_with_the_reason_and_is_no_failure() {
        let outcome = decode(&[FLEET], None, false);
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
        assert!(outcome.out.contains("  none  payload is not json"), "{}", outcome.out);
    }

    #[test]
    fn a_file_that_cannot_be_read_fails_and_the_others_are_told() {
        let outcome = decode(&["no/such/file.json", ALARM], None, false);
        assert_eq!((outcome.code, outcome.out.lines().count(), outcome.err.lines().count()), (2, 1, 1));
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_a_folder_is_passed_over() {
        let folder = std::env::temp_dir().join(format!("headroom-decode-socket-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.join("a.sock")).unwrap();
        std::fs::write(folder.join("b.json"), "{}").unwrap();
        std::os::unix::fs::symlink(folder.join("nowhere"), folder.join("c.json")).unwrap();
        let outcome = Decode { paths: vec![folder.clone()], fleet: None, json: false }.run();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((outcome.code, outcome.out.lines().count()), (2, 1), "{outcome:?}");
        assert!(outcome.err.contains("c.json") && !outcome.err.contains("a.sock"), "{}", outcome.err);
    }

    #[test]
    fn the_name_of_a_file_and_its_folder_say_nothing() {
        let folder = std::env::temp_dir().join(format!("headroom-decode-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut files = Vec::new();
        walk(&repository().join("tests/fixtures/events"), &mut files, &mut Outcome::done(String::new()));
        assert!(files.len() > 100);
        for (n, file) in files.iter().enumerate() {
            let names = ["alarm.json", "x", "ECS Task State Change.txt", "sns.json.bak", "é.json"];
            let elsewhere = folder.join(format!("{}-{}", n * 7_919 % 1_000, names[n % names.len()]));
            std::fs::copy(file, &elsewhere).unwrap();
            let said = |path: &PathBuf| {
                let fleet = Some(repository().join(FLEET));
                let outcome = Decode { paths: vec![path.clone()], fleet, json: false }.run();
                assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
                outcome.out.replace(&path.display().to_string(), "FILE")
            };
            assert_eq!(said(file), said(&elsewhere), "{}", file.display());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_is_walked_in_order_and_every_line_of_json_is_an_object() {
        let outcome = decode(&["tests/fixtures/seen", "tests/fixtures/alarms"], None, true);
        let lines: Vec<serde_json::Value> =
            outcome.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.len() >= 2 && lines.iter().all(|l| l["file"].is_string() && l["facts"].is_string()));
        assert_eq!(lines.last().map(|l| &l["signal"]), Some(&serde_json::json!("alarm")));
    }
}
