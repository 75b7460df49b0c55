//! Everything that was received.

use std::collections::{BTreeMap, VecDeque};

use super::ask::{Asked, Reply};
use super::mischief::Mischief;
use super::pagerduty::{self, Alert};
use super::slack::{self, Message};

/// Messages and alerts that are kept; older ones are gone.
const KEPT: usize = 2_000;

/// A Slack workspace and a PagerDuty account.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// Channels by id, with their names without `#`.
    pub(super) channels: BTreeMap<String, String>,
    /// Messages, oldest first.
    pub(super) messages: VecDeque<Message>,
    /// Alerts by dedup key.
    pub(super) alerts: BTreeMap<String, Alert>,
    /// Tokens and keys that are taken; any when there are none.
    pub(super) secrets: Vec<String>,
    /// Scopes that the bot lacks, by method.
    pub(super) lacks: Vec<String>,
    /// Calls of each minute and what they are counted under.
    pub(super) calls: BTreeMap<(String, i64), u32>,
    mischief: VecDeque<Mischief>,
    next_ts: u64,
}

impl Workspace {
    /// Only these tokens and keys are taken from now on.
    pub fn takes(&mut self, secrets: &[&str]) {
        self.secrets = secrets.iter().map(|&s| s.to_owned()).collect();
    }

    /// The bot may not call this method.
    pub fn forbid(&mut self, method: &str) {
        self.lacks.push(method.to_owned());
    }

    /// Befalls the next call.
    pub fn mischief(&mut self, mischief: Mischief) {
        self.mischief.push_back(mischief);
    }

    /// How many calls are still to meet one.
    #[must_use]
    pub fn mischief_left(&self) -> usize {
        self.mischief.len()
    }

    /// Messages, oldest first.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    /// Alerts by dedup key.
    #[must_use]
    pub fn alerts(&self) -> &BTreeMap<String, Alert> {
        &self.alerts
    }

    /// Answers one call at a time in milliseconds.
    pub fn handle(&mut self, asked: Asked<'_>, at_ms: i64) -> Reply {
        self.befall(|workspace| workspace.route(asked, at_ms))
    }

    /// Answers one call of any service, as the next mischief will have it.
    pub fn befall(&mut self, answer: impl FnOnce(&mut Self) -> Reply) -> Reply {
        let mischief = self.mischief.pop_front();
        match mischief {
            Some(Mischief::TooMany { retry_after }) => return Reply::too_many(retry_after),
            Some(Mischief::Error { status }) => return Reply::new(status, "upstream"),
            Some(Mischief::TakenThenError { .. } | Mischief::Slow | Mischief::Malformed | Mischief::ClosesMidway)
            | None => {}
        }
        let reply = answer(self);
        match mischief {
            Some(Mischief::TakenThenError { status }) => Reply::new(status, "upstream"),
            Some(Mischief::Slow) => Reply { slow: true, ..reply },
            Some(Mischief::Malformed) => Reply::new(reply.status, "<html>it works</html>"),
            Some(Mischief::ClosesMidway) => Reply { closes: true, ..reply },
            Some(Mischief::TooMany { .. } | Mischief::Error { .. }) | None => reply,
        }
    }

    fn route(&mut self, asked: Asked<'_>, at_ms: i64) -> Reply {
        if let Some(method) = asked.path.strip_prefix("/slack/api/") {
            return slack::call(self, method, asked, at_ms);
        }
        if asked.path.starts_with("/slack/services/") {
            return slack::webhook(self, asked, at_ms);
        }
        match asked.path {
            "/pagerduty/v2/enqueue" => pagerduty::enqueue(self, asked, at_ms),
            _ => Reply::new(404, "no such page"),
        }
    }

    /// Counts a call; whether it is one too many for its minute.
    pub(super) fn over(&mut self, what: &str, at_ms: i64, most: u32) -> bool {
        let calls = self.calls.entry((what.to_owned(), at_ms.div_euclid(60_000))).or_default();
        *calls += 1;
        *calls > most
    }

    pub(super) fn keep(&mut self, message: Message) {
        if self.messages.len() == KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// A time stamp that no other message has.
    pub(super) fn ts(&mut self, at_ms: i64) -> String {
        self.next_ts += 1;
        format!("{}.{:06}", at_ms.div_euclid(1_000), self.next_ts)
    }
}
