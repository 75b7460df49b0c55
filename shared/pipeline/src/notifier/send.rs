//! The call of a step in a channel, and what its answer says.

use headroom_core::channel::pagerduty::Event;
use headroom_core::channel::{
    Answer, Card, Head, Refused, Request, SlackMethod, Step, Thread, amazon_q, email, pagerduty, slack,
};
use headroom_core::fleet::ChannelKind;

use super::deliver::{To, refusal};
use super::ports::{SlackForm, Speaker};

/// Makes the call; where the message is, for a channel that has places.
pub(super) async fn send<P: Speaker>(
    ports: &P,
    card: &Card,
    to: To<'_>,
    thread: &Thread,
    step: Step,
    plain: bool,
) -> Result<Option<Head>, Refused> {
    let request = request(card, to, thread, step, plain);
    let answer = ports.send(&request).await.map_err(|error| refusal(&error))?;
    read(&request, &answer)
}

fn request(card: &Card, to: To<'_>, thread: &Thread, step: Step, plain: bool) -> Request {
    let name = to.channel.name.as_str();
    match (&to.channel.kind, to.form) {
        (ChannelKind::Slack { token, .. }, SlackForm::Webhook) => {
            Request::SlackWebhook { address: token.clone(), body: slack::webhook(card, plain) }
        }
        (ChannelKind::Slack { channel, token }, SlackForm::Bot) => {
            let (method, body) = match (step, &thread.head) {
                (Step::Reply, Some(head)) => (SlackMethod::Post, slack::reply(card, head, plain)),
                (Step::Edit, Some(head)) => (SlackMethod::Update, slack::update(card, head, plain)),
                (_, _) => (SlackMethod::Post, slack::post(card, channel, plain)),
            };
            Request::SlackWrite { token: token.clone(), method, body }
        }
        (ChannelKind::Pagerduty { routing_key }, _) => {
            let event = step.event().unwrap_or(Event::Trigger);
            Request::PagerDuty { key: routing_key.clone(), body: pagerduty::body(card, event) }
        }
        (ChannelKind::Email { .. }, _) => email::mail(card, name),
        (ChannelKind::Sns { topic }, _) => amazon_q::message(card, name, topic),
    }
}

fn read(request: &Request, answer: &Answer) -> Result<Option<Head>, Refused> {
    match request {
        Request::SlackWrite { .. } | Request::SlackRead { .. } => slack::read(answer).map(Some),
        Request::SlackWebhook { .. } => slack::read_webhook(answer).map(|()| None),
        Request::PagerDuty { .. } => pagerduty::read(answer).map(|()| None),
        // The SDK has read the answer: it is a failure of the port, or it was taken.
        Request::Sns { .. } => Ok(None),
    }
}
