//! Replays what fuzzing keeps (`fuzz/corpus`), so that CI runs the targets' bodies without a fuzzer.

use std::path::{Path, PathBuf};

use crate::fuzz;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 3] = [("payload", fuzz::payload), ("message", fuzz::message), ("detail", fuzz::detail)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

#[test]
fn every_target_holds_over_its_corpus_and_over_all_others() {
    for (name, _) in TARGETS {
        let folder = root().join("corpus").join(name);
        let files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        assert!(files.len() >= 10, "{}: {} files", folder.display(), files.len());
        for file in files {
            let bytes = std::fs::read(&file).unwrap();
            for (_, target) in TARGETS {
                target(&bytes);
            }
        }
    }
}

#[test]
fn every_target_is_a_file_and_a_line_of_the_manifest() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let text = std::fs::read_to_string(root().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(text.contains(&format!("headroom_tests::fuzz::{name}")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
