//! What the notifier remembers of one incident in one channel, and the next call that follows from it (SEMANTICS 28).
//!
//! Each call is written ahead: who makes it, for which notice, since when. Whoever finds that of a dead writer looks for
//! the message where the channel lets one look, and only then sends it. Nothing here sends.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::notice::{Kind, Phase, Severity};
use crate::time::{Seconds, after};

use super::pagerduty::Event;
use super::{Card, Digest};

/// A function ends after 30 s and a call of a channel after 10 s: who holds the lock longer is dead.
pub const LOCK_LENGTH: Seconds = Seconds(60);
/// Within an hour the same kind of notice in the same incident edits what was said; after it, it is said again.
const SAID_AGAIN_MS: i64 = 3_600_000;

/// Where a message is in Slack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Id of the channel, which edits need and a name does not give.
    pub channel: String,
    /// Its time stamp, which is its id.
    pub ts: String,
}

/// What a channel can do with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Edit it, answer it in its thread, and find it again.
    Thread,
    /// Take an event twice as once.
    Event,
    /// Nothing: what is sent is sent.
    Once,
}

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The first message of the thread.
    Head,
    /// A message in the thread.
    Reply,
    /// The first message, as it is now.
    Edit,
    /// An alert opens.
    Trigger,
    /// An alert is acknowledged.
    Acknowledge,
    /// An alert closes.
    Resolve,
    /// A message that stands alone.
    Once,
}

impl Step {
    /// Whether people get something new by it.
    #[must_use]
    pub fn tells(self) -> bool {
        match self {
            Self::Head | Self::Reply | Self::Trigger | Self::Once => true,
            Self::Edit | Self::Acknowledge | Self::Resolve => false,
        }
    }

    /// The event of PagerDuty; `None` for the others' calls.
    #[must_use]
    pub fn event(self) -> Option<Event> {
        match self {
            Self::Trigger => Some(Event::Trigger),
            Self::Acknowledge => Some(Event::Acknowledge),
            Self::Resolve => Some(Event::Resolve),
            Self::Head | Self::Reply | Self::Edit | Self::Once => None,
        }
    }
}

/// A call that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// The call.
    pub step: Step,
    /// Key of the notice.
    pub key: String,
    /// Its kind.
    pub kind: Kind,
    /// Its revision.
    pub revision: i64,
    /// Whether it closes the incident.
    #[serde(default)]
    pub closes: bool,
    /// Who makes it.
    pub owner: String,
    /// Since when.
    pub since: Timestamp,
}

/// A person's word that they have seen a kind of notice: it is not said again in this incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The kind.
    pub kind: Kind,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Thread {
    /// The first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Revision that the first message, or the alert, shows.
    #[serde(default)]
    pub shown: i64,
    /// Newest revision that may be shown: its edit or its event had no answer that anybody knows of.
    #[serde(default)]
    pub tried: i64,
    /// Newest revision that was said as a message, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub said: BTreeMap<Kind, i64>,
    /// Newest revision that closed it: what comes after it is news again.
    #[serde(default)]
    pub closed: i64,
    /// Whether an alert was opened and not closed.
    #[serde(default)]
    pub alerting: bool,
    /// Newest revision that has a place of its own among the messages of its minute.
    #[serde(default)]
    pub admitted: i64,
    /// Newest revision that a digest tells, by kind: what is counted of one kind tells nothing of another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<Kind, i64>,
    /// Notices that wait for a digest, by their key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Digest>,
    /// Of a digest: the notice whose delivery sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The call that was begun, and not finished as far as anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Sending>,
}

/// What to do next for a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Nothing.
    Nothing(Why),
    /// Nothing before this time: another one is at it, or died at it.
    Wait(Timestamp),
    /// Look for the message that a dead writer may have sent.
    Look(Sending),
    /// No call, but that it is over is remembered: what is older is told no more.
    Remember,
    /// This call.
    Send(Step),
}

/// Why there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It, or something newer, is there.
    Shown,
    /// A digest tells it.
    Digested,
    /// A person has seen this kind.
    Acknowledged,
    /// Nothing that this channel tells.
    NotForThisChannel,
}

