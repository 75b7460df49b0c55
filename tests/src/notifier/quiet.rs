//! Quiet hours: pages come through, the rest is one message in the morning.

use headroom_core::notice::{Kind, Notice};
use jiff::tz::{Offset, TimeZone};

use crate::channels::notices::Story;
use crate::desk::{Desk, fleet};
use crate::fleets::FIRES;
use crate::world::Fault;

/// 07:00 in Berlin of the night.
const MORNING: i64 = 1_795_413_600;

fn night() -> Desk {
    let desk = Desk::new(FIRES);
    *desk.zone.borrow_mut() = Some(TimeZone::fixed(Offset::constant(1)));
    desk
}

const QUIET: &str = ", quiet_hours: { from: \"22:00\", until: \"07:00\" }";

#[tokio::test]
async fn what_does_not_page_waits_for_the_morning() {
    let (desk, fleet, story) = (night(), fleet(QUIET), Story::of_the_night().await);
    for (n, kind) in [Kind::Opened, Kind::Drift, Kind::Told, Kind::Held].into_iter().enumerate() {
        let notice = story.notice(kind).expect("a notice");
        desk.put(&Notice { incident: format!("prod-eu/web/{n}"), ..notice });
    }
    assert!(desk.batch(&fleet));
    let (heads, _) = desk.slack();
    assert_eq!(heads.len(), 1, "the page alone: {heads:?}");
    desk.drain(&fleet);
    assert_eq!(desk.second(), MORNING);
    let (heads, _) = desk.slack();
    assert_eq!(heads[1..], ["prod-eu: 3 notices in the quiet hours"]);
}

#[tokio::test]
async fn what_opened_and_closed_in_the_night_is_counted_and_not_told_twice() {
    let (desk, fleet, story) = (night(), fleet(QUIET), Story::of_the_night().await);
    for kind in [Kind::Opened, Kind::Grown, Kind::Closed] {
        desk.put(&Notice { incident: "i".to_owned(), ..story.notice(kind).expect("a notice") });
        assert!(desk.batch(&fleet));
    }
    desk.drain(&fleet);
    assert_eq!(desk.slack().0, ["prod-eu: 1 notices in the quiet hours"]);
}

#[tokio::test]
async fn an_unknown_time_zone_is_no_reason_for_silence() {
    let (desk, fleet, story) = (Desk::new(FIRES), fleet(QUIET), Story::of_the_night().await);
    desk.put(&story.notice(Kind::Opened).expect("a notice"));
    assert!(desk.batch(&fleet));
    assert_eq!(desk.slack().0.len(), 1);
}

#[tokio::test]
async fn the_mornings_message_survives_a_crash_at_any_call() {
    let (fleet, story) = (fleet(QUIET), Story::of_the_night().await);
    let told = story.notice(Kind::Told).expect("a notice");
    for fault in Fault::ALL {
        for call in 1..200 {
            let desk = night();
            desk.fail_at(call, fault);
            for n in 0..3 {
                desk.put(&Notice { incident: format!("i{n}"), ..told.clone() });
            }
            desk.drain(&fleet);
            if !desk.healed() {
                break;
            }
            assert_eq!(desk.slack().0, ["prod-eu: 3 notices in the quiet hours"], "{fault:?} at call {call}");
        }
    }
}
