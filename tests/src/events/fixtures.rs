//! The fixtures of `tests/fixtures/events`, a folder for each source.

use std::path::{Path, PathBuf};

use headroom_core::fleet::{self, Fleet};
use serde_json::Value;

/// The fleet that the fixtures' names come from.
pub(super) const FLEET: &str = "examples/langfuse/headroom.yaml";

/// One file.
pub(super) struct Fixture {
    /// `ecs_task/not_selected/running.json`.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// Its content.
    pub(super) event: Value,
}

impl Fixture {
    /// The folder of its source.
    pub(super) fn folder(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// Whether it is of its source and lacks what a decision needs.
    pub(super) fn malformed(&self) -> bool {
        self.name.contains("/malformed/")
    }

    /// Whether its source's pattern leaves it out on purpose.
    pub(super) fn left_out(&self) -> bool {
        self.name.contains("/not_selected/")
    }
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/events")
}

pub(super) fn langfuse() -> Fleet {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FLEET);
    fleet::parse(&std::fs::read_to_string(path).unwrap(), FLEET).unwrap()
}

/// Every fixture, in sorted order.
pub(super) fn all() -> Vec<Fixture> {
    let mut names = Vec::new();
    walk(&root(), &mut names);
    let root = root();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let event = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Fixture { name: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), text, event }
    };
    let fixtures: Vec<Fixture> = names.into_iter().map(read).collect();
    assert!(fixtures.len() >= 80, "{} fixtures", fixtures.len());
    fixtures
}

/// Files with this name's end below a folder, sorted by path.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "json") && path.parent() != Some(&root()) {
            files.push(path);
        }
    }
}

/// The folder of a source: its name in lower case, spaces as underscores.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().replace('\'', "").replace(' ', "_")
}
