//! What a function holds as long as its sandbox lives.

use std::time::{SystemTime, UNIX_EPOCH};

use headroom_core::fleet::Fleet;
use jiff::{SignedDuration, Timestamp};

use crate::aws::Aws;
use crate::fleet;
use crate::settings::Settings;
use crate::speak::{SpeakSettings, Speaker};
use crate::start_error::StartError;
use crate::telemetry::Telemetry;

/// The ports and the fleet, loaded once.
#[derive(Debug)]
pub struct App {
    /// The ports.
    pub aws: Aws,
    /// The compiled fleet.
    pub fleet: Fleet,
    /// The metrics.
    pub telemetry: Telemetry,
}

impl App {
    /// Reads the environment and the fleet file; makes no call.
    ///
    /// # Errors
    /// The environment or the file lacks something; the error names it.
    pub async fn start() -> Result<Self, StartError> {
        let settings = Settings::from_env()?;
        let fleet = fleet::load(&settings.fleet)?;
        Ok(Self { fleet, aws: Aws::start(&settings).await?, telemetry: Telemetry::start()? })
    }
}

/// The same for the notifier.
#[derive(Debug)]
pub struct SpeakingApp {
    /// Its ports.
    pub speaker: Speaker,
    /// The compiled fleet.
    pub fleet: Fleet,
}

impl SpeakingApp {
    /// Reads the environment and the fleet file; makes no call.
    ///
    /// # Errors
    /// The environment or the file lacks something; the error names it.
    pub async fn start() -> Result<Self, StartError> {
        let (settings, speak) = (Settings::from_env()?, SpeakSettings::from_env()?);
        let fleet = fleet::load(&settings.fleet)?;
        Ok(Self { fleet, speaker: Speaker::start(&settings, speak).await? })
    }
}

/// When an invocation that ends at `deadline`, in epoch milliseconds, begins nothing further: `left` before it. Never,
/// when the deadline is no time.
#[must_use]
pub fn until(deadline: u64, left: SignedDuration) -> Timestamp {
    let deadline = i64::try_from(deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    deadline.and_then(|at| at.checked_sub(left).ok()).unwrap_or(Timestamp::MAX)
}

/// Names one attempt of one invocation. Lambda keeps the request id when it tries again, and a lock of the
/// earlier attempt must not be taken for this one's.
#[must_use]
pub fn owner(request_id: &str) -> String {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{request_id}#{nanos}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_attempts_of_one_request_are_two_owners() {
        let first = owner("r");
        std::thread::sleep(std::time::Duration::from_millis(1));
        assert_ne!(first, owner("r"));
        assert!(first.starts_with("r#"));
    }
}
