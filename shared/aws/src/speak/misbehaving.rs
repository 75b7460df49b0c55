//! The function's own HTTP calls against services on this machine that misbehave: every channel, every way to misbehave,
//! at every call, with and without a crash. What was taken is counted at the far side.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sns::config::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use headroom_core::channel::{Answer, Request, Thread};
use headroom_core::entry::Entry;
use headroom_core::fleet::{Fleet, SecretRef};
use headroom_core::id::DecisionId;
use headroom_core::notice::{Kind, Notice, Severity};
use headroom_core::time::Seconds;
use headroom_local::receiver::{Asked, Mischief, Reply, Standing};
use headroom_pipeline::notifier::{Channels, Held, Place, Queue, Record, SlackForm, Threads};
use headroom_pipeline::{Clock, PortError, Retry};
use headroom_tests::desk::{BOT, Desk, HOOK, ROUTING, one_channel};
use headroom_tests::fleets::FIRES;
use headroom_tests::world::Fault;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, LocalSet};

use super::secret::Secret;
use super::settings::SpeakSettings;
use super::speaker::Speaker;
use super::web::Web;
use crate::aws::Aws;

/// Where a service is to be slow: long beside a call on this machine, short beside a test.
const IMPATIENT: Duration = Duration::from_millis(150);
/// Everywhere else nothing may seem slow, however busy this machine is.
const PATIENT: Duration = Duration::from_secs(10);
/// A channel's own time-out in the world of the desk.
const TIMED_OUT: i64 = 10;
const AT_ONCE: usize = 24;
const MAIL_TOPIC: &str = "arn:aws:sns:eu-west-1:222222222222:mail";
const CHATS_TOPIC: &str = "arn:aws:sns:eu-west-1:222222222222:chats";

/// What the fleet file says of the channel, and what an incident is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Bot,
    Webhook,
    PagerDuty,
    Mail,
    Chats,
}

const ALL: [To; 5] = [To::Bot, To::Webhook, To::PagerDuty, To::Mail, To::Chats];

impl To {
    fn fleet(self) -> Fleet {
        one_channel(&match self {
            Self::Bot | Self::Webhook => {
                r##"{ kind: slack, channel: "#ops", token: "secretsmanager:headroom/slack" }"##.to_owned()
            }
            Self::PagerDuty => r#"{ kind: pagerduty, routing_key: "secretsmanager:headroom/pagerduty" }"#.to_owned(),
            Self::Mail => "{ kind: email, address: ops@example.com }".to_owned(),
            Self::Chats => format!("{{ kind: sns, topic: \"{CHATS_TOPIC}\" }}"),
        })
    }
}

/// What goes wrong: from this HTTP call on, counted at the far side, so many times; and a crash at this call of a port.
#[derive(Debug, Clone, Copy)]
struct Wrong {
    mischief: Option<(u32, Mischief, u32)>,
    crash: Option<(u32, Fault)>,
}

impl Wrong {
    fn slow(self) -> bool {
        self.mischief.is_some_and(|(_, mischief, _)| mischief == Mischief::Slow)
    }

    fn patience(self) -> Duration {
        if self.slow() { IMPATIENT } else { PATIENT }
    }
}

/// The far side.
#[derive(Debug)]
struct Far {
    desk: Rc<Desk>,
    calls: Cell<u32>,
    wrong: Wrong,
}

impl Far {
    /// One request, as a service would answer it.
    fn answer(&self, head: &str, body: &str) -> Reply {
        self.calls.set(self.calls.get() + 1);
        if let Some((call, mischief, times)) = self.wrong.mischief
            && (call..call + times).contains(&self.calls.get())
        {
            self.desk.workspace.borrow_mut().mischief(mischief);
        }
        let target = head.split_whitespace().nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == "/" {
            return self.publish(&form(body));
        }
        let bearer = head.lines().find_map(|line| line.strip_prefix("authorization: "));
        self.desk.answer(Asked { path, query: &form(query), authorization: bearer, body })
    }

