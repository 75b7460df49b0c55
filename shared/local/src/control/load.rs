//! Sets a service's load.

use headroom_simulator::load::{Demand, Load, Row, Shape, Table};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::find;
use super::reply::{Wrong, members};
use crate::app::App;

const EXAMPLE: &str =
    r#"{"service": "prod-eu/web", "requests": 1800, "work_ms": 60} or {"service": "web", "factor": 2}"#;
/// A million a second: more is a mistake in the unit.
const REQUESTS_MAX: f64 = 60e6;
/// Ten minutes of CPU for one request.
const WORK_MS_MAX: f64 = 600_000.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    service: String,
    /// Requests a minute.
    requests: Option<f64>,
    /// Milliseconds of one vCPU for each.
    work_ms: Option<f64>,
    /// Times as many requests as now.
    factor: Option<f64>,
    /// Standard deviation as a share.
    noise: Option<f64>,
}

/// Sets it from the next minute of the world on: the same at every time of day.
pub(super) fn load(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let Members { service, requests, work_ms, factor, noise } = members(json, EXAMPLE)?;
    let index = find::service(app, &service, EXAMPLE)?;
    let now = app.engine.world().read(|all| all.get(index).map(|s| s.demand())).unwrap_or(NOTHING);
    if requests.is_some() == factor.is_some() {
        return Err(Wrong::request("expected either `requests` or `factor`", EXAMPLE));
    }
    let requests = requests.unwrap_or_else(|| now.requests * factor.unwrap_or(1.0));
    let work_ms = work_ms.unwrap_or(now.work_ms);
    let noise = noise.unwrap_or(0.0);
    for (name, value, most) in
        [("requests", requests, REQUESTS_MAX), ("work_ms", work_ms, WORK_MS_MAX), ("noise", noise, 1.0)]
    {
        if !(0.0..=most).contains(&value) {
            return Err(Wrong::request(format!("{name} {value}, expected 0 to {most}"), EXAMPLE));
        }
    }
    let demand = Demand { requests, work_ms };
    let table = Table { rows: vec![Row { at: 0, demand }], linear: false };
    app.engine.world().set_load(index, Load { shape: Shape::Table(table), noise });
    Ok(json!({ "service": service, "requests": requests, "work_ms": work_ms }))
}

const NOTHING: Demand = Demand { requests: 0.0, work_ms: 0.0 };
