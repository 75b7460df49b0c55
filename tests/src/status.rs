//! `headroom status`: the page, as a person reads it.

use headroom_core::capacity::{Ended, Kept, ServiceState};
use headroom_core::control::{Control, Pause, Switched};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::seen::{Reading, Seen, TaskSeen, Trouble};
use headroom_core::status::{Environment, Page, Row, WIDTH, question, render, tasks};
use headroom_pipeline::Ask as _;
use jiff::Timestamp;

use crate::fleets::{FIRES, at, floor_lease, langfuse_web};
use crate::golden;
use crate::world::World;

/// Services at rest, under leases, held, paused, at max and gone.
const NAMES: [&str; 7] = ["web", "ingestion", "iso", "held", "paused", "back", "gone"];

fn fleet() -> Fleet {
    let mut fleet = langfuse_web();
    let web = fleet.services[0].clone();
    fleet.services = NAMES
        .iter()
        .map(|name| {
            let mut service = web.clone();
            (service.name, service.service) = ((*name).to_owned(), format!("prod-eu-{name}"));
            service
        })
        .collect();
    fleet
}

fn state(name: &str, now: Timestamp) -> ServiceState {
    let bounds = |min, max| headroom_core::capacity::Bounds { min, max, scale_in_suspended: false };
    let mut kept = Kept::at(bounds(2, 10));
    let mut lease = floor_lease("cpu-high@prod-eu-web-cpu-high", 3);
    lease.until = at(FIRES + 1_800);
    let mut state = ServiceState::default();
    match name {
        "ingestion" => {
            kept.min.intend(6);
            lease = headroom_core::capacity::Lease { operator: Some("ana".into()), floor: Some(6), ..lease };
        }
        "iso" => kept.min.intend(3),
        "back" => {
            kept.min.intend(3);
            kept.min.intend(2);
            lease.ended = Some((now, Ended::LoadGone));
        }
        _ => return state,
    }
    state.kept = Some(kept);
    state.leases.insert(lease.source.clone(), lease);
    state
}

async fn printed(width: usize) -> String {
    let (fleet, now) = (fleet(), at(FIRES));
    let mut world = World::new(now, None);
    for service in fleet.services.iter().filter(|s| s.name != "gone") {
        let id = ServiceId::of(service);
        world = world.with_service(&id, 2, 10);
        world.metric(&id, "CPUUtilization", 41.3, Some(2));
    }
    let id = |name: &str| ServiceId::of(fleet.services.iter().find(|s| s.name == name).expect("a service"));
    world.service(&id("ingestion"), |s| (s.min, s.desired, s.running) = (6, 10, 9));
    world.service(&id("iso"), |s| (s.min, s.desired, s.running, s.deployments) = (3, 3, 3, 2));
    world.service(&id("held"), |s| (s.max, s.desired, s.running) = (12, 14, 14));
    world.service(&id("back"), |s| (s.min, s.desired, s.running) = (3, 3, 3));
    let mut seen: Vec<Seen> = Vec::new();
    for service in &fleet.services {
        let mut one = world.ask(&[question(service)]).await.unwrap_or_default();
        seen.push(one.pop().unwrap_or_else(|| panic!("no answer for {}", service.name)));
    }
    let states: Vec<ServiceState> = fleet.services.iter().map(|s| state(&s.name, now)).collect();
    let rows = fleet.services.iter().zip(&states).zip(&seen);
    let rows = rows.map(|((service, state), seen)| Row { service, state, seen }).collect();
    let pause = |service: Option<&str>, remedy: Option<&str>, until| Pause {
        service: service.map(str::to_owned),
        remedy: remedy.map(str::to_owned),
        until,
        by: "ana".into(),
    };
    let pauses = vec![
        pause(Some("paused"), Some("slow"), Some(at(FIRES + 7_200))),
        pause(None, Some("slow"), None),
        pause(Some("web"), None, Some(at(FIRES - 1))),
    ];
    let switched = vec![Switched { at: now, by: "ben".into(), what: "stop prod-eu".into() }];
    let control = Control { stopped: true, pauses, switched, ..Control::default() };
    let web = id("web");
    let mut entry = Entry::new(CaseKey("k".into()), web, "prod-eu/web".into(), "slow".into(), Mode::Suggest, now);
    entry.status = Status::Suggested;
    let of = |status: Status| Entry { status, ..entry.clone() };
    // Open no longer, though nobody has closed it yet.
    let old = Entry { at: at(FIRES - 1_801), ..entry.clone() };
    let entries = [entry.clone(), old, of(Status::Expired), of(Status::Acted), of(Status::Acted), of(Status::Refused)];
    let environments = vec![
        Environment { name: "prod-eu", mode: Mode::Act, control, rows, unread: None },
        Environment {
            name: "prod-us",
            mode: Mode::Observe,
            control: Control::default(),
            rows: Vec::new(),
            unread: Some("no credentials for \u{1b}[31mit".into()),
        },
    ];
    render(&Page { fleet: &fleet.fleet, now, environments, entries: &entries, more: false }, width)
}

