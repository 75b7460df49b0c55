//! Notices that real functions send here, instead of to a person.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A page shows so many; older ones are gone.
const KEPT: usize = 200;

/// One notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Second of the world in which it came.
    pub at: i64,
    /// Subject of an SNS message.
    pub subject: Option<String>,
    /// Its message: JSON where it was JSON, text otherwise.
    pub message: Json,
}

/// The newest notices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notices {
    newest: VecDeque<Notice>,
    /// How many came in all.
    pub received: u64,
}

impl Notices {
    /// The newest, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.newest.iter()
    }

    /// Takes what was posted: a message of an SNS HTTP subscription, or any other JSON. Says what became of it.
    ///
    /// # Errors
    /// It is no JSON, or a message of SNS that has no text.
    pub fn post(&mut self, at: i64, json: Json) -> Result<&'static str, String> {
        let (subject, message) = match json.get("Type").and_then(Json::as_str) {
            // A topic of a local AWS needs no confirmation; the address in it may be anywhere and is never called.
            Some("SubscriptionConfirmation" | "UnsubscribeConfirmation") => return Ok("seen, nothing was called"),
            Some("Notification") => {
                let text = json.get("Message").and_then(Json::as_str).ok_or("a notification without Message")?;
                let message = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
                (json.get("Subject").and_then(Json::as_str).map(str::to_owned), message)
            }
            Some(_) | None => (None, json),
        };
        if self.newest.len() == KEPT {
            self.newest.pop_front();
        }
        self.newest.push_back(Notice { at, subject, message });
        self.received += 1;
        Ok("kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_sns_is_taken_out_of_its_envelope_and_other_json_is_kept_as_it_is() {
        let mut notices = Notices::default();
        let envelope = json!({"Type": "Notification", "Subject": "s", "Message": "{\"a\":1}", "TopicArn": "t"});
        assert_eq!(notices.post(7, envelope), Ok("kept"));
        assert_eq!(notices.post(8, json!({"plain": true})), Ok("kept"));
        let kept: Vec<&Notice> = notices.iter().collect();
        assert_eq!((kept[0].subject.as_deref(), &kept[0].message), (Some("s"), &json!({"a": 1})));
        assert_eq!(kept[1].message, json!({"plain": true}));
    }

    #[test]
    fn a_confirmation_calls_nobody_and_is_no_notice() {
        let mut notices = Notices::default();
        let asked = json!({"Type": "SubscriptionConfirmation", "SubscribeURL": "https://example.com/"});
        assert_eq!(notices.post(0, asked), Ok("seen, nothing was called"));
        assert_eq!((notices.iter().count(), notices.received), (0, 0));
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut notices = Notices::default();
        (0..500).for_each(|n| assert_eq!(notices.post(n, json!(n)), Ok("kept")));
        assert_eq!((notices.iter().count(), notices.received), (KEPT, 500));
    }
}
