//! The notifier's ports in memory: a table, a queue, secrets, and the receiver that behaves like Slack and PagerDuty.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use headroom_core::channel::{Ack, Answer, Request, Thread};
use headroom_core::entry::Entry;
use headroom_core::fleet::{Fleet, SecretRef};
use headroom_core::id::DecisionId;
use headroom_core::notice::Notice;
use headroom_core::time::Seconds;
use headroom_local::receiver::{Asked, Reply, Workspace};
use headroom_pipeline::notifier::{Channels, Handled, Held, Place, Queue, Record, SlackForm, Threads, notify};
use headroom_pipeline::{Clock, PortError, Retry};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::world::Fault;

/// A message that nobody said anything of is visible again after so long.
const VISIBILITY: i64 = 180;
/// A queue that is not empty after so many batches never will be.
const BATCHES_MAX: u32 = 5_000;
const BATCH: usize = 10;
/// So long a call waits for an answer.
const TIMED_OUT: i64 = 10;

/// A message in the queue.
#[derive(Debug, Clone)]
struct Queued {
    record: Record,
    visible: i64,
}

#[derive(Debug, Default)]
pub(super) struct Desk {
    now: Cell<i64>,
    threads: RefCell<BTreeMap<Place, (String, u64)>>,
    sets: RefCell<BTreeMap<String, BTreeSet<String>>>,
    acks: RefCell<Vec<Ack>>,
    pub(super) workspace: RefCell<Workspace>,
    pub(super) published: RefCell<Vec<(Option<String>, String, String)>>,
    pub(super) secrets: RefCell<BTreeMap<String, String>>,
    cached: RefCell<BTreeMap<String, String>>,
    queue: RefCell<Vec<Queued>>,
    pub(super) dead: RefCell<Vec<(String, String)>>,
    pub(super) zone: RefCell<Option<TimeZone>>,
    fault: Cell<Option<(u32, Fault)>>,
    calls: Cell<u32>,
    sent: Cell<u64>,
}

pub(super) const BOT: &str = "xoxb-CANARY-of-a-bot-token";
pub(super) const ROUTING: &str = "CANARYkeyCANARYkeyCANARYkeyCANAR";

impl Desk {
    pub(super) fn new(now: i64) -> Self {
        let desk = Self::default();
        desk.now.set(now);
        for (name, value) in [("headroom/slack", BOT), ("headroom/pagerduty", ROUTING)] {
            desk.secret(name, value);
        }
        desk
    }

