//! What a function is told by its environment.

use crate::start_error::StartError;

/// Names the journal's table.
pub const TABLE: &str = "HEADROOM_TABLE";
/// Names the topic of notices.
pub const TOPIC_ARN: &str = "HEADROOM_TOPIC_ARN";
/// Names the compiled fleet file.
pub const FLEET: &str = "HEADROOM_FLEET";

/// The table when nothing names another.
pub const TABLE_DEFAULT: &str = "headroom";
/// Where the fleet's layer is mounted.
const FLEET_DEFAULT: &str = "/opt/headroom/fleet.json";

/// A function's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The journal's table; `headroom` by default.
    pub table: String,
    /// ARN of the topic of notices; no default, because a notice that goes nowhere is not noticed.
    pub topic_arn: String,
    /// Path of the compiled fleet; `/opt/headroom/fleet.json` by default.
    pub fleet: String,
}

impl Settings {
    /// Reads them from the environment.
    ///
    /// # Errors
    /// A variable without default is not set; the error names it.
    pub fn from_env() -> Result<Self, StartError> {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        Ok(Self {
            table: set(TABLE).unwrap_or_else(|| TABLE_DEFAULT.to_owned()),
            topic_arn: set(TOPIC_ARN)
                .ok_or(StartError::Missing { variable: TOPIC_ARN, meaning: "ARN of the SNS topic of notices" })?,
            fleet: set(FLEET).unwrap_or_else(|| FLEET_DEFAULT.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_topic_is_named_and_the_others_have_defaults() {
        let error = Settings::from(|_| None).unwrap_err().to_string();
        assert!(error.contains("HEADROOM_TOPIC_ARN"), "{error}");
        assert!(Settings::from(|_| Some(String::new())).is_err());
        let settings = Settings::from(|name| (name == TOPIC_ARN).then(|| "arn".to_owned())).unwrap();
        assert_eq!((settings.table.as_str(), settings.fleet.as_str()), ("headroom", "/opt/headroom/fleet.json"));
    }
}
