//! What is really so in the world: no delay, no missing data.

use headroom_core::fleet::Metric;
use headroom_simulator::cloudwatch::{self, AlarmFilter, AlarmView, Delays};
use headroom_simulator::service::Service;
use headroom_simulator::tasks::Task;
use headroom_simulator::world::World;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::clock::iso;
use crate::place::Place;

/// Newest scaling activities of a service that are shown.
const ACTIVITIES: usize = 20;
/// Newest deployments of a service that are shown.
const DEPLOYMENTS: usize = 10;
/// Metrics of the last whole minute, whoever may read them yet.
const AT_ONCE: Delays = Delays { ecs: 0, load_balancer: 0 };

/// All of it; the same calls at the same seconds of the world give the same text.
pub(super) fn truth(app: &App) -> Json {
    let now = app.engine.now();
    let services: Vec<Json> = app.engine.world().read(|all| all.iter().map(|s| service(s, now)).collect());
    json!({
        "clock": { "world": iso(now as f64), "started": iso(app.engine.start() as f64), "speed": app.clock.speed },
        "services": services,
        "alarms": alarms(app),
        "operations": app.faults.counted(),
        "events": app.outbox.counts(),
        "bus": app.store.bus.events().collect::<Vec<_>>(),
        "notices": app.notices.received,
        "headroom": { "inside": app.engine.has_headroom(), "failed": app.engine.failed() },
    })
}

/// Every alarm of every place, with its state.
fn alarms(app: &App) -> Vec<Json> {
    let world = app.engine.world();
    let shown = |alarm: AlarmView| {
        json!({
            "arn": alarm.arn,
            "state": alarm.standing.value.name(),
            "since": iso(alarm.standing.transitioned as f64),
            "reason": alarm.standing.reason,
        })
    };
    app.places().iter().flat_map(|place| everything(world, place)).map(shown).collect()
}

fn everything(world: &World, place: &Place) -> Vec<AlarmView> {
    let place = cloudwatch::Place { account: place.account.clone(), region: place.region.clone() };
    let mut filter = AlarmFilter { composite: true, max_records: Some(100), ..AlarmFilter::metric_alarms() };
    let mut found = Vec::new();
    // A page that cannot be read ends it: every filter here is one that CloudWatch takes.
    while let Ok(page) = world.describe_alarms(&place, &filter) {
        found.extend(page.alarms);
        if page.next_token.is_none() {
            break;
        }
        filter.next_token = page.next_token;
    }
    found
}

fn service(service: &Service, now: i64) -> Json {
    let (tasks, target) = (&service.tasks, &service.target);
    let activities = target.activities.iter().rev().take(ACTIVITIES).rev();
    json!({
        "name": service.spec.name,
        "arn": service.arn(),
        "tasks": {
            "desired": tasks.desired,
            "running": tasks.running(),
            "healthy": tasks.healthy(),
            "pending": tasks.pending(),
            "each": tasks.list().iter().map(|t| task(service, t)).collect::<Vec<_>>(),
        },
        "load": { "requests": service.demand().requests, "work_ms": service.demand().work_ms },
        "deployments": deployments(service),
        "bounds": { "min": target.min, "max": target.max },
        "suspended": {
            "in": target.suspended.scale_in,
            "out": target.suspended.scale_out,
            "scheduled": target.suspended.scheduled,
        },
        "minute": minute(service, now),
        "activities": activities.map(|a| json!({ "at": iso(a.at as f64), "cause": a.cause, "outcome": format!("{:?}", a.outcome) })).collect::<Vec<_>>(),
    })
}

fn task(service: &Service, task: &Task) -> Json {
    let definition = service.deploys.revisions.get(task.revision).map(|r| r.task_definition.as_str());
    json!({ "id": service.task_id(task.id), "task_definition": definition, "stage": format!("{:?}", task.stage) })
}

/// The newest, oldest first.
fn deployments(service: &Service) -> Vec<Json> {
    let all = &service.deploys.history;
    let newest = all.iter().skip(all.len().saturating_sub(DEPLOYMENTS));
    let shown = newest.map(|d| {
        let revision = service.deploys.revisions.get(d.target);
        json!({
            "arn": service.deployment_arn(d.number),
            "status": d.status.name(),
            "reason": d.reason,
            "at": iso(d.created as f64),
            "task_definition": revision.map(|r| r.task_definition.as_str()),
            "digest": revision.map(|r| r.release.digest.as_str()),
            "failed_tasks": d.failures,
            "stage": d.stage.name(),
        })
    });
    shown.collect()
}

/// What the last whole minute published.
fn minute(service: &Service, now: i64) -> Json {
    let found = Metric::ALL.into_iter().filter_map(|metric| {
        let (at, value, _) = service.metrics.newest(metric, now, AT_ONCE)?;
        (at + 120 > now).then(|| (metric.name().to_owned(), json!(value)))
    });
    Json::Object(found.collect::<Map<_, _>>())
}
