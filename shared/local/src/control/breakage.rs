//! Breaks things: tasks, metrics, the quota.

use headroom_simulator::ecs::EcsError;
use headroom_simulator::tasks::Ending;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::find;
use super::reply::{Wrong, members};
use crate::app::App;

const EXAMPLE: &str = r#"{"service": "prod-eu/web", "kill": 1}, or with "memory": true, "silent": true, "scaling_fails": true, "quota_vcpu": 8"#;
/// No Fargate account has more.
const VCPU_MAX: f64 = 1_000_000.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    service: String,
    /// Healthy tasks that crash.
    kill: Option<u32>,
    /// They run out of memory instead.
    #[serde(default)]
    memory: bool,
    /// Whether its metrics stop arriving in CloudWatch.
    silent: Option<bool>,
    /// Whether every try of Application Auto Scaling to set its desired count fails.
    scaling_fails: Option<bool>,
    /// vCPU quota of its account and region; null: unlimited.
    #[serde(default, deserialize_with = "given")]
    quota_vcpu: Option<Option<f64>>,
}

/// A member that is there, be it null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(deserializer).map(Some)
}

/// Breaks what is named, and says what was broken.
pub(super) fn breakage(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let m: Members = members(json, EXAMPLE)?;
    let index = find::service(app, &m.service, EXAMPLE)?;
    if m.kill.is_none() && m.silent.is_none() && m.scaling_fails.is_none() && m.quota_vcpu.is_none() {
        return Err(Wrong::request("expected one of kill, silent, scaling_fails, quota_vcpu", EXAMPLE));
    }
    let quota = m.quota_vcpu.flatten();
    if quota.is_some_and(|vcpu| !(0.0..=VCPU_MAX).contains(&vcpu)) {
        return Err(Wrong::request(format!("quota_vcpu: expected 0 to {VCPU_MAX}, or null"), EXAMPLE));
    }
    let world = app.engine.world();
    let refused = |e: EcsError| Wrong::request(e.to_string(), EXAMPLE);
    if m.quota_vcpu.is_some() {
        world.set_quota(index, quota).map_err(refused)?;
    }
    if let Some(silent) = m.silent
        && let Some(id) = world.read(|all| all.get(index).map(|s| s.spec.id.clone()))
    {
        world.silence(&id, silent);
    }
    if let Some(fails) = m.scaling_fails {
        world.change(index, |service, _, _| service.target.failing = fails);
    }
    let ending = if m.memory { Ending::OutOfMemory } else { Ending::Exited };
    let killed = m.kill.map(|count| world.kill_tasks(index, count, &ending)).transpose().map_err(refused)?;
    Ok(json!({ "service": m.service, "killed": killed.unwrap_or(0) }))
}