    /// SNS's Publish in AWS's query protocol.
    fn publish(&self, form: &[(String, String)]) -> Reply {
        let field = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        assert_eq!(field("Action").as_deref(), Some("Publish"));
        self.desk.workspace.borrow_mut().befall(|_| {
            let text = |name| field(name).unwrap_or_default();
            self.desk.published.borrow_mut().push((field("TopicArn"), text("Subject"), text("Message")));
            let space = "http://sns.amazonaws.com/doc/2010-03-31/";
            let id = "<PublishResult><MessageId>m</MessageId></PublishResult>";
            let body = format!("<PublishResponse xmlns=\"{space}\">{id}</PublishResponse>");
            Reply { status: 200, retry_after: None, body, slow: false, closes: false }
        })
    }

    async fn serve(self: Rc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let far = Rc::clone(&self);
            tokio::task::spawn_local(async move { far.connection(stream).await });
        }
    }

    async fn connection(&self, stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Ok(Some((head, body))) = request(&stream, &mut bytes).await {
            let reply = self.answer(&head, &body);
            if reply.slow {
                tokio::time::sleep(IMPATIENT * 4).await;
                return;
            }
            let after = reply.retry_after.map(|after| format!("retry-after: {after}\r\n")).unwrap_or_default();
            let (status, length) = (reply.status, reply.body.len());
            let head = format!("HTTP/1.1 {status} Said\r\n{after}content-length: {length}\r\n\r\n");
            let sent = if reply.closes { length / 2 } else { length };
            let answer = [head.as_bytes(), &reply.body.as_bytes()[..sent]].concat();
            if write(&stream, &answer).await.is_err() || reply.closes {
                return;
            }
        }
    }
}

/// The next request of a connection: its head with small letters in names, its body.
async fn request(stream: &TcpStream, bytes: &mut Vec<u8>) -> io::Result<Option<(String, String)>> {
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
                bytes.drain(..end + 4 + length);
                return Ok(Some((head, body)));
            }
        }
        stream.readable().await?;
        let mut some = [0; 16_384];
        match stream.try_read(&mut some) {
            Ok(0) => return Ok(None),
            Ok(read) => bytes.extend_from_slice(&some[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A form or a query, decoded.
fn form(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let (mut out, mut rest) = (Vec::new(), text.as_bytes());
        while let [first, after @ ..] = rest {
            rest = after;
            match (first, after) {
                (b'%', [high, low, after @ ..]) => {
                    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap();
                    out.push(u8::try_from(digit(high) * 16 + digit(low)).unwrap());
                    rest = after;
                }
                (b'+', _) => out.push(b' '),
                (byte, _) => out.push(*byte),
            }
        }
        String::from_utf8(out).unwrap()
    };
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decoded(name), decoded(value)));
    text.split('&').filter_map(pair).collect()
}

/// The desk's ports, but that calls of channels are real.
struct Wire {
    desk: Rc<Desk>,
    speaker: Speaker,
    /// Calls of which nobody knows whether they were taken.
    unknown: Cell<usize>,
}

impl Clock for Wire {
    fn now(&self) -> Timestamp {
        self.desk.now()
    }
}

impl Threads for Wire {
    async fn thread(&self, place: &Place) -> Result<Held, PortError> {
        self.desk.thread(place).await
    }
    async fn keep(&self, place: &Place, thread: &Thread, expect: u64) -> Result<bool, PortError> {
        self.desk.keep(place, thread, expect).await
    }
    async fn add(&self, set: &str, member: &str, members_max: u32) -> Result<bool, PortError> {
        self.desk.add(set, member, members_max).await
    }
    async fn members(&self, set: &str) -> Result<BTreeSet<String>, PortError> {
        self.desk.members(set).await
    }
    async fn entry(&self, decision: &DecisionId) -> Result<Option<Entry>, PortError> {
        self.desk.entry(decision).await
    }
}

impl Channels for Wire {
    async fn slack_form(&self, secret: &SecretRef) -> Result<SlackForm, PortError> {
        self.speaker.slack_form(secret).await
    }
    async fn send(&self, request: &Request) -> Result<Answer, PortError> {
        let called = self.desk.faulty(&request.to_string(), self.speaker.send(request)).await;
        let answer = called.and_then(|answer| answer);
        let unanswered = answer.as_ref().is_err_and(|error| error.retry == Retry::Unknown);
        if unanswered {
            self.desk.set_second(self.desk.second() + TIMED_OUT);
        }
        if unanswered || answer.as_ref().is_ok_and(|answer| answer.status >= 500 || answer.body.starts_with('<')) {
            self.unknown.set(self.unknown.get() + 1);
        }
        answer
    }
    fn refused(&self, secret: &SecretRef) {
        panic!("{} was not refused", secret.name());
    }
    fn zone(&self, _: &str) -> Option<TimeZone> {
        None
    }
}

