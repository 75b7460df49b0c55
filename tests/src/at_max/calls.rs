//! How many calls of AWS a minute of the poll makes, by the size of the fleet (PERFORMANCE, SEMANTICS 25).

use headroom_core::fleet::{self, Fleet};
use headroom_pipeline::{Polled, capacity_pass};
use headroom_simulator::scenario;

use crate::golden::say;

/// As many services alike, at rest, in one cluster.
fn fleet_of(services: usize) -> (Fleet, String) {
    let text = include_str!("../../../examples/langfuse/headroom.yaml");
    let mut fleet = fleet::parse(text, "examples/langfuse/headroom.yaml").unwrap();
    let web = fleet.services.iter().find(|s| s.label() == "prod-eu/web").unwrap().clone();
    let numbered =
        (1..=services).map(|n| fleet::Service { name: format!("web{n}"), service: format!("web{n}"), ..web.clone() });
    fleet.services = numbered.collect();
    let text = format!(
        "scenario calls\nstart 2026-11-23T00:00:00Z\ndays 1\nservice web[1..{services}]\n  \
         ecs 222222222222 eu-west-1 prod-eu-cluster/web\n  task 2 vcpu 4 GiB\n  tasks 2\n  bounds 2..10\n  \
         load table\n    00:00 1600/min 60ms\n"
    );
    (fleet, text)
}

async fn minute(services: usize) -> Polled {
    let (fleet, text) = fleet_of(services);
    let world = scenario::read(&text, &|path| Err(path.to_owned())).unwrap().build().unwrap().world;
    capacity_pass(&world, &fleet, "minute").await.unwrap()
}

#[tokio::test]
async fn an_idle_minute_costs_a_fifteenth_of_the_fleets_describes() {
    for (services, most) in [(10, 6), (1_000, 13), (10_000, 87)] {
        let polled = minute(services).await;
        assert_eq!((polled.looked, polled.failed, polled.left), (0, 0, 0), "{services} services at rest");
        // And the one query of the table for what is due.
        let calls = polled.calls + 1;
        say(&format!("at-max poll, {services} services: {} read in a minute by {calls} calls", polled.screened));
        assert!(calls <= most, "{services} services: {calls} calls");
    }
}