impl Why {
    /// The word in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Digested => "digested",
            Self::Acknowledged => "acknowledged",
            Self::NotForThisChannel => "not-for-this-channel",
        }
    }
}

impl Thread {
    /// The next call for a notice; after it, ask again until there is nothing.
    pub fn next(&self, card: &Card, ability: Ability, acks: &[Ack], now: Timestamp) -> Next {
        if let Some(sending) = &self.sending {
            let free = after(sending.since, LOCK_LENGTH);
            if now < free {
                return Next::Wait(free);
            }
            // An edit or an event made twice is made once, and nobody can look for what stands alone.
            if ability == Ability::Thread && matches!(sending.step, Step::Head | Step::Reply) {
                return Next::Look(sending.clone());
            }
        }
        let digested = self.digests.get(&card.kind).is_some_and(|digested| *digested >= card.revision);
        if digested && card.phase() != Phase::Closed {
            return Next::Nothing(Why::Digested);
        }
        let acked = acks.iter().any(|ack| ack.kind == card.kind);
        match ability {
            Ability::Thread => self.next_of_thread(card, acked),
            Ability::Event => self.next_event(card, acked),
            Ability::Once => self.next_once(card, acked),
        }
    }

    fn next_of_thread(&self, card: &Card, acked: bool) -> Next {
        if self.head.is_none() {
            return match card.phase() {
                _ if card.revision <= self.shown => Next::Nothing(Why::Shown),
                Phase::Closed if card.follows => Next::Remember,
                // What a digest told is closed in silence.
                Phase::Updated | Phase::Closed if self.is_digested() => Next::Nothing(Why::Digested),
                Phase::Opened if acked => Next::Nothing(Why::Acknowledged),
                Phase::Opened | Phase::Updated | Phase::Closed => Next::Send(Step::Head),
            };
        }
        let acked = acked && card.phase() == Phase::Opened;
        let loud = card.severity >= Severity::Warn && card.phase() != Phase::Updated && !acked;
        if loud && self.is_news(card) {
            return Next::Send(Step::Reply);
        }
        if self.shown < card.revision && self.tried() <= card.revision {
            return Next::Send(Step::Edit);
        }
        Next::Nothing(Why::Shown)
    }

    fn next_event(&self, card: &Card, acked: bool) -> Next {
        if card.revision <= self.shown || card.revision < self.tried() {
            return Next::Nothing(Why::Shown);
        }
        match card.phase() {
            Phase::Closed if self.alerting => Next::Send(Step::Resolve),
            Phase::Closed => Next::Remember,
            Phase::Opened if card.severity >= Severity::Warn => {
                Next::Send(if acked && self.alerting { Step::Acknowledge } else { Step::Trigger })
            }
            Phase::Opened | Phase::Updated => Next::Nothing(Why::NotForThisChannel),
        }
    }

    fn next_once(&self, card: &Card, acked: bool) -> Next {
        match card.phase() {
            Phase::Updated => Next::Nothing(Why::NotForThisChannel),
            Phase::Opened if acked => Next::Nothing(Why::Acknowledged),
            Phase::Closed if card.follows && self.said.is_empty() => Next::Nothing(Why::NotForThisChannel),
            Phase::Closed if self.is_digested() && self.said.is_empty() => Next::Nothing(Why::Digested),
            Phase::Opened | Phase::Closed if self.is_news(card) => Next::Send(Step::Once),
            Phase::Opened | Phase::Closed => Next::Nothing(Why::Shown),
        }
    }

    /// Newest revision that may be shown, with the call of a writer that is given up: what is newer comes again itself, and
    /// what is older must not take its place.
    fn tried(&self) -> i64 {
        let shows = |step| matches!(step, Step::Edit | Step::Trigger | Step::Acknowledge | Step::Resolve);
        let given_up = self.sending.as_ref().filter(|sending| shows(sending.step));
        given_up.map_or(self.tried, |sending| self.tried.max(sending.revision))
    }

    /// Whether a digest told, or will tell, what was opened.
    fn is_digested(&self) -> bool {
        !self.digests.is_empty() || !self.held.is_empty()
    }