#[tokio::test]
async fn the_page_says_why_each_bound_is_what_it_is_and_last_what_waits() {
    let wide = printed(WIDTH).await;
    golden::compare("status/wide.txt", &wide);
    assert!(wide.trim_end().lines().last().is_some_and(|l| l.contains("headroom apply D-")), "{wide}");
    assert!(!wide.contains('\u{1b}') && wide.lines().all(|l| l.chars().count() <= 120), "{wide}");
}

#[tokio::test]
async fn tasks_are_listed_with_what_is_wrong_with_each_and_what_ecs_says() {
    let (fleet, now) = (fleet(), at(FIRES));
    let world = World::new(now, None).with_service(&ServiceId::of(&fleet.services[0]), 2, 10);
    let mut seen = world.ask(&[question(&fleet.services[0])]).await.unwrap_or_default().remove(0);
    let unread = tasks(&seen, now);
    assert!(unread.starts_with("tasks cannot be read: "), "{unread}");
    let task = |id: &str, last: &str, age| TaskSeen {
        arn: format!("arn:aws:ecs:eu-west-1:222222222222:task/c/{id}"),
        last_status: last.into(),
        desired_status: "RUNNING".into(),
        unhealthy: false,
        out_of_memory: false,
        protected: false,
        created: Some(at(FIRES - age)),
    };
    let young = TaskSeen { unhealthy: true, ..task("b2", "PENDING", 40) };
    let old = TaskSeen { out_of_memory: true, protected: true, ..task("a1", "RUNNING", 7_200) };
    seen.tasks = Reading::Known(vec![young, old]);
    if let Reading::Known(service) = &mut seen.service {
        let message = "was unable to place a task: \u{1b}[31mno capacity".to_owned();
        service.troubles = vec![Trouble { at: at(FIRES - 60), message }];
    }
    golden::compare("status/tasks.txt", &tasks(&seen, now));
    seen.tasks = Reading::Known(Vec::new());
    assert!(tasks(&seen, now).starts_with("no task\n"));
}

#[tokio::test]
async fn narrower_pages_lose_the_ceiling_first_then_the_cpu() {
    let (middle, narrow) = (printed(WIDTH - 1).await, printed(80).await);
    assert!(!middle.contains("CEILING") && middle.contains(" CPU ") && middle.contains("41 %"), "{middle}");
    assert!(!narrow.contains("CEILING") && !narrow.contains(" CPU ") && !narrow.contains("41 %"), "{narrow}");
}

#[tokio::test]
async fn a_service_that_cannot_be_read_is_never_at_its_baseline() {
    let fleet = fleet();
    let world = World::new(at(FIRES), None);
    let mut seen = world.ask(&[question(&fleet.services[0])]).await.unwrap_or_default().remove(0);
    seen.service = Reading::Unreadable("throttled".into());
    let state = ServiceState::default();
    let row = Row { service: &fleet.services[0], state: &state, seen: &seen };
    let why = headroom_core::status::why(&row, &Control::default(), at(FIRES));
    assert_eq!(why.len(), 1);
    assert!(why[0].starts_with("cannot be read: ") && why[0].contains("throttled"), "{why:?}");
}
