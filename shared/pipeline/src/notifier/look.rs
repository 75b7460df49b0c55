//! Looking for the message of a writer that died at it: found, it is taken over; not found, it was never sent.

use headroom_core::channel::slack::{self, Found, Sought};
use headroom_core::channel::{Head, Refused, Request, Sending, SlackMethod, Step};
use headroom_core::fleet::{ChannelKind, SecretRef};
use headroom_core::time::Seconds;

use super::deliver::{Outcome, To, refusal};
use super::ports::{Held, Place, Speaker};
use crate::ports::PortError;

/// Pages of messages since the writer began, or of channels: thousands of either.
const PAGES_MAX: u32 = 10;
const PAUSE: Seconds = Seconds(5);

/// `None`: go on with what is remembered now.
pub(super) async fn look<P: Speaker>(
    ports: &P,
    to: To<'_>,
    place: &Place,
    held: Held,
    sending: &Sending,
) -> Result<Option<Outcome>, PortError> {
    let Held { mut thread, revision, .. } = held;
    let ChannelKind::Slack { channel, token } = &to.channel.kind else { return Ok(None) };
    let reply_to = thread.head.as_ref().filter(|_| sending.step == Step::Reply);
    let found = match reply_to {
        Some(head) => message(ports, token, &head.channel, Some(&head.ts), sending).await,
        None => match id(ports, token, channel).await {
            Ok(Some(id)) => message(ports, token, &id, None, sending).await,
            // A channel that is not there holds no message.
            Ok(None) => Ok(None),
            Err(refused) => Err(refused),
        },
    };
    match found {
        Ok(Some(head)) => thread.taken(Some(head)),
        Ok(None) => thread.untaken(),
        // The bot may not look. What was perhaps said is said again: better twice than never (SEMANTICS 30, 2).
        Err(Refused::Never { why }) => {
            tracing::warn!(channel = place.channel, why, "cannot look for a message of unknown fate; sending it again");
            thread.untaken();
        }
        Err(refused) => return Ok(Some(later(ports, token, &refused))),
    }
    ports.keep(place, &thread, revision).await?;
    Ok(None)
}

fn later<P: Speaker>(ports: &P, token: &SecretRef, refused: &Refused) -> Outcome {
    match refused {
        Refused::Later { after, why } => Outcome::later((*after).max(PAUSE), why.clone()),
        Refused::Secret { why } => {
            ports.refused(token);
            Outcome::later(PAUSE, why.clone())
        }
        Refused::Unknown { why } | Refused::Gone { why } | Refused::Shape { why } | Refused::Never { why } => {
            Outcome::later(PAUSE, why.clone())
        }
    }
}

/// The message with the writer's key.
async fn message<P: Speaker>(
    ports: &P,
    token: &SecretRef,
    channel: &str,
    thread: Option<&str>,
    sending: &Sending,
) -> Result<Option<Head>, Refused> {
    let sought = Sought { channel, thread, key: &sending.key, since: sending.since };
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let (method, query) = slack::look(sought, cursor.as_deref());
        match slack::found(&read(ports, token, method, query).await?, sought)? {
            Found::There(head) => return Ok(Some(head)),
            Found::Not => return Ok(None),
            Found::Next(next) => cursor = Some(next),
        }
    }
    Err(Refused::Never { why: format!("more than {PAGES_MAX} pages of messages") })
}

/// The id of a channel: its own, or the one that Slack gives its name.
async fn id<P: Speaker>(ports: &P, token: &SecretRef, channel: &str) -> Result<Option<String>, Refused> {
    if !channel.starts_with('#') {
        return Ok(Some(channel.to_owned()));
    }
    let mut unseen = None;
    for kind in slack::TYPES {
        match id_among(ports, token, channel, kind).await {
            Ok(Some(id)) => return Ok(Some(id)),
            Ok(None) => {}
            Err(Refused::Never { why }) if why == slack::MISSING_SCOPE => unseen = Some(Refused::Never { why }),
            Err(other) => return Err(other),
        }
    }
    unseen.map_or(Ok(None), Err)
}

/// The same among the channels of one type.
async fn id_among<P: Speaker>(
    ports: &P,
    token: &SecretRef,
    channel: &str,
    kind: &str,
) -> Result<Option<String>, Refused> {
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let (method, query) = slack::channels(kind, cursor.as_deref());
        match slack::channel_id(&read(ports, token, method, query).await?, channel)? {
            Found::There(id) => return Ok(Some(id)),
            Found::Not => return Ok(None),
            Found::Next(next) => cursor = Some(next),
        }
    }
    Err(Refused::Never { why: format!("more than {PAGES_MAX} pages of channels") })
}

async fn read<P: Speaker>(
    ports: &P,
    token: &SecretRef,
    method: SlackMethod,
    query: Vec<(&'static str, String)>,
) -> Result<headroom_core::channel::Answer, Refused> {
    let request = Request::SlackRead { token: token.clone(), method, query };
    ports.send(&request).await.map_err(|error| refusal(&error))
}
