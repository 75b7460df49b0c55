//! What people see of it, as text.

use headroom_core::channel::slack::seen;

use super::pagerduty::Standing;
use super::workspace::Workspace;

impl Workspace {
    /// Each channel's threads, oldest first, then the alerts.
    #[must_use]
    pub fn people(&self) -> String {
        let mut text = String::new();
        for message in self.messages.iter().filter(|m| m.thread.is_none()) {
            let name = self.channels.get(&message.channel).map_or(message.channel.as_str(), String::as_str);
            let edited = match message.edits {
                0 => String::new(),
                n => format!(" (edited {n} times)"),
            };
            text.push_str(&format!("Slack #{name}{edited}\n{}", indented(&seen(&message.body), "  ")));
            for reply in self.messages.iter().filter(|m| m.thread.as_ref() == Some(&message.ts)) {
                text.push_str(&format!(
                    "  in its thread, and in the channel\n{}",
                    indented(&seen(&reply.body), "    ")
                ));
            }
        }
        for alert in self.alerts.values() {
            let standing = match alert.standing {
                Standing::Triggered => "triggered",
                Standing::Acknowledged => "acknowledged",
                Standing::Resolved => "resolved",
            };
            text.push_str(&format!("PagerDuty {standing}, {}: {}\n", alert.severity, alert.summary));
        }
        text
    }
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}
