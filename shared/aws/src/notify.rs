//! Tells people: one publish per notice.

use aws_sdk_sns::types::MessageAttributeValue;
use headroom_core::channel::email::subject;
use headroom_core::notice::Notice;
use headroom_pipeline::{Notify, PortError};
use serde_json::json;

use crate::aws::Aws;
use crate::error::{failed, unusable};
use crate::permission::{Permission, Resource};

/// What telling may call.
pub const PERMISSIONS: &[Permission] = &[Permission {
    sid: "PublishNotices",
    actions: &["sns:Publish"],
    on: Resource::Topic,
    mutates_fleet: false,
    reason: "a notice is published for people and their channels",
}];

const PLACE: &str = "sns Publish";

impl Notify for Aws {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        let mut call = self
            .sns()
            .publish()
            .topic_arn(self.topic_arn())
            .message_structure("json")
            .message(message(notice))
            .subject(subject(&notice.title));
        for (name, value) in attributes(notice) {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            call = call.message_attributes(name, value.map_err(|error| unusable(PLACE, error.to_string()))?);
        }
        call.send().await.map(|_published| ()).map_err(|error| failed(PLACE, &error))
    }
}

/// The chat form for every protocol, plain text for e-mail.
fn message(notice: &Notice) -> String {
    json!({ "default": notice.chat().to_string(), "email": notice.text() }).to_string()
}

/// What subscriptions can filter by.
fn attributes(notice: &Notice) -> [(&'static str, String); 5] {
    [
        ("severity", notice.severity.name().to_owned()),
        ("kind", notice.kind.name().to_owned()),
        ("phase", notice.phase().name().to_owned()),
        ("service", notice.service.clone()),
        ("incident", notice.incident.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_core::id::DecisionId;
    use headroom_core::notice::{Kind, Severity};
    use serde_json::Value;

    #[test]
    fn e_mail_reads_text_and_everyone_else_the_chat_form() {
        let notice = Notice {
            incident: "prod-eu/web/cpu/1".to_owned(),
            kind: Kind::Opened,
            revision: 1,
            severity: Severity::Warn,
            service: "prod-eu/web".to_owned(),
            decision: DecisionId("D-00000".to_owned()),
            title: "prod-eu/web: minimum 2 -> 3".to_owned(),
            lines: vec![("Done".to_owned(), "min 2 -> 3".to_owned())],
            quoted: Vec::new(),
        };
        let message: Value = serde_json::from_str(&message(&notice)).unwrap();
        assert_eq!(message["email"].as_str(), Some(notice.text().as_str()));
        let chat: Value = serde_json::from_str(message["default"].as_str().unwrap()).unwrap();
        assert_eq!(chat["source"], "custom");
        assert_eq!(attributes(&notice)[0], ("severity", "warn".to_owned()));
    }
}
