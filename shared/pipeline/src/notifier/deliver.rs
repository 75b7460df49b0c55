//! One notice in one channel: look at what is there, write the next call ahead, make it, write down what came of it.
//! Until there is nothing left to do.

use headroom_core::channel::{Ability, Card, LOCK_LENGTH, Next, Refused, Step, Thread, Why};
use headroom_core::fleet::{Channel, ChannelKind, SecretRef};
use headroom_core::time::{Seconds, elapsed};

use super::admit::{Admitted, admit};
use super::ports::{Held, Place, SlackForm, Speaker};
use super::{digest, look, send};
use crate::ports::{PortError, Retry};

/// A notice needs three calls at most (a look, a reply, an edit); more turns are races, and the queue brings it again.
const TURNS_MAX: u32 = 8;
/// What failed for a reason that may pass is tried again no sooner.
const PAUSE: Seconds = Seconds(5);

/// What came of a notice in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// It is there, or need not be.
    Done(Why),
    /// Not yet.
    Later {
        /// Not before so long.
        after: Seconds,
        /// Why, in words that quote nothing.
        why: String,
        /// Whether it only waits for its time: that is no failed attempt.
        waits: bool,
    },
}

impl Outcome {
    pub(super) fn later(after: Seconds, why: impl Into<String>) -> Self {
        Self::Later { after, why: why.into(), waits: false }
    }

    pub(super) fn waits(after: Seconds, why: impl Into<String>) -> Self {
        Self::Later { after, why: why.into(), waits: true }
    }

    fn of(error: &PortError) -> Self {
        Self::later(PAUSE, error.to_string())
    }
}

/// A channel as it can be spoken to.
#[derive(Debug, Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) channel: &'a Channel,
    pub(super) form: SlackForm,
}

impl To<'_> {
    pub(super) fn ability(&self) -> Ability {
        match (&self.channel.kind, self.form) {
            (ChannelKind::Slack { .. }, SlackForm::Bot) => Ability::Thread,
            (ChannelKind::Pagerduty { .. }, _) => Ability::Event,
            (ChannelKind::Slack { .. }, SlackForm::Webhook)
            | (ChannelKind::Email { .. } | ChannelKind::Sns { .. }, _) => Ability::Once,
        }
    }

    fn secret(&self) -> Option<&SecretRef> {
        match &self.channel.kind {
            ChannelKind::Slack { token, .. } => Some(token),
            ChannelKind::Pagerduty { routing_key } => Some(routing_key),
            ChannelKind::Email { .. } | ChannelKind::Sns { .. } => None,
        }
    }
}

/// Delivers a card; `environment` and `zone` name whose minute and whose quiet hours it counts in.
pub(super) async fn deliver<P: Speaker>(
    ports: &P,
    card: &Card,
    channel: &Channel,
    place: Whose<'_>,
    owner: &str,
) -> Outcome {
    let form = match &channel.kind {
        ChannelKind::Slack { token, .. } => match ports.slack_form(token).await {
            Ok(form) => form,
            Err(error) => return Outcome::of(&error),
        },
        ChannelKind::Pagerduty { .. } | ChannelKind::Email { .. } | ChannelKind::Sns { .. } => SlackForm::Bot,
    };
    let to = To { channel, form };
    let mut turn = Turn { plain: false, secret_tried: false };
    for _ in 0..TURNS_MAX {
        match step(ports, card, to, place, owner, &mut turn).await {
            Ok(Some(outcome)) => return outcome,
            Ok(None) => {}
            Err(error) => return Outcome::of(&error),
        }
    }
    Outcome::later(PAUSE, "other deliveries of the same incident came between")
}

/// Whose notice it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) environment: &'a str,
    pub(super) timezone: &'a str,
}

/// What earlier turns of this delivery learned.
struct Turn {
    plain: bool,
    secret_tried: bool,
}

