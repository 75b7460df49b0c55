//! What is on the desk, the queue, and what goes wrong.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending, poll_fn};
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use headroom_core::channel::Ack;
use headroom_core::fleet::Fleet;
use headroom_core::notice::Notice;
use headroom_local::receiver::{Message, Workspace};
use headroom_pipeline::notifier::{Handled, Place, Record, Speaker, notify};
use headroom_pipeline::{PortError, Retry};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::world::Fault;

/// A message that nobody said anything of is visible again after so long.
const VISIBILITY: i64 = 180;
/// A queue that is not empty after so many batches never will be.
const BATCHES_MAX: u32 = 5_000;
const BATCH: usize = 10;
/// So long after its begin an invocation begins nothing more.
const INVOCATION: i64 = 20;

/// The token of a bot.
pub const BOT: &str = "xoxb-CANARY-of-a-bot-token";
/// The address of an incoming webhook.
pub const HOOK: &str = "https://hooks.slack.com/services/T0/B0/CANARYhook";
/// A routing key.
pub const ROUTING: &str = "CANARYkeyCANARYkeyCANARYkeyCANAR";

/// A message in the queue.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub(super) record: Record,
    pub(super) visible: i64,
}

/// The ports.
#[derive(Debug, Default)]
pub struct Desk {
    now: Cell<i64>,
    pub(super) threads: RefCell<BTreeMap<Place, (String, u64)>>,
    pub(super) sets: RefCell<BTreeMap<String, BTreeSet<String>>>,
    pub(super) acks: RefCell<Vec<Ack>>,
    /// The far side of Slack's and PagerDuty's calls.
    pub workspace: RefCell<Workspace>,
    /// What each message has shown, in order.
    pub texts: RefCell<BTreeMap<String, Vec<String>>>,
    /// Topic, subject and message of what was published.
    pub published: RefCell<Vec<(Option<String>, String, String)>>,
    pub(super) secrets: RefCell<BTreeMap<String, String>>,
    pub(super) cached: RefCell<BTreeMap<String, String>>,
    pub(super) queue: RefCell<Vec<Queued>>,
    /// Body and reason of the dead letters.
    pub dead: RefCell<Vec<(String, String)>>,
    /// The one time zone that is known.
    pub zone: RefCell<Option<TimeZone>>,
    fault: Cell<Option<(u32, Fault)>>,
    died: Cell<bool>,
    stepping: Cell<bool>,
    calls: Cell<u32>,
    sent: Cell<u64>,
}

impl Desk {
    /// An empty one at a second.
    #[must_use]
    pub fn new(now: i64) -> Self {
        let desk = Self::default();
        desk.now.set(now);
        for (name, value) in [("headroom/slack", BOT), ("headroom/pagerduty", ROUTING)] {
            desk.secret(name, value);
        }
        desk
    }

