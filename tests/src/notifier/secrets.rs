//! Secrets: rotated without a deployment, and seen nowhere.

use headroom_local::receiver::Mischief;
use tracing_subscriber::filter::LevelFilter;

use super::threads::{incident, told_right};
use crate::captured::capture;
use crate::desk::{BOT, Desk, ROUTING, fleet};
use crate::fleets::FIRES;

const NEW_BOT: &str = "xoxb-CANARY-of-the-next-token";
const NEW_ROUTING: &str = "CANARYnewCANARYnewCANARYnewCANAR";

#[tokio::test]
async fn a_rotated_secret_is_read_anew_at_the_first_refusal_and_seen_nowhere() {
    let (notices, fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    let (lines, _guard) = capture(LevelFilter::TRACE);
    desk.workspace.borrow_mut().takes(&[BOT, ROUTING]);
    for (n, notice) in notices.iter().enumerate() {
        if n == 1 {
            desk.secret("headroom/slack", NEW_BOT);
            desk.secret("headroom/pagerduty", NEW_ROUTING);
            desk.workspace.borrow_mut().takes(&[NEW_BOT, NEW_ROUTING]);
        }
        Mischief::ALL.into_iter().for_each(|mischief| desk.workspace.borrow_mut().mischief(mischief));
        desk.put(notice);
        desk.drain(&fleet);
    }
    told_right(&desk, "rotated");
    let logged = lines.text();
    assert!(logged.contains("told later"), "the log is read");
    for text in [logged, desk.written()] {
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_dead_letter_that_does_not_name_it() {
    let ([opened, ..], fleet, desk) = (incident().await, fleet(""), Desk::new(FIRES));
    desk.workspace.borrow_mut().takes(&["another"]);
    desk.put(&opened);
    desk.drain(&fleet);
    let dead = desk.dead.borrow();
    assert_eq!(dead[0].1, "ops: invalid_auth");
    assert!(!desk.written().contains("CANARY"));
}