    pub(super) fn secret(&self, name: &str, value: &str) {
        self.secrets.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn second(&self) -> i64 {
        self.now.get()
    }

    pub(super) fn set_second(&self, second: i64) {
        self.now.set(second);
    }

    pub(super) fn ack(&self, ack: Ack) {
        self.acks.borrow_mut().push(ack);
    }

    pub(super) fn fail_at(&self, call: u32, fault: Fault) {
        self.fault.set(Some((call, fault)));
    }

    /// Whether the fault came to pass.
    pub(super) fn healed(&self) -> bool {
        self.fault.get().is_none()
    }

    /// A notice as the topic's subscription delivers it.
    pub(super) fn put(&self, notice: &Notice) {
        self.put_body(serde_json::to_string(notice).expect("JSON"));
    }

    pub(super) fn put_body(&self, body: String) {
        self.sent.set(self.sent.get() + 1);
        let id = format!("message-{}", self.sent.get());
        let record = Record { receipt: id.clone(), id, receives: 0, body };
        self.queue.borrow_mut().push(Queued { record, visible: self.now.get() });
    }

    /// Works through what is visible now; whether there was anything.
    pub(super) fn batch(&self, fleet: &Fleet) -> bool {
        let now = self.now.get();
        let payload: Vec<Value> = {
            let mut queue = self.queue.borrow_mut();
            let visible = queue.iter_mut().filter(|queued| queued.visible <= now).take(BATCH);
            visible
                .map(|queued| {
                    queued.record.receives += 1;
                    queued.visible = now + VISIBILITY;
                    let Record { id, receipt, receives, body } = &queued.record;
                    json!({ "messageId": id, "receiptHandle": receipt, "body": body, "eventSource": "aws:sqs",
                            "attributes": { "ApproximateReceiveCount": receives.to_string() } })
                })
                .collect()
        };
        if payload.is_empty() {
            return false;
        }
        let payload = json!({ "Records": payload });
        let owner = format!("owner-{}", self.calls.get());
        let until = self.now().checked_add(jiff::SignedDuration::from_secs(20)).expect("a time");
        if let Some(handled) = alive(notify(self, fleet, &payload, &owner, until)) {
            let gone: BTreeSet<String> = handled
                .into_iter()
                .filter(|(_, handled)| !matches!(handled, Handled::Again { .. }))
                .map(|(id, _)| id)
                .collect();
            self.queue.borrow_mut().retain(|queued| !gone.contains(&queued.record.id));
        }
        true
    }

    /// Until the queue is empty; time passes as the queue says.
    pub(super) fn drain(&self, fleet: &Fleet) {
        for _ in 0..BATCHES_MAX {
            if !self.batch(fleet) {
                let Some(next) = self.queue.borrow().iter().map(|queued| queued.visible).min() else { return };
                self.now.set(next.max(self.now.get()));
            }
        }
        panic!("the queue is never empty: {:?}", self.queue.borrow());
    }

    /// Everything that is written down anywhere, for canaries.
    pub(super) fn written(&self) -> String {
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
    pub(super) fn slack(&self) -> (Vec<String>, Vec<String>) {
        let workspace = self.workspace.borrow();
        let text = |m: &headroom_local::receiver::Message| m.body["text"].as_str().unwrap_or_default().to_owned();
        let (heads, replies): (Vec<_>, Vec<_>) = workspace.messages().partition(|m| m.thread.is_none());
        (heads.into_iter().map(text).collect(), replies.into_iter().map(text).collect())
    }

    async fn call<T>(&self, place: &str, effect: impl FnOnce() -> T) -> Result<T, PortError> {
        self.calls.set(self.calls.get() + 1);
        let error = |retry| PortError { place: place.to_owned(), cause: "planned".to_owned(), retry };
        let fault = self.fault.get().filter(|(call, _)| self.calls.get() == *call).map(|(_, fault)| fault);
        if fault.is_some() {
            self.fault.set(None);
        }
        match fault {
            None => Ok(effect()),
            Some(Fault::Fails) => Err(error(Retry::Later)),
            Some(Fault::EffectThenFails) => {
                effect();
                Err(error(Retry::Unknown))
            }
            Some(Fault::Dies) => pending().await,
            Some(Fault::EffectThenDies) => {
                effect();
                pending().await
            }
        }
    }

    fn value(&self, secret: &SecretRef) -> String {
        let name = secret.name().to_owned();
        let fresh = || self.secrets.borrow().get(&name).cloned().unwrap_or_default();
        self.cached.borrow_mut().entry(name.clone()).or_insert_with(fresh).clone()
    }

    fn ask(&self, request: &Request) -> Reply {
        let at = self.now.get() * 1_000;
        let mut workspace = self.workspace.borrow_mut();
        let none: [(String, String); 0] = [];
        match request {
            Request::SlackWrite { token, method, body } => {
                let (path, bearer) = (format!("/slack/api/{}", method.name()), format!("Bearer {}", self.value(token)));
                let body = body.to_string();
                workspace.handle(Asked { path: &path, query: &none, authorization: Some(&bearer), body: &body }, at)
            }
            Request::SlackRead { token, method, query } => {
                let (path, bearer) = (format!("/slack/api/{}", method.name()), format!("Bearer {}", self.value(token)));
                let query: Vec<(String, String)> = query.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
                workspace.handle(Asked { path: &path, query: &query, authorization: Some(&bearer), body: "" }, at)
            }
            Request::SlackWebhook { address, body } => {
                let address = self.value(address);
                let path = format!("/slack/services/{}", address.rsplit('/').next().unwrap_or_default());
                let body = body.to_string();
                workspace.handle(Asked { path: &path, query: &none, authorization: None, body: &body }, at)
            }
            Request::PagerDuty { key, body } => {
                let mut body = body.clone();
                body["routing_key"] = json!(self.value(key));
                let (path, body) = ("/pagerduty/v2/enqueue", body.to_string());
                workspace.handle(Asked { path, query: &none, authorization: None, body: &body }, at)
            }
            Request::Sns { topic, subject, message, .. } => {
                self.published.borrow_mut().push((topic.clone(), subject.clone(), message.clone()));
                Reply { status: 200, retry_after: None, body: String::new(), slow: false, closes: false }
            }
        }
    }
}

/// What a future comes to, unless the process dies in it.
fn alive<F: Future>(future: F) -> Option<F::Output> {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

impl Clock for Desk {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now.get()).expect("a time")
    }
}

impl Threads for Desk {
    async fn thread(&self, place: &Place) -> Result<Held, PortError> {
        self.call("read thread", || {
            let threads = self.threads.borrow();
            let (thread, revision) = match threads.get(place) {
                Some((text, revision)) => (serde_json::from_str(text).expect("a thread"), *revision),
                None => (Thread::default(), 0),
            };
            Held { thread, revision, acks: self.acks.borrow().clone() }
        })
        .await
    }

