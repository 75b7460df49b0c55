//! Loads the compiled fleet, once per sandbox.

use headroom_core::fleet::Fleet;

use crate::settings;
use crate::start_error::StartError;

/// Reads the compiled fleet file.
///
/// # Errors
/// The file cannot be read, or is not a compiled fleet of this release.
pub(crate) fn load(path: &str) -> Result<Fleet, StartError> {
    let failed = |cause| StartError::File { path: path.to_owned(), variable: settings::FLEET, cause };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    Fleet::from_json(&text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_its_variable() {
        let error = load("/nowhere/fleet.json").unwrap_err().to_string();
        assert!(error.contains("/nowhere/fleet.json") && error.contains("HEADROOM_FLEET"), "{error}");
    }
}
