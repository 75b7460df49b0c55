//! Golden files: what a run prints is compared with a committed text. `UPDATE_GOLDEN=1` rewrites them.

use std::path::PathBuf;

/// Compares with `tests/<path>`; the failure shows the first line that differs.
///
/// # Panics
/// When the text differs, or the file cannot be read.
pub(crate) fn compare(path: &str, printed: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, printed).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    for (n, (expected, printed)) in expected.lines().zip(printed.lines()).enumerate() {
        assert_eq!(expected, printed, "{path}:{} differs (left: the file)", n + 1);
    }
    assert_eq!(expected.lines().count(), printed.lines().count(), "{path}: number of lines");
}

/// Prints a figure of a run past the test harness's capture, so that it is seen in a passing run too.
pub(crate) fn say(figure: &str) {
    use std::io::Write;
    let _shown_or_not = writeln!(std::io::stderr(), "figure  {figure}");
}
