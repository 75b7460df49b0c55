//! Calls of channels; the one place that has a secret's value in its hands.

use aws_sdk_sns::types::MessageAttributeValue;
use headroom_core::channel::{Answer, Attributes, Request};
use headroom_core::fleet::SecretRef;
use headroom_pipeline::notifier::{Channels, SlackForm};
use headroom_pipeline::{PortError, Retry};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::secret::Secret;
use super::speaker::Speaker;
use super::web::{Call, query};
use crate::error::{failed, unusable};

const GET: &str = "secretsmanager GetSecretValue";
const PUBLISH: &str = "sns Publish";
/// What the address of a webhook begins with; a test's or a proxy's may be on this machine.
const WEBHOOKS: [&str; 2] = ["https://", "http://127.0.0.1:"];

impl Channels for Speaker {
    async fn slack_form(&self, secret: &SecretRef) -> Result<SlackForm, PortError> {
        let secret = self.secret(secret).await?;
        let webhook = WEBHOOKS.iter().any(|scheme| secret.reveal().starts_with(scheme));
        Ok(if webhook { SlackForm::Webhook } else { SlackForm::Bot })
    }

    async fn send(&self, request: &Request) -> Result<Answer, PortError> {
        let place = request.to_string();
        let post = |url, bearer, body: String| Call { place: &place, method: "POST", url, bearer, body: Some(body) };
        match request {
            Request::SlackWrite { token, method, body } => {
                let url = format!("{}/api/{}", self.settings.slack_url, method.name());
                let token = self.secret(token).await?;
                self.web.call(post(&url, Some(token.reveal()), body.to_string())).await
            }
            Request::SlackRead { token, method, query: pairs } => {
                let url = format!("{}/api/{}?{}", self.settings.slack_url, method.name(), query(pairs));
                let token = self.secret(token).await?;
                let bearer = Some(token.reveal());
                self.web.call(Call { place: &place, method: "GET", url: &url, bearer, body: None }).await
            }
            Request::SlackWebhook { address, body } => {
                let address = self.secret(address).await?;
                self.web.call(post(address.reveal(), None, body.to_string())).await
            }
            Request::PagerDuty { key, body } => {
                let (url, key) = (format!("{}/v2/enqueue", self.settings.pagerduty_url), self.secret(key).await?);
                let mut body = body.clone();
                body["routing_key"] = json!(key.reveal());
                self.web.call(post(&url, None, body.to_string())).await
            }
            Request::Sns { topic, subject, message, attributes } => {
                let topic = topic.as_deref().unwrap_or(&self.settings.mail_topic_arn);
                self.publish(topic, subject, message, attributes).await
            }
        }
    }

    fn refused(&self, secret: &SecretRef) {
        self.secrets.forget(secret.name());
    }

    fn zone(&self, name: &str) -> Option<TimeZone> {
        TimeZone::get(name).ok()
    }
}

impl Speaker {
    async fn secret(&self, reference: &SecretRef) -> Result<Secret, PortError> {
        let name = reference.name();
        if let Some(secret) = self.secrets.get(name) {
            return Ok(secret);
        }
        let call = self.secretsmanager().get_secret_value().secret_id(name);
        let answer = call.send().await.map_err(|error| {
            // Reading changes nothing: it may be tried again whatever became of it.
            let PortError { cause, retry, .. } = failed(GET, &error);
            let retry = if retry == Retry::Unknown { Retry::Later } else { retry };
            PortError { place: GET.to_owned(), cause, retry }
        })?;
        let text = answer.secret_string().ok_or_else(|| unusable(GET, format!("{reference} holds no text")))?;
        let secret = value(text).ok_or_else(|| unusable(GET, format!("{reference} holds no single value")))?;
        self.secrets.keep(name, secret.clone());
        Ok(secret)
    }

    async fn publish(
        &self,
        topic: &str,
        subject: &str,
        message: &str,
        attributes: &Attributes,
    ) -> Result<Answer, PortError> {
        let mut call = self.aws.sns().publish().topic_arn(topic).subject(subject).message(message);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            call = call.message_attributes(*name, value.map_err(|error| unusable(PUBLISH, error.to_string()))?);
        }
        call.send().await.map_err(|error| failed(PUBLISH, &error))?;
        Ok(Answer { status: 200, retry_after: None, body: String::new() })
    }
}

/// The value itself, or that of the one key of a JSON object, which is how the console writes a secret.
fn value(text: &str) -> Option<Secret> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(keys)) => match keys.values().collect::<Vec<_>>().as_slice() {
            [Value::String(only)] => Some(Secret::new(only)),
            _ => None,
        },
        Ok(_) | Err(_) => Some(Secret::new(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_text_or_the_one_value_of_an_object() {
        assert_eq!(value("xoxb-1").unwrap().reveal(), "xoxb-1");
        assert_eq!(value("{\"token\": \"xoxb-1\"}").unwrap().reveal(), "xoxb-1");
        assert_eq!(value("{\"a\": \"1\", \"b\": \"2\"}"), None);
        assert_eq!(value("0123").unwrap().reveal(), "0123");
    }

    #[test]
    fn time_zones_are_known() {
        assert!(TimeZone::get("Europe/Berlin").is_ok(), "quiet hours would never be quiet");
    }
}