impl Queue for Wire {
    async fn later(&self, record: &Record, after: Seconds) -> Result<(), PortError> {
        self.desk.later(record, after).await
    }
    async fn dead(&self, record: &Record, reason: &str) -> Result<(), PortError> {
        self.desk.dead(record, reason).await
    }
}

async fn speaker(at: SocketAddr, to: To, patience: Duration, clients: &Clients) -> Speaker {
    let url = format!("http://{at}");
    let timeout = TimeoutConfig::builder().operation_attempt_timeout(patience).build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .endpoint_url(&url)
        .http_client(clients.sdk.clone())
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1)))
        .timeout_config(timeout)
        .load()
        .await;
    let settings = SpeakSettings {
        mail_topic_arn: MAIL_TOPIC.to_owned(),
        queue: String::new(),
        dead_letters: String::new(),
        slack_url: format!("{url}/slack"),
        pagerduty_url: format!("{url}/pagerduty"),
    };
    let aws = Aws::of(config.clone(), "table".to_owned(), "topic".to_owned());
    let speaker = Speaker::of(aws, config, settings, clients.web.with_patience(patience));
    let hook = format!("{url}/slack/services/{}", HOOK.rsplit('/').next().unwrap_or_default());
    speaker.secrets.keep("headroom/slack", Secret::new(if to == To::Webhook { &hook } else { BOT }));
    speaker.secrets.keep("headroom/pagerduty", Secret::new(ROUTING));
    speaker
}

/// The function's own clients: who makes them reads all of the embedded certificates.
#[derive(Debug, Clone)]
struct Clients {
    web: Web,
    sdk: SharedHttpClient,
}

/// Opened, paged, closed.
fn incident() -> [Notice; 3] {
    let of = |kind, severity, title: &str, revision| Notice {
        incident: "prod-eu/web/cpu-high@1".to_owned(),
        kind,
        revision,
        severity,
        service: "prod-eu/web".to_owned(),
        decision: DecisionId("D-00000".to_owned()),
        title: title.to_owned(),
        lines: vec![("Why".to_owned(), "a test".to_owned())],
        quoted: Vec::new(),
    };
    [
        of(Kind::Opened, Severity::Info, "it opened", 1),
        of(Kind::DidNotHelp, Severity::Page, "it paged", 600_000),
        of(Kind::Closed, Severity::Info, "it closed", 7_200_000),
    ]
}

/// Tells an incident; whether everything that was to go wrong did.
async fn told(to: To, wrong: Wrong, clients: Clients) -> bool {
    let (desk, fleet) = (Rc::new(Desk::new(FIRES)), to.fleet());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let far = Rc::new(Far { desk: Rc::clone(&desk), calls: Cell::new(0), wrong });
    let server = tokio::task::spawn_local(Rc::clone(&far).serve(listener));
    wrong.crash.into_iter().for_each(|(call, fault)| desk.fail_at(call, fault));
    let wire = Wire {
        desk: Rc::clone(&desk),
        speaker: speaker(at, to, wrong.patience(), &clients).await,
        unknown: Cell::new(0),
    };
    for notice in incident() {
        desk.put(&notice);
        desk.drain_over(&wire, &fleet).await;
    }
    server.abort();
    right(to, &desk, wrong, wire.unknown.get());
    let reached = wrong.mischief.is_none_or(|(call, ..)| far.calls.get() >= call);
    desk.healed() && reached
}

