//! Secrets: rotated without a deployment, and seen nowhere.

use std::io::Write;
use std::sync::{Arc, Mutex};

use headroom_local::receiver::Mischief;

use super::desk::{BOT, Desk, ROUTING, fleet};
use super::threads::{incident, told_right};
use crate::fleets::FIRES;

const NEW_BOT: &str = "xoxb-CANARY-of-the-next-token";
const NEW_ROUTING: &str = "CANARYnewCANARYnewCANARYnewCANAR";

/// What the flow logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_rotated_secret_is_read_anew_at_the_first_refusal_and_seen_nowhere() {
    let log = Log::default();
    let (to, notices, fleet) = (log.clone(), incident().await, fleet(""));
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_writer(move || to.clone()).finish();
    let desk = Desk::new(FIRES);
    tracing::subscriber::with_default(subscriber, || {
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
    });
    told_right(&desk, "rotated");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
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
