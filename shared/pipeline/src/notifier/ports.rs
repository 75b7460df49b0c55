//! The notifier's ports: what it remembers, whom it calls, the queue that it was woken by.

use std::collections::BTreeSet;
use std::future::Future;

use headroom_core::channel::{Ack, Answer, Request, Thread};
use headroom_core::entry::Entry;
use headroom_core::fleet::SecretRef;
use headroom_core::id::DecisionId;
use headroom_core::time::Seconds;
use jiff::tz::TimeZone;

use crate::ports::{Clock, PortError};

/// One incident in one channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The incident.
    pub incident: String,
    /// Name of the channel in the fleet file.
    pub channel: String,
}

/// What was remembered of a place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Held {
    /// The thread.
    pub thread: Thread,
    /// Revision of the item, to expect when writing it; 0 when there is none.
    pub revision: u64,
    /// What people acknowledged of the incident.
    pub acks: Vec<Ack>,
}

/// The memory: items of the journal's table.
pub trait Threads {
    /// Reads consistently.
    fn thread(&self, place: &Place) -> impl Future<Output = Result<Held, PortError>>;
    /// Writes, if the item is still of the revision that was read; says whether it did.
    fn keep(&self, place: &Place, thread: &Thread, expect: u64) -> impl Future<Output = Result<bool, PortError>>;
    /// Adds to a set that has fewer than so many members; whether it is a member then. What is there already stays.
    fn add(&self, set: &str, member: &str, members_max: u32) -> impl Future<Output = Result<bool, PortError>>;
    /// All of a set, read consistently.
    fn members(&self, set: &str) -> impl Future<Output = Result<BTreeSet<String>, PortError>>;
    /// The journal's entry of a decision; it may be late by a moment, and `None` says only that none was found.
    fn entry(&self, decision: &DecisionId) -> impl Future<Output = Result<Option<Entry>, PortError>>;
}

/// What a Slack secret holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlackForm {
    /// A bot's token.
    Bot,
    /// The address of an incoming webhook.
    Webhook,
}

/// The mouth. Secrets stay behind it.
pub trait Channels {
    /// What the secret behind a Slack channel's reference holds.
    fn slack_form(&self, secret: &SecretRef) -> impl Future<Output = Result<SlackForm, PortError>>;
    /// Makes one call. A failure says by its [`Retry`](crate::Retry) whether it may have been taken.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Answer, PortError>>;
    /// A service refused this secret: the next call reads it anew, for it may have been rotated.
    fn refused(&self, secret: &SecretRef);
    /// A time zone; `None` when there is none of this name.
    fn zone(&self, name: &str) -> Option<TimeZone>;
}

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Names this delivery of it.
    pub receipt: String,
    /// How often it was delivered, this time included.
    pub receives: u32,
    /// Its body.
    pub body: String,
}

/// The queue.
pub trait Queue {
    /// Hides a message for so long.
    fn later(&self, record: &Record, after: Seconds) -> impl Future<Output = Result<(), PortError>>;
    /// Puts a copy among the dead letters, with the reason.
    fn dead(&self, record: &Record, reason: &str) -> impl Future<Output = Result<(), PortError>>;
}

/// All of them.
pub trait Speaker: Clock + Threads + Channels + Queue {}

impl<T: Clock + Threads + Channels + Queue> Speaker for T {}
