//! What is really so in the world: no delay, no missing data.

use headroom_core::fleet::Metric;
use headroom_simulator::cloudwatch::Delays;
use headroom_simulator::service::Service;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::clock::iso;

/// Newest scaling activities of a service that are shown.
const ACTIVITIES: usize = 20;
/// Metrics of the last whole minute, whoever may read them yet.
const AT_ONCE: Delays = Delays { ecs: 0, load_balancer: 0 };

/// All of it; the same calls at the same seconds of the world give the same text.
pub(super) fn truth(app: &App) -> Json {
    let now = app.engine.now();
    let services: Vec<Json> = app.engine.world().read(|all| all.iter().map(|s| service(s, now)).collect());
    json!({
        "clock": { "world": iso(now as f64), "started": iso(app.engine.start() as f64), "speed": app.clock.speed },
        "services": services,
        "operations": app.faults.counted(),
        "events": app.outbox.counts(),
        "notices": app.notices.received,
        "headroom": { "inside": app.engine.has_headroom(), "failed": app.engine.failed() },
    })
}

fn service(service: &Service, now: i64) -> Json {
    let (tasks, target) = (&service.tasks, &service.target);
    let activities = target.activities.iter().rev().take(ACTIVITIES).rev();
    json!({
        "name": service.spec.name,
        "id": service.spec.id.to_string(),
        "tasks": {
            "desired": tasks.desired,
            "running": tasks.running(),
            "healthy": tasks.healthy(),
            "pending": tasks.pending(),
        },
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

/// What the last whole minute published.
fn minute(service: &Service, now: i64) -> Json {
    let found = Metric::ALL.into_iter().filter_map(|metric| {
        let (_, value, _) = service.metrics.newest(metric, now, AT_ONCE)?;
        Some((metric.name().to_owned(), json!(value)))
    });
    Json::Object(found.collect::<Map<_, _>>())
}