    /// Whether its kind was never said, not since the incident was closed, or not for an hour.
    fn is_news(&self, card: &Card) -> bool {
        self.said.get(&card.kind).is_none_or(|said| {
            let again = *said <= self.closed && self.closed < card.revision;
            again || card.revision.saturating_sub(*said) >= SAID_AGAIN_MS
        })
    }

    /// A digest tells it.
    pub fn digested(&mut self, card: &Card) {
        self.held.remove(&card.key());
        let told = self.digests.entry(card.kind).or_insert(card.revision);
        *told = card.revision.max(*told);
    }

    /// Writes a call ahead.
    pub fn begin(&mut self, card: &Card, step: Step, owner: &str, now: Timestamp) {
        // Who finds this of a dead writer must not take a closed alert for one that never was.
        self.alerting |= step == Step::Trigger;
        self.tried = self.tried();
        self.sending = Some(Sending {
            step,
            key: card.key(),
            kind: card.kind,
            revision: card.revision,
            closes: card.phase() == Phase::Closed,
            owner: owner.to_owned(),
            since: now,
        });
    }

    /// Nothing was called for, and nothing older will be.
    pub fn remember(&mut self, card: &Card) {
        self.shown = self.shown.max(card.revision);
        if card.phase() == Phase::Closed {
            self.closed = self.closed.max(card.revision);
        }
    }

    /// The call was taken.
    pub fn taken(&mut self, head: Option<Head>) {
        let Some(Sending { step, kind, revision, closes, .. }) = self.sending.take() else { return };
        if closes {
            self.closed = self.closed.max(revision);
        }
        match step {
            Step::Head => self.head = head,
            Step::Resolve => self.alerting = false,
            Step::Reply | Step::Edit | Step::Trigger | Step::Acknowledge | Step::Once => {}
        }
        if step.tells() {
            let said = self.said.entry(kind).or_insert(revision);
            *said = revision.max(*said);
        }
        if step != Step::Reply {
            self.shown = self.shown.max(revision);
        }
    }

    /// The call was not taken, for sure.
    pub fn untaken(&mut self) {
        self.sending = None;
    }

