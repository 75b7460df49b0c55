//! A thousand services at their max at once, and what a minute has time for.

use std::collections::BTreeSet;

use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_pipeline::{Clock as _, capacity_pass};
use headroom_simulator::scenario;
use headroom_simulator::world::World;
use jiff::SignedDuration;

use super::hampered::Hampered;
use super::play::fleet;
use crate::golden::say;

const SERVICES: usize = 1_000;
/// A fifth of them in a minute: twenty seconds of close looks.
const LOOK: SignedDuration = SignedDuration::from_millis(100);

fn at_max() -> World {
    let text = format!(
        "scenario many\nstart 2026-11-23T00:00:00Z\ndays 1\nservice web[1..{SERVICES}]\n  \
         ecs 222222222222 eu-west-1 prod-eu-cluster/web\n  target_group web\n  task 2 vcpu 4 GiB\n  tasks 6\n  bounds 2..6\n  \
         track requests 1000 out 60s in 300s\n  load table\n    00:00 8400/min 60ms\n"
    );
    scenario::read(&text, &|path| Err(path.to_owned())).unwrap().build().unwrap().world
}

#[tokio::test]
async fn of_a_thousand_at_max_at_once_each_is_told_within_a_round_of_the_poll_though_a_minute_has_time_for_a_fifth() {
    let mut fleet = fleet(Mode::Suggest);
    let web = fleet.services.iter().find(|service| service.name == "web").unwrap().clone();
    fleet.services = (1..=SERVICES)
        .map(|n| {
            let name = format!("web{n}");
            headroom_core::fleet::Service {
                service: name.clone(),
                target_group: Some(name.clone()),
                name,
                ..web.clone()
            }
        })
        .collect();
    let world = at_max();
    world.advance(world.now().as_second() + 600);
    let (mut told, mut newest) = (BTreeSet::new(), 0);
    for minute in 0..16 {
        let polled = capacity_pass(&Hampered::slow(&world, LOOK), &fleet, &format!("minute-{minute}")).await.unwrap();
        assert_eq!(polled.failed, 0);
        newest = polled.looked;
        let notices = world.take_notices();
        let opened = notices.iter().filter(|(_, n)| matches!(n.kind, Kind::AtMax | Kind::AtMaxBlocked));
        told.extend(opened.map(|(_, notice)| notice.incident.clone()));
        world.advance(world.now().as_second() + 60);
    }
    say(&format!("a thousand at max: {} told after 16 minutes, {newest} looks in the last", told.len()));
    assert!(newest < 300, "a minute has no time for all: {newest}");
    assert_eq!(told.len(), SERVICES, "each, and none twice");
}
