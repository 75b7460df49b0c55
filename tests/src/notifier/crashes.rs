//! A fault at every call, and every way in which a service misbehaves at each of its calls.

use headroom_core::notice::Notice;
use headroom_local::receiver::{Alert, Mischief, Standing};

use super::threads::{incident, told_right};
use crate::desk::{Desk, fleet};
use crate::fleets::FIRES;
use crate::world::Fault;

/// Far more calls than an incident needs.
const CALLS_MAX: u32 = 200;

#[tokio::test]
async fn a_crash_at_any_call_doubles_nothing_and_loses_nothing() {
    let (notices, fleet) = (incident().await, fleet(""));
    for fault in Fault::ALL {
        let mut reached = 0;
        for call in 1..CALLS_MAX {
            let desk = Desk::new(FIRES);
            desk.fail_at(call, fault);
            for notice in &notices {
                desk.put(notice);
                desk.drain(&fleet);
            }
            if !desk.healed() {
                break;
            }
            told_right(&desk, &format!("{fault:?} at call {call}"));
            reached = call;
        }
        assert!(reached > 25, "{fault:?}: only {reached} calls were reached");
    }
}

#[tokio::test]
async fn a_crash_while_all_three_wait_doubles_nothing_and_loses_nothing() {
    let (notices, fleet) = (incident().await, fleet(""));
    for fault in Fault::ALL {
        for call in 1..CALLS_MAX {
            let desk = Desk::new(FIRES);
            desk.fail_at(call, fault);
            notices.iter().for_each(|notice| desk.put(notice));
            desk.drain(&fleet);
            if !desk.healed() {
                break;
            }
            // The three may overtake one another: what is first is the first message, and edited.
            let (heads, replies) = desk.slack();
            let what = format!("{fault:?} at call {call}: {heads:?} {replies:?}");
            assert!(heads.len() == 1 && heads[0].contains("back to min") && replies.len() <= 1, "{what}");
            let workspace = desk.workspace.borrow();
            let over = |alert: &Alert| (alert.standing, alert.opened) == (Standing::Resolved, 1);
            assert!(workspace.alerts().len() <= 1 && workspace.alerts().values().all(over), "{what}");
            assert!(desk.dead.borrow().is_empty(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_service_that_misbehaves_doubles_nothing_and_loses_nothing() {
    let (notices, fleet) = (incident().await, fleet(""));
    for mischief in Mischief::ALL {
        for fine_before in 0..6 {
            let desk = Desk::new(FIRES);
            for (n, notice) in notices.iter().enumerate() {
                desk.put(notice);
                if n == fine_before / 2 {
                    // The first or the second call of this notice, and once more when it is tried again.
                    if fine_before % 2 == 1 {
                        desk.workspace.borrow_mut().mischief(mischief);
                    }
                    desk.workspace.borrow_mut().mischief(mischief);
                }
                desk.drain(&fleet);
            }
            told_right(&desk, &format!("{mischief:?} after {fine_before}"));
        }
    }
}

#[tokio::test]
async fn a_channel_that_hangs_takes_no_more_than_its_invocations_time() {
    let ([_, page, _], fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    for n in 0..10 {
        desk.put(&Notice { incident: format!("i{n}"), ..page.clone() });
    }
    (0..8).for_each(|_| desk.workspace.borrow_mut().mischief(Mischief::Slow));
    assert!(desk.batch(&fleet));
    assert!(desk.second() - FIRES <= 30, "a function ends after 30 s, and what it had not said waits long then");
    desk.drain(&fleet);
    assert_eq!((desk.slack().0.len(), desk.workspace.borrow().alerts().len()), (10, 10));
    assert!(desk.dead.borrow().is_empty(), "{:?}", desk.dead.borrow());
}

#[tokio::test]
async fn retry_after_is_when_the_message_comes_again() {
    let ([opened, ..], fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    desk.workspace.borrow_mut().mischief(Mischief::TooMany { retry_after: 777 });
    desk.put(&opened);
    assert!(desk.batch(&fleet));
    desk.set_second(FIRES + 776);
    assert!(!desk.batch(&fleet), "not before");
    desk.set_second(FIRES + 777);
    assert!(desk.batch(&fleet));
    assert_eq!(desk.slack().0.len(), 1);
}

#[tokio::test]
async fn a_bot_that_may_not_look_says_it_again_rather_than_never() {
    let ([opened, ..], fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    for method in ["conversations.history", "conversations.list"] {
        desk.workspace.borrow_mut().forbid(method);
    }
    desk.workspace.borrow_mut().mischief(Mischief::ClosesMidway);
    desk.put(&opened);
    desk.drain(&fleet);
    assert_eq!(desk.slack().0.len(), 2, "at least once, and nobody could tell");
}

#[tokio::test]
async fn what_never_gets_through_is_a_dead_letter_with_its_reason() {
    let ([_, page, _], fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    desk.workspace.borrow_mut().forbid("chat.postMessage");
    desk.put(&page);
    desk.drain(&fleet);
    let dead = desk.dead.borrow();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].1, "ops: missing_scope");
    let hours = (desk.second() - FIRES) / 3_600;
    assert!((4..8).contains(&hours), "tried for {hours} h");
    assert_eq!(desk.workspace.borrow().alerts().len(), 1, "the other channel has it");
}