    /// The message that it edits or answers is gone: somebody deleted it.
    pub fn gone(&mut self) {
        self.sending = None;
        self.head = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Around;
    use crate::id::DecisionId;
    use crate::notice::Notice;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn card(kind: Kind, severity: Severity, revision: i64) -> Card {
        let notice = Notice {
            incident: "prod-eu/web/cpu@1".to_owned(),
            kind,
            revision,
            severity,
            service: "prod-eu/web".to_owned(),
            decision: DecisionId("D-00000".to_owned()),
            title: "t".to_owned(),
            lines: Vec::new(),
            quoted: Vec::new(),
        };
        Card::of(&notice, severity, Around::default())
    }

    fn step(thread: &mut Thread, card: &Card, ability: Ability) -> Option<Step> {
        let Next::Send(step) = thread.next(card, ability, &[], at(1)) else { return None };
        thread.begin(card, step, "o", at(1));
        thread.taken(Some(Head { channel: "C1".to_owned(), ts: "1".to_owned() }));
        Some(step)
    }

    #[test]
    fn one_message_is_edited_and_what_is_loud_is_said_in_its_thread() {
        let mut thread = Thread::default();
        let mut steps = |kind, severity, revision| {
            let card = card(kind, severity, revision);
            std::iter::from_fn(|| step(&mut thread, &card, Ability::Thread)).collect::<Vec<_>>()
        };
        assert_eq!(steps(Kind::Opened, Severity::Info, 10), [Step::Head]);
        assert_eq!(steps(Kind::Opened, Severity::Info, 10), [], "a copy");
        assert_eq!(steps(Kind::Grown, Severity::Info, 20), [Step::Edit]);
        assert_eq!(steps(Kind::DidNotHelp, Severity::Page, 30), [Step::Reply, Step::Edit]);
        assert_eq!(steps(Kind::DidNotHelp, Severity::Page, 40), [Step::Edit], "said within the hour");
        assert_eq!(steps(Kind::Closed, Severity::Info, 50), [Step::Edit]);
        assert_eq!(steps(Kind::Grown, Severity::Info, 45), [], "older than what is shown");
        assert_eq!(steps(Kind::Drift, Severity::Warn, 35), [Step::Reply], "late, loud and never said: not lost");
        assert_eq!(steps(Kind::DidNotHelp, Severity::Page, 30 + SAID_AGAIN_MS), [Step::Reply, Step::Edit]);
    }

    #[test]
    fn what_comes_after_the_end_is_news_and_a_late_copy_is_none() {
        let (mut thread, mut mail) = (Thread::default(), Thread::default());
        let page = |revision| card(Kind::DidNotHelp, Severity::Page, revision);
        let over = |revision| card(Kind::Closed, Severity::Info, revision);
        assert_eq!(step(&mut thread, &page(10), Ability::Thread), Some(Step::Head));
        assert_eq!(step(&mut thread, &over(20), Ability::Thread), Some(Step::Edit));
        assert_eq!(step(&mut thread, &page(10), Ability::Thread), None, "a copy");
        assert_eq!(step(&mut thread, &page(30), Ability::Thread), Some(Step::Reply), "within the hour, and again");
        for (card, told) in [(page(10), true), (over(20), true), (page(30), true), (over(40), true), (page(30), false)]
        {
            assert_eq!(step(&mut mail, &card, Ability::Once).is_some(), told, "{} {}", card.key(), told);
        }
    }

    #[test]
    fn a_digest_of_one_kind_stops_no_page_of_another() {
        let (page, drift) = (card(Kind::DidNotHelp, Severity::Page, 10), card(Kind::Drift, Severity::Warn, 11));
        for (ability, told) in
            [(Ability::Event, Step::Trigger), (Ability::Thread, Step::Head), (Ability::Once, Step::Once)]
        {
            let mut thread = Thread::default();
            thread.digested(&drift);
            assert_eq!(thread.next(&drift, ability, &[], at(1)), Next::Nothing(Why::Digested));
            assert_eq!(step(&mut thread, &page, ability), Some(told));
        }
    }

    #[test]
    fn an_alert_opens_once_and_an_older_event_never_opens_it_again() {
        let mut thread = Thread::default();
        let mut steps = |kind, severity, revision| step(&mut thread, &card(kind, severity, revision), Ability::Event);
        assert_eq!(steps(Kind::Opened, Severity::Info, 10), None, "information wakes nobody");
        assert_eq!(steps(Kind::Closed, Severity::Info, 11), None, "nothing to resolve");
        assert_eq!(steps(Kind::DidNotHelp, Severity::Page, 20), Some(Step::Trigger));
        assert_eq!(steps(Kind::Closed, Severity::Info, 30), Some(Step::Resolve));
        assert_eq!(steps(Kind::Drift, Severity::Page, 25), None, "a trigger after the resolve would open a new alert");
    }

    #[test]
    fn a_page_that_comes_after_its_end_calls_nobody() {
        let (mut thread, closed) = (Thread::default(), card(Kind::Closed, Severity::Info, 30));
        assert_eq!(thread.next(&closed, Ability::Event, &[], at(1)), Next::Remember);
        thread.remember(&closed);
        assert_eq!(step(&mut thread, &card(Kind::DidNotHelp, Severity::Page, 20), Ability::Event), None);
        assert_eq!(step(&mut thread, &card(Kind::DidNotHelp, Severity::Page, 40), Ability::Event), Some(Step::Trigger));
    }

    #[test]
    fn what_cannot_be_edited_gets_what_opens_and_closes() {
        let mut thread = Thread::default();
        let mut steps = |kind, severity, revision| step(&mut thread, &card(kind, severity, revision), Ability::Once);
        assert_eq!(steps(Kind::Opened, Severity::Info, 10), Some(Step::Once));
        assert_eq!(steps(Kind::Grown, Severity::Info, 20), None);
        assert_eq!(steps(Kind::Closed, Severity::Info, 30), Some(Step::Once));
        assert_eq!(steps(Kind::Closed, Severity::Info, 30), None);
    }

    #[test]
    fn a_writer_is_waited_for_and_a_dead_one_looked_after() {
        let (opened, mut thread) = (card(Kind::Opened, Severity::Info, 10), Thread::default());
        thread.begin(&opened, Step::Head, "dead", at(100));
        let newer = card(Kind::Closed, Severity::Info, 20);
        assert_eq!(thread.next(&newer, Ability::Thread, &[], at(159)), Next::Wait(at(160)));
        let Next::Look(sending) = thread.next(&newer, Ability::Thread, &[], at(160)) else { panic!("not looked for") };
        assert_eq!(sending.key, opened.key(), "the dead writer's message, not this one's");
        thread.taken(Some(Head { channel: "C1".to_owned(), ts: "1".to_owned() }));
        assert_eq!(thread.next(&newer, Ability::Thread, &[], at(160)), Next::Send(Step::Edit));
        thread.begin(&newer, Step::Edit, "dead", at(200));
        assert_eq!(thread.next(&newer, Ability::Thread, &[], at(260)), Next::Send(Step::Edit), "an edit is made again");
    }

    #[test]
    fn what_a_dead_writer_may_have_shown_is_covered_by_nothing_older() {
        let head = Some(Head { channel: "C1".to_owned(), ts: "1".to_owned() });
        for (ability, step, closed) in
            [(Ability::Thread, Step::Edit, Step::Edit), (Ability::Event, Step::Resolve, Step::Resolve)]
        {
            let mut thread = Thread { head: head.clone(), shown: 10, alerting: true, ..Thread::default() };
            let (newer, older) = (card(Kind::Closed, Severity::Info, 30), card(Kind::HardEnd, Severity::Page, 20));
            thread.begin(&newer, step, "dead", at(100));
            if ability == Ability::Thread {
                assert_eq!(thread.next(&older, ability, &[], at(160)), Next::Send(Step::Reply), "loud, and never said");
                thread.begin(&older, Step::Reply, "o", at(160));
                thread.taken(None);
            }
            assert_eq!(thread.next(&older, ability, &[], at(160)), Next::Nothing(Why::Shown));
            assert_eq!(thread.next(&newer, ability, &[], at(160)), Next::Send(closed), "it comes again itself");
            thread.begin(&newer, step, "refused", at(160));
            thread.untaken();
            assert_eq!(thread.next(&newer, ability, &[], at(160)), Next::Send(closed));
        }
    }

    #[test]
    fn an_ack_stops_repeats_of_its_kind_and_nothing_else() {
        let ack = [Ack { kind: Kind::Denied, by: "ana".to_owned(), at: at(0) }];
        let mut thread = Thread::default();
        let denied = card(Kind::Denied, Severity::Page, 10);
        assert_eq!(thread.next(&denied, Ability::Once, &ack, at(1)), Next::Nothing(Why::Acknowledged));
        assert_eq!(step(&mut thread, &denied, Ability::Thread), Some(Step::Head));
        let later = card(Kind::Denied, Severity::Page, 10 + SAID_AGAIN_MS);
        assert_eq!(thread.next(&later, Ability::Thread, &[], at(1)), Next::Send(Step::Reply));
        assert_eq!(thread.next(&later, Ability::Thread, &ack, at(1)), Next::Send(Step::Edit));
        let other = card(Kind::Failed, Severity::Page, 20);
        assert_eq!(thread.next(&other, Ability::Thread, &ack, at(1)), Next::Send(Step::Reply));
        let alert = Thread { alerting: true, ..Thread::default() };
        assert_eq!(alert.next(&denied, Ability::Event, &ack, at(1)), Next::Send(Step::Acknowledge));
        assert_eq!(alert.next(&other, Ability::Event, &ack, at(1)), Next::Send(Step::Trigger));
    }

    #[test]
    fn what_is_remembered_is_read_back() {
        let mut thread = Thread::default();
        thread.begin(&card(Kind::Told, Severity::Warn, 7), Step::Head, "o", at(3));
        thread.said.insert(Kind::HardEnd, 4);
        let text = serde_json::to_string(&thread).unwrap();
        assert_eq!(serde_json::from_str::<Thread>(&text).unwrap(), thread);
        assert_eq!(serde_json::from_str::<Thread>("{}").unwrap(), Thread::default());
    }
}
