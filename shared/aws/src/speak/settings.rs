//! What the notifier is told by its environment beside what every function is.

use crate::start_error::StartError;

/// Names the topic of mail.
pub const MAIL_TOPIC_ARN: &str = "HEADROOM_MAIL_TOPIC_ARN";
/// Names the queue behind the topic of notices.
pub const QUEUE: &str = "HEADROOM_QUEUE";
/// Names the queue of dead letters.
pub const DEAD_LETTERS: &str = "HEADROOM_DEAD_LETTERS";
/// Where Slack's Web API is: GovSlack has another address.
pub const SLACK_URL: &str = "HEADROOM_SLACK_URL";
/// Where PagerDuty's Events API is: its EU region has another address.
pub const PAGERDUTY_URL: &str = "HEADROOM_PAGERDUTY_URL";

const QUEUE_DEFAULT: &str = "headroom-notices";
const DEAD_LETTERS_DEFAULT: &str = "headroom-dead-letters";
const SLACK_DEFAULT: &str = "https://slack.com";
const PAGERDUTY_DEFAULT: &str = "https://events.pagerduty.com";

/// The notifier's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakSettings {
    /// ARN of the topic of mail; no default, because a mail that goes nowhere is not noticed.
    pub mail_topic_arn: String,
    /// Name of the queue.
    pub queue: String,
    /// Name of the queue of dead letters.
    pub dead_letters: String,
    /// Without a `/` at its end.
    pub slack_url: String,
    /// Without a `/` at its end.
    pub pagerduty_url: String,
}

impl SpeakSettings {
    /// Reads them from the environment.
    ///
    /// # Errors
    /// A variable without default is not set, or an address is none; the error names it.
    pub fn from_env() -> Result<Self, StartError> {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let or = |name, usual: &str| set(name).unwrap_or_else(|| usual.to_owned());
        Ok(Self {
            mail_topic_arn: set(MAIL_TOPIC_ARN)
                .ok_or(StartError::Missing { variable: MAIL_TOPIC_ARN, meaning: "ARN of the SNS topic of mail" })?,
            queue: or(QUEUE, QUEUE_DEFAULT),
            dead_letters: or(DEAD_LETTERS, DEAD_LETTERS_DEFAULT),
            slack_url: or(SLACK_URL, SLACK_DEFAULT).trim_end_matches('/').to_owned(),
            pagerduty_url: or(PAGERDUTY_URL, PAGERDUTY_DEFAULT).trim_end_matches('/').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_topic_must_be_named_and_the_rest_has_defaults() {
        assert!(SpeakSettings::from(|_| None).unwrap_err().to_string().contains(MAIL_TOPIC_ARN));
        let settings = SpeakSettings::from(|name| (name == MAIL_TOPIC_ARN).then(|| "arn".to_owned())).unwrap();
        assert_eq!(settings.slack_url, "https://slack.com");
        let eu =
            |name: &str| Some(if name == PAGERDUTY_URL { "https://events.eu.pagerduty.com/" } else { "x" }.to_owned());
        assert_eq!(SpeakSettings::from(eu).unwrap().pagerduty_url, "https://events.eu.pagerduty.com");
    }
}
