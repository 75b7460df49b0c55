//! Two instances at once: every order in which their calls may come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

use headroom_core::fleet::Fleet;
use headroom_core::notice::{Kind, Notice};
use headroom_local::receiver::Standing;
use headroom_pipeline::notifier::{Handled, notify};
use headroom_simulator::random::Random;

use super::threads::incident;
use crate::desk::{Desk, HOOK, one_channel};
use crate::fleets::FIRES;

const SLACK: &str = r##"{ kind: slack, channel: "#ops", token: "secretsmanager:headroom/slack" }"##;
const ONE_A_MINUTE: &str =
    r##"{ kind: slack, channel: "#ops", token: "secretsmanager:headroom/slack", per_minute_max: 1 }"##;
const PAGERDUTY: &str = r#"{ kind: pagerduty, routing_key: "secretsmanager:headroom/pagerduty" }"#;
/// Orders of a pair that are walked one by one; most pairs have fewer.
const WALKED_MAX: usize = 1_400;
const BY_CHANCE: u64 = 400;
/// Far more calls than two invocations make.
const STEPS_MAX: usize = 400;

type Invocation<'a> = Pin<Box<dyn Future<Output = Vec<(String, Handled)>> + 'a>>;

/// Runs both, one call after another in the order that `first` chooses while both go on; the second ends in its middle after
/// `dies` calls.
fn together(desk: &Desk, fleet: &Fleet, dies: Option<usize>, mut first: impl FnMut() -> bool) {
    let events = [desk.receive(1).expect("a message"), desk.receive(1).expect("a message")];
    let owners = ["owner-a", "owner-b"];
    desk.step_by_step(true);
    let begin = |n: usize| -> Option<Invocation<'_>> {
        Some(Box::pin(notify(desk, fleet, &events[n], owners[n], desk.until())))
    };
    let mut both = [begin(0), begin(1)];
    let mut calls = 0;
    for _ in 0..STEPS_MAX {
        if dies == Some(calls) {
            both[1] = None;
        }
        let next = match (&both[0], &both[1]) {
            (None, None) => break,
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
            (Some(_), Some(_)) => usize::from(!first()),
        };
        calls += next;
        let Some(invocation) = both[next].as_mut() else { continue };
        if let std::task::Poll::Ready(handled) = invocation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            desk.handled(handled);
            both[next] = None;
        }
    }
    assert!(both.iter().all(Option::is_none), "an invocation never ends");
    drop(both);
    desk.step_by_step(false);
}

/// Every order, one after another: the choices of a run, and how the next one differs.
#[derive(Debug, Default)]
struct Orders {
    path: Vec<bool>,
    at: usize,
}

impl Orders {
    fn first(&mut self) -> bool {
        if self.at == self.path.len() {
            self.path.push(true);
        }
        self.at += 1;
        self.path[self.at - 1]
    }

    /// Whether there is another.
    fn next(&mut self) -> bool {
        self.path.truncate(self.at);
        self.at = 0;
        while self.path.last() == Some(&false) {
            self.path.pop();
        }
        self.path.last_mut().map(|last| *last = false).is_some()
    }
}

/// Once delivered: one thread that shows the newest and showed nothing older over something newer; what is loud was said in it.
fn told(desk: &Desk, notices: &[Notice], what: &str) {
    let (heads, replies) = desk.slack();
    let newest = notices.iter().max_by_key(|notice| notice.revision).expect("a notice");
    assert!(heads.len() == 1 && heads[0].contains(&newest.title), "{what}: {heads:?} {replies:?}");
    let texts = desk.texts.borrow();
    for shown in texts.values() {
        let revision = |text: &String| notices.iter().find(|n| text.contains(&n.title)).expect("a notice").revision;
        assert!(shown.iter().map(revision).is_sorted(), "{what}: an older one over a newer one: {shown:?}");
    }
    for loud in notices.iter().filter(|notice| notice.kind == Kind::DidNotHelp) {
        let ever = texts.values().flatten().any(|text| text.contains(&loud.title));
        let replies = replies.iter().filter(|reply| reply.contains(&loud.title)).count();
        assert!(ever && replies <= 1, "{what}: {} in {texts:?}", loud.title);
    }
    assert!(desk.dead.borrow().is_empty(), "{what}: {:?}", desk.dead.borrow());
}

/// Runs every order; of the larger trees the first ones and as many by chance. How many there were.
fn each_order(mut run: impl FnMut(&mut dyn FnMut() -> bool, &str)) -> usize {
    let mut orders = Orders::default();
    for walked in 1..=WALKED_MAX {
        run(&mut || orders.first(), &format!("order {walked}"));
        if !orders.next() {
            return walked;
        }
    }
    for seed in 0..BY_CHANCE {
        let mut random = Random::new(seed, 0);
        run(&mut || random.next().is_multiple_of(2), &format!("seed {seed}"));
    }
    WALKED_MAX
}

/// Pairs of deliveries of one incident, after what was delivered before them.
async fn pairs() -> Vec<(Vec<Notice>, [Notice; 2])> {
    let named = |notice: Notice, title: &str| Notice { title: title.to_owned(), ..notice };
    let [opened, page, closed] = incident().await;
    let (opened, page, closed) = (named(opened, "opened"), named(page, "paged"), named(closed, "closed"));
    let grown =
        Notice { kind: Kind::Grown, title: "grown".to_owned(), revision: opened.revision + 1, ..opened.clone() };
    vec![
        (vec![], [opened.clone(), opened.clone()]),
        (vec![], [opened.clone(), closed.clone()]),
        (vec![], [page.clone(), closed.clone()]),
        (vec![opened.clone()], [grown.clone(), closed.clone()]),
        (vec![opened.clone()], [closed.clone(), closed.clone()]),
        (vec![opened.clone()], [page.clone(), page.clone()]),
        (vec![opened.clone()], [page.clone(), closed.clone()]),
        (vec![opened, page.clone()], [grown, closed]),
    ]
}