async fn step<P: Speaker>(
    ports: &P,
    card: &Card,
    to: To<'_>,
    whose: Whose<'_>,
    owner: &str,
    turn: &mut Turn,
) -> Result<Option<Outcome>, PortError> {
    let place = Place { incident: card.incident.clone(), channel: to.channel.name.clone() };
    let held = ports.thread(&place).await?;
    if let Some(waiting) = held.thread.held.get(&card.key()).cloned() {
        return digest::hold(ports, card, to, &place, &waiting, owner).await.map(Some);
    }
    let now = ports.now();
    let step = match held.thread.next(card, to.ability(), &held.acks, now) {
        Next::Nothing(why) => return Ok(Some(Outcome::Done(why))),
        Next::Wait(until) => {
            let after = elapsed(now, until).max(PAUSE);
            return Ok(Some(Outcome::later(after, "another delivery of the same incident is at it, or died at it")));
        }
        Next::Look(sending) => return look::look(ports, to, &place, held, &sending).await,
        Next::Remember => {
            let Held { mut thread, revision, .. } = held;
            thread.remember(card);
            let kept = ports.keep(&place, &thread, revision).await?;
            return Ok(kept.then_some(Outcome::Done(Why::NotForThisChannel)));
        }
        Next::Send(step) => step,
    };
    let Held { mut thread, mut revision, .. } = held;
    if step.tells() {
        match admit(ports, card, &thread, to.channel, whose, now).await? {
            Admitted::Own => thread.admitted = thread.admitted.max(card.revision),
            Admitted::Held(waiting) => {
                thread.held.insert(card.key(), waiting);
                let _read_again = ports.keep(&place, &thread, revision).await?;
                return Ok(None);
            }
        }
    }
    thread.begin(card, step, owner, now);
    if !ports.keep(&place, &thread, revision).await? {
        return Ok(None);
    }
    revision += 1;
    made(ports, card, to, &place, (thread, revision), step, turn).await
}

/// Makes the call that was written ahead, and writes down what came of it.
async fn made<P: Speaker>(
    ports: &P,
    card: &Card,
    to: To<'_>,
    place: &Place,
    (thread, revision): (Thread, u64),
    step: Step,
    turn: &mut Turn,
) -> Result<Option<Outcome>, PortError> {
    let refused = match send::send(ports, card, to, &thread, step, turn.plain).await {
        Ok(head) => {
            settle(ports, place, (thread, revision), |thread| thread.taken(head.clone())).await?;
            return Ok(None);
        }
        Err(refused) => refused,
    };
    let outcome = match &refused {
        // It stays written ahead: whoever comes after the lock looks for it first.
        Refused::Unknown { why } => return Ok(Some(Outcome::later(LOCK_LENGTH, why.clone()))),
        Refused::Gone { .. } => None,
        Refused::Shape { .. } if !turn.plain => {
            turn.plain = true;
            None
        }
        Refused::Secret { why } => {
            to.secret().into_iter().for_each(|secret| ports.refused(secret));
            let again = std::mem::replace(&mut turn.secret_tried, true);
            again.then(|| Outcome::later(PAUSE, why.clone()))
        }
        Refused::Later { after, why } => Some(Outcome::later((*after).max(PAUSE), why.clone())),
        Refused::Shape { why } | Refused::Never { why } => Some(Outcome::later(PAUSE, why.clone())),
    };
    let gone = matches!(refused, Refused::Gone { .. });
    settle(ports, place, (thread, revision), |thread| if gone { thread.gone() } else { thread.untaken() }).await?;
    Ok(outcome)
}

/// Writes down what came of a call. A notice of the same incident that a digest tells is written down without waiting for
/// the call: then the call is settled in what is there now, as long as it is the one that was written ahead.
async fn settle<P: Speaker>(
    ports: &P,
    place: &Place,
    (mut thread, mut revision): (Thread, u64),
    settled: impl Fn(&mut Thread),
) -> Result<(), PortError> {
    let sending = thread.sending.clone();
    for _ in 0..TURNS_MAX {
        settled(&mut thread);
        if ports.keep(place, &thread, revision).await? {
            return Ok(());
        }
        Held { thread, revision, .. } = ports.thread(place).await?;
        if thread.sending != sending {
            return Ok(());
        }
    }
    // It stays written ahead: whoever comes after the lock looks for it.
    Ok(())
}

/// A port's failure as a refusal.
pub(super) fn refusal(error: &PortError) -> Refused {
    let why = error.to_string();
    match error.retry {
        Retry::Later => Refused::Later { after: PAUSE, why },
        Retry::Unknown => Refused::Unknown { why },
        Retry::Never => Refused::Never { why },
    }
}
