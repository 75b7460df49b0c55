//! Why a function cannot start.

/// Says which variable or file is at fault.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable that must be set is not, or is empty.
    #[error("environment variable {variable} is not set: {meaning}")]
    Missing {
        /// Its name.
        variable: &'static str,
        /// What it should hold.
        meaning: &'static str,
    },
    /// A file cannot be used.
    #[error("{path} (from {variable}): {cause}")]
    File {
        /// The path.
        path: String,
        /// The variable that names it.
        variable: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// The trust store was refused.
    #[error("tls: {0}")]
    Tls(String),
    /// Metrics cannot be kept.
    #[error("metrics: {0}")]
    Metrics(String),
}