/// What was delivered before them stands; then the pair at once, and at last everything.
fn deliver(
    fleet: &Fleet,
    before: &[Notice],
    pair: &[Notice; 2],
    dies: Option<usize>,
    first: &mut dyn FnMut() -> bool,
) -> Desk {
    let desk = Desk::new(FIRES);
    for notice in before {
        desk.put(notice);
        desk.drain(fleet);
    }
    pair.iter().for_each(|notice| desk.put(notice));
    together(&desk, fleet, dies, first);
    desk.drain(fleet);
    desk
}

#[tokio::test]
async fn in_every_order_of_two_instances_calls_there_is_one_thread_and_nothing_older_over_newer() {
    let fleet = one_channel(SLACK);
    for (n, (before, pair)) in pairs().await.into_iter().enumerate() {
        let notices: Vec<Notice> = before.iter().chain(&pair).cloned().collect();
        let walked = each_order(|first, order| {
            let desk = deliver(&fleet, &before, &pair, None, first);
            told(&desk, &notices, &format!("pair {n}, {order}"));
        });
        assert!(walked > 20, "pair {n}: only {walked} orders");
    }
}

#[tokio::test]
async fn an_instance_that_dies_anywhere_between_anothers_calls_costs_no_notice_and_no_second_thread() {
    let fleet = one_channel(SLACK);
    for (n, (before, pair)) in pairs().await.into_iter().enumerate() {
        let notices: Vec<Notice> = before.iter().chain(&pair).cloned().collect();
        for seed in 0..BY_CHANCE {
            let mut random = Random::new(seed, 1);
            let dies = random.next() % 10;
            let desk = deliver(&fleet, &before, &pair, Some(dies as usize), &mut || random.next().is_multiple_of(2));
            told(&desk, &notices, &format!("pair {n}, seed {seed}"));
        }
    }
}

#[tokio::test]
async fn in_every_order_an_alert_opens_once_and_stays_closed() {
    let ([_, page, closed], fleet) = (incident().await, one_channel(PAGERDUTY));
    let paged = vec![page.clone()];
    for (before, pair, standing) in [
        (vec![], [page.clone(), page.clone()], Standing::Triggered),
        (vec![], [page.clone(), closed.clone()], Standing::Resolved),
        (paged.clone(), [closed.clone(), closed.clone()], Standing::Resolved),
        (paged.clone(), [page.clone(), closed.clone()], Standing::Resolved),
        (paged, [Notice { revision: page.revision + 1, ..page }, closed], Standing::Resolved),
    ] {
        let right = |desk: &Desk, what: &str| {
            let workspace = desk.workspace.borrow();
            assert!(workspace.alerts().values().all(|alert| (alert.standing, alert.opened) == (standing, 1)), "{what}");
            assert!(standing == Standing::Resolved || workspace.alerts().len() == 1, "{what}");
            assert!(desk.dead.borrow().is_empty(), "{what}");
        };
        each_order(|first, order| right(&deliver(&fleet, &before, &pair, None, first), order));
        for seed in 0..BY_CHANCE {
            let mut random = Random::new(seed, 2);
            let dies = random.next() % 10;
            let desk = deliver(&fleet, &before, &pair, Some(dies as usize), &mut || random.next().is_multiple_of(2));
            right(&desk, &format!("seed {seed}"));
        }
    }
}

/// A digest of the minute is there with its carrier; then one notice of the incident is sent while another of it is counted.
#[tokio::test]
async fn what_a_digest_counts_while_a_call_of_its_incident_is_made_doubles_nothing() {
    let [opened, page, _] = incident().await;
    let of = |kind, title: &str, revision: i64| Notice {
        kind,
        title: title.to_owned(),
        revision: page.revision + revision,
        ..page.clone()
    };
    let (late, held) = (of(Kind::Drift, "late and loud", -10), of(Kind::HardEnd, "held", 10));
    for (name, channel) in [("bot", None), ("webhook", Some(HOOK))] {
        let fleet = one_channel(ONE_A_MINUTE);
        each_order(|first, order| {
            let desk = Desk::new(FIRES);
            channel.into_iter().for_each(|hook| desk.secret("headroom/slack", hook));
            desk.put(&page);
            desk.put(&Notice { incident: "another".to_owned(), ..opened.clone() });
            desk.batch(&fleet);
            desk.put(&late);
            desk.put(&held);
            together(&desk, &fleet, None, first);
            desk.drain(&fleet);
            let (heads, replies) = desk.slack();
            let what = format!("{name}: {heads:?} {replies:?} {order}");
            // A bot's are replies in the thread of the page; a webhook's stand alone. A notice that had to wait for the other's
            // call has its own room in a later minute.
            let alone = if channel.is_some() { &heads } else { &replies };
            let said = |title: &str| alone.iter().filter(|text| text.contains(title)).count();
            let counted = |count: u32| heads.iter().filter(|text| text.contains(&format!("{count} more not"))).count();
            assert_eq!(said("late and loud"), 1, "{what}");
            let held = (said("held"), counted(1), counted(2));
            assert!(held == (0, 0, 1) || held == (1, 1, 0), "{held:?} {what}");
            assert!(desk.dead.borrow().is_empty(), "{what}");
        });
    }
}
