//! Breaks things: tasks, metrics, the quota.

use headroom_simulator::ecs::EcsError;
use headroom_simulator::tasks::Ending;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::find;
use super::reply::{Wrong, members};
use crate::app::App;

const EXAMPLE: &str = r#"{"service": "prod-eu/web", "kill": 1}, or with "memory": true, "silent": true, "scaling_fails": true, "quota_vcpu": 8, "no_capacity": true, "checks_fail": true, "reconciler_dead": true"#;
const EXPECTED: &str =
    "expected one of kill, silent, scaling_fails, quota_vcpu, no_capacity, checks_fail, reconciler_dead";
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
    /// Whether Fargate has no capacity in its account and region: no task is placed.
    no_capacity: Option<bool>,
    /// Whether tasks that come to run fail the load balancer's health checks.
    checks_fail: Option<bool>,
    /// Whether nobody runs the reconciler of Headroom inside.
    reconciler_dead: Option<bool>,
}

/// A member that is there, be it null.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(deserializer).map(Some)
}

/// Breaks what is named, and says what was broken.
pub(super) fn breakage(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let m: Members = members(json, EXAMPLE)?;
    let index = find::service(app, &m.service, EXAMPLE)?;
    let switches = [m.silent, m.scaling_fails, m.no_capacity, m.checks_fail, m.reconciler_dead];
    if m.kill.is_none() && m.quota_vcpu.is_none() && switches == [None; 5] {
        return Err(Wrong::request(EXPECTED, EXAMPLE));
    }
    if m.reconciler_dead.is_some() && !app.engine.has_headroom() {
        return Err(Wrong::request(
            "reconciler_dead: Headroom does not run inside of this world (--headroom)",
            EXAMPLE,
        ));
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
    if let Some(gone) = m.no_capacity {
        world.change(index, |_, account, _| account.no_capacity = gone);
    }
    if let Some(fail) = m.checks_fail {
        world.change(index, |service, _, _| service.tasks.fails_checks = fail);
    }
    let ending = if m.memory { Ending::OutOfMemory } else { Ending::Exited };
    let killed = m.kill.map(|count| world.kill_tasks(index, count, &ending)).transpose().map_err(refused)?;
    if let Some(dead) = m.reconciler_dead {
        app.engine.kill_reconciler(dead);
    }
    Ok(json!({ "service": m.service, "killed": killed.unwrap_or(0) }))
}
