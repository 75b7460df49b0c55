//! A flood: what is more than a minute may have is one message with a count.

use headroom_core::notice::{Kind, Notice};
use headroom_local::receiver::Workspace;

use crate::channels::notices::Story;
use crate::desk::{Desk, fleet};
use crate::fleets::FIRES;
use crate::world::Fault;

const NOTICES: usize = 1_000;

async fn storm() -> Vec<Notice> {
    let told = Story::of_the_night().await.notice(Kind::Told).expect("a notice");
    let one = |n| Notice { incident: format!("prod-eu/web/told/{n}"), ..told.clone() };
    (0..NOTICES).map(one).collect()
}

#[tokio::test]
async fn a_thousand_notices_in_a_minute_are_twenty_and_one_digest() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    storm().await.iter().for_each(|notice| desk.put(notice));
    desk.drain(&fleet);
    let (heads, replies) = desk.slack();
    assert_eq!((heads.len(), replies.len()), (21, 0));
    assert_eq!(heads[20], "prod-eu: 980 more notices within a minute");
    assert!(desk.second() - FIRES < 120, "in {} s", desk.second() - FIRES);
    assert!(desk.dead.borrow().is_empty());
}

#[tokio::test]
async fn pages_are_counted_too_and_page_once_more() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(""));
    let denied = Story::of_the_night().await.notice(Kind::Denied).expect("a notice");
    for n in 0..NOTICES {
        desk.put(&Notice { incident: format!("headroom/self/denied/{n}"), ..denied.clone() });
    }
    desk.drain(&fleet);
    assert_eq!(desk.slack().0.len(), 21);
    let workspace = desk.workspace.borrow();
    assert_eq!(workspace.alerts().len(), 21);
    assert!(workspace.alerts().values().any(|alert| alert.summary.contains("980 more notices")));
}

#[tokio::test]
async fn an_environment_has_its_own_minute() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(", per_minute_max: 5"));
    for notice in storm().await.iter().take(8) {
        desk.put(notice);
        desk.put(&Notice {
            service: "staging/web".to_owned(),
            incident: format!("s{}", notice.incident),
            ..notice.clone()
        });
    }
    desk.drain(&fleet);
    let (heads, _) = desk.slack();
    assert_eq!(heads.len(), 12, "five and a digest each: {heads:?}");
}

#[tokio::test]
async fn a_digest_survives_a_crash_at_any_call_and_counts_each_notice() {
    let (notices, fleet) = (storm().await, fleet(", per_minute_max: 2"));
    for fault in Fault::ALL {
        for call in 1..400 {
            let desk = Desk::new(FIRES);
            desk.fail_at(call, fault);
            notices.iter().take(6).for_each(|notice| desk.put(notice));
            desk.drain(&fleet);
            if !desk.healed() {
                break;
            }
            let (heads, replies) = desk.slack();
            let what = format!("{fault:?} at call {call}: {heads:?}");
            assert!(replies.is_empty() && desk.dead.borrow().is_empty(), "{what}");
            let digests: Vec<u32> = heads
                .iter()
                .filter_map(|head| head.strip_prefix("prod-eu: ")?.split_once(" more notices")?.0.parse().ok())
                .collect();
            // A notice that comes again in a later minute has that minute's room: told all the same, alone.
            let alone = heads.len() - digests.len();
            let told = alone + digests.iter().sum::<u32>() as usize;
            assert_eq!(told, 6, "{what}");
        }
    }
}

#[tokio::test]
async fn a_dead_letter_that_carries_a_digest_says_so_and_sends_it_when_it_is_put_back() {
    let (desk, fleet) = (Desk::new(FIRES), fleet(", per_minute_max: 1"));
    desk.workspace.borrow_mut().forbid("chat.postMessage");
    storm().await.iter().take(4).for_each(|notice| desk.put(notice));
    desk.drain(&fleet);
    let carries = "ops: carries a digest of 3 notices: missing_scope";
    let dead = desk.dead.take();
    let (carrier, _) = dead.iter().find(|(_, reason)| reason == carries).expect("the carrier");
    assert_eq!(dead.len(), 2, "it, and the one that had a message of its own: {dead:?}");
    *desk.workspace.borrow_mut() = Workspace::default();
    desk.put_body(carrier.clone());
    desk.drain(&fleet);
    assert_eq!(desk.slack().0, ["prod-eu: 3 more notices within a minute"]);
}
