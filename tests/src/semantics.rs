//! Each rule of SEMANTICS that this release keeps has a test that is named for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rules: those that come first, then by number. Rules 7 to 10 and 19 are the rollback's, 25 to 29 those of the clock,
/// the switch, the notices and the permissions.
const RULES: [&str; 22] = [
    "a", "b", "c", "d", "e", "1", "2", "3", "4", "5", "6", "11", "12", "13", "16", "17", "18", "20", "21", "22", "23",
    "24",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn each_rule_has_a_test_that_is_named_for_it() {
    let mut files = Vec::new();
    sources(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let text: String = files.iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    let named: BTreeSet<&str> =
        text.split("fn semantics_").skip(1).filter_map(|rest| rest.split_once('_')).map(|(rule, _)| rule).collect();
    let missing: Vec<&str> = RULES.into_iter().filter(|rule| !named.contains(rule)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
