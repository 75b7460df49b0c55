//! A function's zip: one executable named `bootstrap`, the same bytes for the same binary.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::{manifest, place};

/// Which build to package.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Profile {
    /// What is deployed
    Release,
    /// What tests and the demo use
    Dev,
}

impl Profile {
    /// Cargo's folder for it.
    fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}

/// Why packaging failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// No such function.
    #[error("no function is called `{asked}`; there are: {known}")]
    Unknown {
        /// What was typed.
        asked: String,
        /// What could have been.
        known: String,
    },
    /// The file system refused; most often the function was not built.
    #[error("{path}: {source}; built with `cargo build --workspace`, or `cargo build --release -p {function}`?")]
    File {
        /// The file.
        path: PathBuf,
        /// The function.
        function: String,
        /// What the system said.
        source: io::Error,
    },
    /// The zip could not be written.
    #[error("{path}: {source}")]
    Zip {
        /// The zip.
        path: PathBuf,
        /// What the library said.
        source: zip::result::ZipError,
    },
}

/// Packages each function and prints what came out.
pub(crate) fn run(profile: Profile, functions: &[String]) -> Result<(), Failed> {
    let known: Vec<String> = manifest::manifest().functions.into_keys().collect();
    for function in functions {
        if !known.contains(function) {
            return Err(Failed::Unknown { asked: function.clone(), known: known.join(", ") });
        }
    }
    for function in functions {
        let zip = place::target().join("lambda").join(format!("{function}.zip"));
        let bytes = package(function, &place::target().join(profile.folder()).join(function), &zip)?;
        println!("{function} {bytes} bytes {}", zip.display());
    }
    Ok(())
}

/// Zips one binary; answers the zip's size in bytes.
fn package(function: &str, binary: &Path, zip: &Path) -> Result<u64, Failed> {
    let failed = |path: &Path, source| Failed::File { path: path.to_path_buf(), function: function.to_owned(), source };
    let zipped = |source| Failed::Zip { path: zip.to_path_buf(), source };
    let content = fs::read(binary).map_err(|e| failed(binary, e))?;
    if let Some(folder) = zip.parent() {
        fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    }
    let mut archive = ZipWriter::new(File::create(zip).map_err(|e| failed(zip, e))?);
    archive.start_file("bootstrap", options()).map_err(zipped)?;
    archive.write_all(&content).map_err(|e| failed(zip, e))?;
    let written = archive.finish().map_err(zipped)?;
    Ok(written.metadata().map_err(|e| failed(zip, e))?.len())
}

/// Executable, and a fixed time (1980, the format's origin), so that the zip depends on the binary alone.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_zip_holds_one_executable_bootstrap_and_depends_on_the_binary_alone() {
        let folder = std::env::temp_dir().join(format!("headroom-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (binary, zip) = (folder.join("function"), folder.join("function.zip"));
        fs::write(&binary, b"#!/bin/sh\n").unwrap();
        let bytes = package("function", &binary, &zip).unwrap();
        let first = fs::read(&zip).unwrap();
        package("function", &binary, &zip).unwrap();
        let second = fs::read(&zip).unwrap();
        let mut archive = zip::ZipArchive::new(File::open(&zip).unwrap()).unwrap();
        let mut entry = archive.by_index(0).unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        let (name, mode) = (entry.name().unwrap().into_owned(), entry.unix_mode());
        drop(entry);
        let entries = archive.len();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((first.len() as u64, &first), (bytes, &second));
        assert_eq!((entries, name.as_str(), mode.map(|m| m & 0o777)), (1, "bootstrap", Some(0o755)));
        assert_eq!(content, "#!/bin/sh\n");
    }

    #[test]
    fn an_unknown_function_is_answered_with_the_known_ones() {
        let said = run(Profile::Dev, &["alarm-handlr".to_owned()]).unwrap_err().to_string();
        assert!(
            said.contains("`alarm-handlr`")
                && said
                    .contains("alarm-handler, error-rate-rollback, max-capacity-notifier, notifier, scheduled-prewarm"),
            "{said}"
        );
    }

    #[test]
    fn a_function_that_was_not_built_is_said_so() {
        let nowhere = Path::new("/nonexistent/alarm-handler");
        let said = package("alarm-handler", nowhere, Path::new("/nonexistent/a.zip")).unwrap_err().to_string();
        assert!(said.contains("cargo build --release -p alarm-handler"), "{said}");
    }
}