    async fn keep(&self, place: &Place, thread: &Thread, expect: u64) -> Result<bool, PortError> {
        self.call("write thread", || {
            let mut threads = self.threads.borrow_mut();
            if threads.get(place).map_or(0, |(_, revision)| *revision) != expect {
                return false;
            }
            threads.insert(place.clone(), (serde_json::to_string(thread).expect("JSON"), expect + 1));
            true
        })
        .await
    }

    async fn add(&self, set: &str, member: &str, members_max: u32) -> Result<bool, PortError> {
        self.call("add to set", || {
            let mut sets = self.sets.borrow_mut();
            let set = sets.entry(set.to_owned()).or_default();
            set.contains(member) || (set.len() < members_max as usize && set.insert(member.to_owned()))
        })
        .await
    }

    async fn members(&self, set: &str) -> Result<BTreeSet<String>, PortError> {
        self.call("read set", || self.sets.borrow().get(set).cloned().unwrap_or_default()).await
    }

    async fn entry(&self, _: &DecisionId) -> Result<Option<Entry>, PortError> {
        self.call("read entry", || None).await
    }
}

impl Channels for Desk {
    async fn slack_form(&self, secret: &SecretRef) -> Result<SlackForm, PortError> {
        let form = || if self.value(secret).starts_with("xoxb-") { SlackForm::Bot } else { SlackForm::Webhook };
        self.call("read secret", form).await
    }

    async fn send(&self, request: &Request) -> Result<Answer, PortError> {
        let reply = self.call(&request.to_string(), || self.ask(request)).await?;
        if reply.slow {
            self.now.set(self.now.get() + TIMED_OUT);
        }
        if reply.slow || reply.closes {
            let cause = if reply.slow { "timed out" } else { "closed" }.to_owned();
            return Err(PortError { place: request.to_string(), cause, retry: Retry::Unknown });
        }
        Ok(Answer { status: reply.status, retry_after: reply.retry_after.map(Seconds), body: reply.body })
    }

    fn refused(&self, secret: &SecretRef) {
        self.cached.borrow_mut().remove(secret.name());
    }

    fn zone(&self, _: &str) -> Option<TimeZone> {
        self.zone.borrow().clone()
    }
}

impl Queue for Desk {
    async fn later(&self, record: &Record, after: Seconds) -> Result<(), PortError> {
        self.call("hide message", || {
            let visible = self.now.get() + i64::from(after.0);
            let mut queue = self.queue.borrow_mut();
            queue.iter_mut().filter(|queued| queued.record.id == record.id).for_each(|queued| queued.visible = visible);
        })
        .await
    }

    async fn dead(&self, record: &Record, reason: &str) -> Result<(), PortError> {
        self.call("dead letter", || self.dead.borrow_mut().push((record.body.clone(), reason.to_owned()))).await
    }
}

/// `ops` in Slack and `oncall` in PagerDuty: pages to both, the rest to `ops`; `more` is added to the channel `ops`.
pub(super) fn fleet(more: &str) -> Fleet {
    let text = format!(
        "version: 1\nfleet: langfuse\nenvironments:\n  \
         - {{ name: prod-eu, account: \"222222222222\", region: eu-west-1, timezone: Europe/Berlin }}\n\
         defaults: {{ cluster: \"{{environment}}-cluster\", capacity: {{ min: 2, max: 10 }} }}\nservices: {{ web: {{}} }}\n\
         channels:\n  ops: {{ kind: slack, channel: \"#langfuse-ops\", token: \"secretsmanager:headroom/slack\"{more} }}\n  \
         oncall: {{ kind: pagerduty, routing_key: \"secretsmanager:headroom/pagerduty\" }}\n\
         routes:\n  - {{ severity: page, to: [oncall, ops] }}\n  - {{ to: [ops] }}\n"
    );
    headroom_core::fleet::parse(&text, "f").expect("a fleet")
}