/// Nothing lost; nothing doubled in a thread; and of what stands alone, no more copies than calls of unknown fate.
fn right(to: To, desk: &Desk, wrong: Wrong, unknown: usize) {
    let what = format!("{to:?} {wrong:?}");
    assert!(desk.dead.borrow().is_empty(), "{what}: {:?}", desk.dead.borrow());
    let (heads, replies) = desk.slack();
    match to {
        To::Bot => {
            assert_eq!(
                (heads.as_slice(), replies.as_slice()),
                (&["it closed".to_owned()][..], &["it paged".to_owned()][..]),
                "{what}"
            );
        }
        To::PagerDuty => {
            let workspace = desk.workspace.borrow();
            let alerts: Vec<_> = workspace.alerts().values().map(|alert| (alert.standing, alert.opened)).collect();
            assert_eq!(alerts, [(Standing::Resolved, 1)], "{what}");
        }
        To::Webhook | To::Mail | To::Chats => {
            let published = desk.published.borrow();
            let topic = if to == To::Mail { MAIL_TOPIC } else { CHATS_TOPIC };
            assert!(published.iter().all(|(of, ..)| of.as_deref() == Some(topic)), "{what}");
            let said: Vec<&str> =
                heads.iter().chain(published.iter().map(|(_, subject, _)| subject)).map(String::as_str).collect();
            for notice in incident() {
                assert!(said.contains(&notice.title.as_str()), "{what}: {} is lost: {said:?}", notice.title);
            }
            // The SDK tries again by itself what it knows nothing of.
            let by_sdk = if to == To::Webhook { 0 } else { wrong.mischief.map_or(0, |(.., times)| times as usize) };
            let doubts = unknown + by_sdk + usize::from(wrong.crash.is_some());
            // Whoever is impatient may be so once more than was meant, on a busy machine, and nobody sees the SDK's tries.
            let bound = if by_sdk > 0 && wrong.slow() { usize::MAX } else { incident().len() + doubts };
            assert!(said.len() <= bound, "{what}: {said:?}, {unknown} unknown");
        }
    }
}

/// All of these, some at once; how many of them came to pass.
async fn all(to: To, wrongs: Vec<Wrong>) -> usize {
    let (mut running, mut reached) = (JoinSet::new(), 0);
    let clients = Clients { web: Web::new(PATIENT).unwrap(), sdk: crate::http::client().unwrap() };
    for wrong in wrongs {
        if running.len() == AT_ONCE {
            reached += usize::from(running.join_next().await.unwrap().unwrap());
        }
        running.spawn_local(told(to, wrong, clients.clone()));
    }
    while let Some(done) = running.join_next().await {
        reached += usize::from(done.unwrap());
    }
    reached
}

/// What an incident's calls are at most: of channels over HTTP, and of ports.
const HTTP_CALLS: u32 = 5;
const PORT_CALLS: u32 = 36;

#[tokio::test]
async fn a_service_that_misbehaves_at_any_call_loses_nothing_and_doubles_nothing() {
    let each = async {
        for to in ALL {
            let one = |mischief| {
                // Once, and once more than the SDK tries by itself.
                let often = [1, 4].into_iter();
                often.flat_map(move |times| (1..=HTTP_CALLS).map(move |call| (call, mischief, times)))
            };
            let wrongs =
                Mischief::ALL.into_iter().flat_map(one).map(|mischief| Wrong { mischief: Some(mischief), crash: None });
            let reached = all(to, wrongs.collect()).await;
            // Alerts and mails are two and three calls.
            assert!(reached >= Mischief::ALL.len() * 2 * 2, "{to:?}: only {reached}");
        }
    };
    LocalSet::new().run_until(each).await;
}

#[tokio::test]
async fn a_crash_at_any_call_while_a_service_misbehaves_loses_nothing_and_doubles_nothing() {
    let each = async {
        for to in ALL {
            let wrongs = Mischief::ALL.into_iter().flat_map(|mischief| {
                (1..=PORT_CALLS).map(move |call| {
                    let fault = if call % 2 == 0 { Fault::Dies } else { Fault::EffectThenDies };
                    // Around the first message and around the page.
                    Wrong { mischief: Some((1 + call / 2 % 2, mischief, 1)), crash: Some((call, fault)) }
                })
            });
            let reached = all(to, wrongs.collect()).await;
            assert!(reached > 75, "{to:?}: only {reached}");
        }
    };
    LocalSet::new().run_until(each).await;
}

#[tokio::test]
async fn a_crash_at_any_call_over_http_loses_nothing_and_doubles_nothing() {
    let each = async {
        for to in ALL {
            let wrongs = Fault::ALL.into_iter().flat_map(|fault| {
                (1..=PORT_CALLS).map(move |call| Wrong { mischief: None, crash: Some((call, fault)) })
            });
            let reached = all(to, wrongs.collect()).await;
            assert!(reached > 50, "{to:?}: only {reached}");
        }
    };
    LocalSet::new().run_until(each).await;
}
