//! One thread an incident, whatever order and number of deliveries.

use headroom_core::channel::Ack;
use headroom_core::notice::{Kind, Notice, Severity};
use headroom_local::receiver::Standing;

use crate::channels::notices::Story;
use crate::desk::{Desk, fleet};
use crate::fleets::FIRES;
use crate::golden::compare;

/// What one incident tells: opened, paged, closed.
pub(super) async fn incident() -> [Notice; 3] {
    let story = Story::of_the_night().await;
    let of = |kind, revision: i64| {
        let notice = story.notice(kind).expect("a notice");
        let incident = story.notice(Kind::Opened).expect("a notice").incident;
        Notice { incident, revision: FIRES * 1_000 + revision, ..notice }
    };
    [of(Kind::Opened, 1), of(Kind::DidNotHelp, 600_000), of(Kind::Closed, 7_200_000)]
}

/// One thread with what people must see in it, and an alert that was opened once and is over.
pub(super) fn told_right(desk: &Desk, what: &str) {
    let (heads, replies) = desk.slack();
    assert_eq!(heads.len(), 1, "{what}: one thread: {heads:?}");
    assert!(heads[0].contains("back to min"), "{what}: it shows the present state: {heads:?}");
    assert_eq!(replies.len(), 1, "{what}: the page is said once: {replies:?}");
    let workspace = desk.workspace.borrow();
    let alerts: Vec<_> = workspace.alerts().values().collect();
    assert_eq!(alerts.len(), 1, "{what}");
    assert_eq!((alerts[0].standing, alerts[0].opened), (Standing::Resolved, 1), "{what}");
    assert!(desk.dead.borrow().is_empty(), "{what}: {:?}", desk.dead.borrow());
}

#[tokio::test]
async fn an_incident_is_one_message_edited_and_its_page_a_reply() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    for notice in incident().await {
        desk.put(&notice);
        desk.drain(&fleet);
        desk.set_second(desk.second() + 600);
    }
    told_right(&desk, "in order");
    compare("channels/thread.txt", &desk.workspace.borrow().people());
}

#[tokio::test]
async fn copies_change_nothing() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    for notice in incident().await {
        for _ in 0..4 {
            desk.put(&notice);
        }
        desk.drain(&fleet);
        desk.put(&notice);
        desk.drain(&fleet);
    }
    told_right(&desk, "copies");
}

#[tokio::test]
async fn whatever_the_order_the_newest_is_shown_and_every_page_is_said() {
    let notices = incident().await;
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (desk, fleet) = (Desk::new(FIRES), fleet(""));
        for n in order {
            desk.put(&notices[n]);
            desk.drain(&fleet);
        }
        let (heads, replies) = desk.slack();
        assert_eq!(heads.len(), 1, "{order:?}");
        assert!(heads[0].contains("back to min"), "{order:?}: {heads:?}");
        // The page that came first is the first message, and an edit has taken its place.
        assert_eq!(replies.len(), usize::from(order[0] != 1), "{order:?}");
        let workspace = desk.workspace.borrow();
        // Nobody is called for what is over.
        let page_before_end = order.iter().position(|n| *n == 1) < order.iter().position(|n| *n == 2);
        let opened: u32 = workspace.alerts().values().map(|alert| alert.opened).sum();
        assert_eq!(opened, u32::from(page_before_end), "{order:?}");
        assert!(workspace.alerts().values().all(|alert| alert.standing == Standing::Resolved), "{order:?}");
    }
}

#[tokio::test]
async fn an_ack_stops_repeats() {
    let [_, page, _] = incident().await;
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    let hours = |n: i64| Notice { revision: page.revision + n * 3_600_000, ..page.clone() };
    for n in 0..3 {
        desk.put(&hours(n));
        desk.drain(&fleet);
        desk.set_second(desk.second() + 3_600);
    }
    assert_eq!(desk.slack().1.len(), 2, "said again each hour");
    desk.ack(Ack { kind: page.kind, by: "ana".to_owned(), at: jiff::Timestamp::from_second(desk.second()).unwrap() });
    for n in 3..6 {
        desk.put(&hours(n));
        desk.drain(&fleet);
    }
    assert_eq!(desk.slack().1.len(), 2, "acknowledged");
    let workspace = desk.workspace.borrow();
    assert!(workspace.alerts().values().all(|alert| alert.standing == Standing::Acknowledged));
}

#[tokio::test]
async fn a_deleted_message_is_not_missed_for_ever() {
    let [opened, page, closed] = incident().await;
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    desk.put(&opened);
    desk.drain(&fleet);
    *desk.workspace.borrow_mut() = headroom_local::receiver::Workspace::default();
    for notice in [&page, &closed] {
        desk.put(notice);
        desk.drain(&fleet);
    }
    assert_eq!(desk.slack().0.len(), 1);
    assert!(desk.dead.borrow().is_empty(), "{:?}", desk.dead.borrow());
}

#[tokio::test]
async fn a_webhook_and_a_mail_get_what_opens_and_what_closes() {
    let story = Story::of_the_night().await;
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    desk.secret("headroom/slack", "https://hooks.slack.com/services/T0/B0/CANARYhook");
    for kind in [Kind::Opened, Kind::Grown, Kind::Closed] {
        let notice = Notice { incident: "i".to_owned(), ..story.notice(kind).expect("a notice") };
        assert_eq!(notice.severity, Severity::Info);
        desk.put(&notice);
        desk.drain(&fleet);
    }
    let (heads, replies) = desk.slack();
    assert_eq!((heads.len(), replies.len()), (2, 0), "{heads:?}");
}

#[tokio::test]
async fn what_is_no_notice_is_a_dead_letter_without_its_words_in_the_reason() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    desk.put_body("{\"words\": \"CANARY\"}".to_owned());
    desk.drain(&fleet);
    let dead = desk.dead.borrow();
    assert_eq!(dead.len(), 1);
    assert!(!dead[0].1.contains("CANARY") && dead[0].0.contains("CANARY"), "{dead:?}");
}
