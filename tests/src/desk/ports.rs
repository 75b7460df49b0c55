//! The ports.

use std::collections::BTreeSet;

use headroom_core::channel::{Answer, Request, Thread};
use headroom_core::entry::Entry;
use headroom_core::fleet::SecretRef;
use headroom_core::id::DecisionId;
use headroom_core::time::Seconds;
use headroom_pipeline::notifier::{Channels, Held, Place, Queue, Record, SlackForm, Threads};
use headroom_pipeline::{Clock, PortError, Retry};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Desk;

/// So long a call waits for an answer.
const TIMED_OUT: i64 = 10;

impl Clock for Desk {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.second()).unwrap_or_default()
    }
}

impl Threads for Desk {
    async fn thread(&self, place: &Place) -> Result<Held, PortError> {
        self.shared("read thread", || {
            let threads = self.threads.borrow();
            let (thread, revision) = match threads.get(place) {
                Some((text, revision)) => (read(text), *revision),
                None => (Thread::default(), 0),
            };
            Held { thread, revision, acks: self.acks.borrow().clone() }
        })
        .await
    }

    async fn keep(&self, place: &Place, thread: &Thread, expect: u64) -> Result<bool, PortError> {
        self.shared("write thread", || {
            let mut threads = self.threads.borrow_mut();
            if threads.get(place).map_or(0, |(_, revision)| *revision) != expect {
                return false;
            }
            threads.insert(place.clone(), (written(thread), expect + 1));
            true
        })
        .await
    }

    async fn add(&self, set: &str, member: &str, members_max: u32) -> Result<bool, PortError> {
        self.shared("add to set", || {
            let mut sets = self.sets.borrow_mut();
            let set = sets.entry(set.to_owned()).or_default();
            set.contains(member) || (set.len() < members_max as usize && set.insert(member.to_owned()))
        })
        .await
    }

    async fn members(&self, set: &str) -> Result<BTreeSet<String>, PortError> {
        self.shared("read set", || self.sets.borrow().get(set).cloned().unwrap_or_default()).await
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
        let reply = self.shared(&request.to_string(), || self.ask(request)).await?;
        if reply.slow {
            self.set_second(self.second() + TIMED_OUT);
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
            let visible = self.second() + i64::from(after.0);
            let mut queue = self.queue.borrow_mut();
            queue.iter_mut().filter(|queued| queued.record.id == record.id).for_each(|queued| queued.visible = visible);
        })
        .await
    }

    async fn dead(&self, record: &Record, reason: &str) -> Result<(), PortError> {
        self.call("dead letter", || self.dead.borrow_mut().push((record.body.clone(), reason.to_owned()))).await
    }
}

/// As the real table does it: through JSON.
#[expect(clippy::expect_used, reason = "a thread is JSON in both ways")]
fn written(thread: &Thread) -> String {
    serde_json::to_string(thread).expect("JSON")
}

#[expect(clippy::expect_used, reason = "a thread is JSON in both ways")]
fn read(text: &str) -> Thread {
    serde_json::from_str(text).expect("a thread")
}
