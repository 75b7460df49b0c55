//! Deploys a revision of a service with properties that no AWS operation could give it.

use headroom_simulator::deploy::{Begins, Release, digest_of};
use headroom_simulator::ecs::Update;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::find;
use super::reply::{Wrong, members};
use crate::app::App;

const EXAMPLE: &str = r#"{"service": "prod-eu/web", "errors_percent": 4, "begins": "well"}"#;
const BEGINS: &str = "well, not_at_all, unhealthy, exits";
/// A task that exits after a day is no failing start.
const EXITS_MAX: u32 = 86_400;
/// A hundred times the work, or all the memory at once: more says nothing new.
const FACTOR_MAX: f64 = 100.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    service: String,
    /// The tag that names the image: `repository:tag`.
    image: Option<String>,
    /// The image's digest; it follows from its properties otherwise.
    digest: Option<String>,
    /// Requests that it answers with a 5xx.
    errors_percent: Option<f64>,
    /// Times as much CPU work for a request.
    work_factor: Option<f64>,
    /// How its tasks begin.
    begins: Option<String>,
    /// Seconds until the container exits, with `exits`.
    after: Option<u32>,
    /// Tasks that begin so.
    begins_percent: Option<f64>,
    /// MiB that a task gains each minute.
    leak_mib_per_minute: Option<f64>,
    /// Push the image and move its tag, but deploy nothing.
    #[serde(default)]
    push_only: bool,
}

/// Pushes an image with these properties, and deploys it.
pub(super) fn deploy(app: &mut App, json: &Json) -> Result<Json, Wrong> {
    let m: Members = members(json, EXAMPLE)?;
    let index = find::service(app, &m.service, EXAMPLE)?;
    let world = app.engine.world();
    let Some(family) = world.read(|all| all.get(index).map(|s| s.spec.id.service.clone())) else {
        return Err(Wrong::request("no such service", EXAMPLE));
    };
    let image = m.image.clone().unwrap_or_else(|| format!("{family}:deployed"));
    let release = release(&m, &image)?;
    let digest = release.digest.clone();
    world.push_image(&image, release);
    if m.push_only {
        return Ok(json!({ "service": m.service, "image": image, "digest": digest }));
    }
    let refused = |e: headroom_simulator::ecs::EcsError| Wrong::request(e.to_string(), EXAMPLE);
    let definition = world.register_task_definition(&family, &image).map_err(refused)?;
    let update = Update { task_definition: Some(definition.clone()), force: true, ..Update::default() };
    let number = world.update_service(index, update).map_err(refused)?;
    let arn = number.and_then(|n| world.read(|all| all.get(index).map(|s| s.deployment_arn(n))));
    Ok(json!({
        "service": m.service,
        "image": image,
        "digest": digest,
        "task_definition": definition,
        "deployment": arn,
    }))
}

fn release(m: &Members, image: &str) -> Result<Release, Wrong> {
    let within = |name: &str, value: Option<f64>, usual: f64, most: f64| {
        let value = value.unwrap_or(usual);
        if (0.0..=most).contains(&value) {
            return Ok(value);
        }
        Err(Wrong::request(format!("{name} {value}, expected 0 to {most}"), EXAMPLE))
    };
    let begins = match (m.begins.as_deref().unwrap_or("well"), m.after) {
        ("well", None) => Begins::Well,
        ("not_at_all", None) => Begins::NotAtAll,
        ("unhealthy", None) => Begins::Unhealthy,
        ("exits", after) if after.is_none_or(|s| s <= EXITS_MAX) => Begins::Exits(after.unwrap_or(10)),
        ("exits", _) => return Err(Wrong::request(format!("after: expected at most {EXITS_MAX} s"), EXAMPLE)),
        ("well" | "not_at_all" | "unhealthy", Some(_)) => {
            return Err(Wrong::request("`after` belongs to `\"begins\": \"exits\"`", EXAMPLE));
        }
        (other, _) => return Err(Wrong::request(format!("begins `{other}`, expected one of {BEGINS}"), EXAMPLE)),
    };
    let digest = m.digest.clone().unwrap_or_else(|| {
        let properties = (m.errors_percent, m.work_factor, m.leak_mib_per_minute, m.begins_percent);
        digest_of(&format!("{image}/{begins:?}/{properties:?}"))
    });
    if !digest.starts_with("sha256:") {
        return Err(Wrong::request(format!("digest `{digest}`, expected `sha256:` and hexadecimal digits"), EXAMPLE));
    }
    Ok(Release {
        digest,
        errors_percent: within("errors_percent", m.errors_percent, 0.0, 100.0)?,
        work_factor: within("work_factor", m.work_factor, 1.0, FACTOR_MAX)?,
        begins,
        begins_percent: within("begins_percent", m.begins_percent, 100.0, 100.0)?,
        leak_mib_per_minute: within("leak_mib_per_minute", m.leak_mib_per_minute, 0.0, 65_536.0)?,
    })
}
