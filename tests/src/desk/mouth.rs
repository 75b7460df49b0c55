//! What a call of a channel becomes at its far side.

use headroom_core::channel::Request;
use headroom_core::fleet::SecretRef;
use headroom_local::receiver::{Asked, Reply};
use serde_json::json;

use super::Desk;

impl Desk {
    /// The secret's value as it was read last.
    pub(super) fn value(&self, secret: &SecretRef) -> String {
        let name = secret.name().to_owned();
        let fresh = || self.secrets.borrow().get(&name).cloned().unwrap_or_default();
        self.cached.borrow_mut().entry(name.clone()).or_insert_with(fresh).clone()
    }

    pub(super) fn ask(&self, request: &Request) -> Reply {
        match request {
            Request::SlackWrite { token, method, body } => {
                let (path, bearer) = (format!("/slack/api/{}", method.name()), format!("Bearer {}", self.value(token)));
                self.answer(Asked { path: &path, query: &[], authorization: Some(&bearer), body: &body.to_string() })
            }
            Request::SlackRead { token, method, query } => {
                let (path, bearer) = (format!("/slack/api/{}", method.name()), format!("Bearer {}", self.value(token)));
                let query: Vec<(String, String)> = query.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
                self.answer(Asked { path: &path, query: &query, authorization: Some(&bearer), body: "" })
            }
            Request::SlackWebhook { address, body } => {
                let address = self.value(address);
                let path = format!("/slack/services/{}", address.rsplit('/').next().unwrap_or_default());
                self.answer(Asked { path: &path, query: &[], authorization: None, body: &body.to_string() })
            }
            Request::PagerDuty { key, body } => {
                let mut body = body.clone();
                body["routing_key"] = json!(self.value(key));
                let path = "/pagerduty/v2/enqueue";
                self.answer(Asked { path, query: &[], authorization: None, body: &body.to_string() })
            }
            Request::Sns { topic, subject, message, .. } => {
                self.published.borrow_mut().push((topic.clone(), subject.clone(), message.clone()));
                Reply { status: 200, retry_after: None, body: String::new(), slow: false, closes: false }
            }
        }
    }

    /// The receiver's answer now.
    pub fn answer(&self, asked: Asked<'_>) -> Reply {
        let reply = self.workspace.borrow_mut().handle(asked, self.second() * 1_000);
        let mut texts = self.texts.borrow_mut();
        for message in self.workspace.borrow().messages() {
            let now = message.body["text"].as_str().unwrap_or_default();
            let shown = texts.entry(message.ts.clone()).or_default();
            if shown.last().is_none_or(|last| last != now) {
                shown.push(now.to_owned());
            }
        }
        reply
    }
}