    /// Sets a secret.
    pub fn secret(&self, name: &str, value: &str) {
        self.secrets.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Now.
    pub fn second(&self) -> i64 {
        self.now.get()
    }

    /// Sets the clock.
    pub fn set_second(&self, second: i64) {
        self.now.set(second);
    }

    /// When an invocation that begins now begins nothing more.
    pub fn until(&self) -> Timestamp {
        Timestamp::from_second(self.now.get() + INVOCATION).unwrap_or_default()
    }

    /// A person's word.
    pub fn ack(&self, ack: Ack) {
        self.acks.borrow_mut().push(ack);
    }

    /// This call, counted from the first, goes wrong.
    pub fn fail_at(&self, call: u32, fault: Fault) {
        self.fault.set(Some((call, fault)));
    }

    /// Whether the fault came to pass.
    pub fn healed(&self) -> bool {
        self.fault.get().is_none()
    }

    /// From now on each call of the table and of a channel waits for one more poll before it takes effect.
    pub fn step_by_step(&self, stepping: bool) {
        self.stepping.set(stepping);
    }

    /// A notice as the topic's subscription delivers it.
    pub fn put(&self, notice: &Notice) {
        self.put_body(serde_json::to_string(notice).unwrap_or_default());
    }

    /// Any message of the queue.
    pub fn put_body(&self, body: String) {
        self.sent.set(self.sent.get() + 1);
        let id = format!("message-{}", self.sent.get());
        let record = Record { receipt: id.clone(), id, receives: 0, body };
        self.queue.borrow_mut().push(Queued { record, visible: self.now.get() });
    }

    /// The event of at most so many messages that are visible now; they are hidden for a while.
    pub fn receive(&self, most: usize) -> Option<Value> {
        let now = self.now.get();
        let mut queue = self.queue.borrow_mut();
        let visible = queue.iter_mut().filter(|queued| queued.visible <= now).take(most);
        let records: Vec<Value> = visible
            .map(|queued| {
                queued.record.receives += 1;
                queued.visible = now + VISIBILITY;
                let Record { id, receipt, receives, body } = &queued.record;
                json!({ "messageId": id, "receiptHandle": receipt, "body": body, "eventSource": "aws:sqs",
                        "attributes": { "ApproximateReceiveCount": receives.to_string() } })
            })
            .collect();
        (!records.is_empty()).then(|| json!({ "Records": records }))
    }

    /// What an invocation answered: what need not come again is gone.
    pub fn handled(&self, handled: Vec<(String, Handled)>) {
        let gone: BTreeSet<String> = handled
            .into_iter()
            .filter(|(_, handled)| !matches!(handled, Handled::Again { .. }))
            .map(|(id, _)| id)
            .collect();
        self.queue.borrow_mut().retain(|queued| !gone.contains(&queued.record.id));
    }

    /// Works through what is visible now; whether there was anything.
    pub fn batch(&self, fleet: &Fleet) -> bool {
        at_once(self.batch_over(self, fleet))
    }

    /// Until the queue is empty; time passes as the queue says.
    pub fn drain(&self, fleet: &Fleet) {
        at_once(self.drain_over(self, fleet));
    }

    /// [`Desk::batch`] with these ports in place of the desk's own.
    pub async fn batch_over<P: Speaker>(&self, ports: &P, fleet: &Fleet) -> bool {
        let Some(payload) = self.receive(BATCH) else { return false };
        let owner = format!("owner-{}", self.calls.get());
        if let Some(handled) = self.alive(notify(ports, fleet, &payload, &owner, self.until())).await {
            self.handled(handled);
        }
        true
    }

    /// [`Desk::drain`] with these ports in place of the desk's own.
    ///
    /// # Panics
    /// The queue is never empty.
    pub async fn drain_over<P: Speaker>(&self, ports: &P, fleet: &Fleet) {
        for _ in 0..BATCHES_MAX {
            if !self.batch_over(ports, fleet).await {
                let Some(next) = self.queue.borrow().iter().map(|queued| queued.visible).min() else { return };
                self.now.set(next.max(self.now.get()));
            }
        }
        assert!(self.queue.borrow().is_empty(), "the queue is never empty: {:?}", self.queue.borrow());
    }

    /// Everything that is written down anywhere, for canaries.
    pub fn written(&self) -> String {
        format!(
            "{:?}{:?}{:?}{:?}{:?}",
            self.threads.borrow(),
            self.sets.borrow(),
            self.dead.borrow(),
            self.published.borrow(),
            self.workspace.borrow().messages().collect::<Vec<_>>()
        )
    }

    /// The first messages of threads in a channel, and the replies.
    pub fn slack(&self) -> (Vec<String>, Vec<String>) {
        let workspace = self.workspace.borrow();
        let text = |m: &Message| m.body["text"].as_str().unwrap_or_default().to_owned();
        let (heads, replies): (Vec<_>, Vec<_>) = workspace.messages().partition(|m| m.thread.is_none());
        (heads.into_iter().map(text).collect(), replies.into_iter().map(text).collect())
    }

    /// A call whose effect is at once.
    pub(super) async fn call<T>(&self, place: &str, effect: impl FnOnce() -> T) -> Result<T, PortError> {
        self.faulty(place, async { effect() }).await
    }

    /// The same where the effect is shared: another invocation may come before it.
    pub(super) async fn shared<T>(&self, place: &str, effect: impl FnOnce() -> T) -> Result<T, PortError> {
        if self.stepping.get() {
            let mut waited = false;
            poll_fn(|_| if mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
        }
        self.call(place, effect).await
    }

    /// A call, unless it is the one that goes wrong.
    ///
    /// # Errors
    /// It goes wrong.
    pub async fn faulty<T>(&self, place: &str, effect: impl Future<Output = T>) -> Result<T, PortError> {
        self.calls.set(self.calls.get() + 1);
        let error = |retry| PortError { place: place.to_owned(), cause: "planned".to_owned(), retry };
        let fault = self.fault.get().filter(|(call, _)| self.calls.get() == *call).map(|(_, fault)| fault);
        if fault.is_some() {
            self.fault.set(None);
        }
        match fault {
            None => Ok(effect.await),
            Some(Fault::Fails) => Err(error(Retry::Later)),
            Some(Fault::EffectThenFails) => {
                effect.await;
                Err(error(Retry::Unknown))
            }
            Some(Fault::Dies) => self.dies().await,
            Some(Fault::EffectThenDies) => {
                effect.await;
                self.dies().await
            }
        }
    }

    async fn dies<T>(&self) -> T {
        self.died.set(true);
        pending().await
    }

    /// What a future comes to, unless the process dies in it.
    async fn alive<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.died.replace(false) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

/// What a future comes to that waits for nothing.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the desk's own ports wait for nobody"),
    }
}
