//! Task definitions.

use super::common::{invalid, missing};
use crate::failure::Failure;
use crate::operations::call::{Answer, Call, Definition};
use crate::value::{Map, Value};

/// Size of a task that names none.
const CPU: &str = "1024";
const MEMORY: &str = "2048";

/// RegisterTaskDefinition: of the containers, the first one's image is what runs in this world.
pub(super) fn register(call: &mut Call<'_>) -> Answer {
    let family = call.input.required("family", missing)?.into_owned();
    let right = family.len() <= 255 && family.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !right {
        return Err(Failure::sender("ClientException", "Invalid 'family' setting."));
    }
    let containers = call.input.maps("containerDefinitions")?;
    let first = containers.first().ok_or_else(|| missing("containerDefinitions"))?;
    let image = first.required("image", missing)?.into_owned();
    let size = |name, usual: &str| -> Result<String, Failure> {
        let text = call.input.text(name)?.map_or_else(|| usual.to_owned(), |text| text.into_owned());
        match text.parse::<u32>() {
            Ok(n) if n > 0 => Ok(text),
            Ok(_) | Err(_) => Err(invalid(format!("Invalid '{name}' setting for task."))),
        }
    };
    let (cpu, memory) = (size("cpu", CPU)?, size("memory", MEMORY)?);
    let listed = Value::List(call.input.list("containerDefinitions")?.to_vec());
    let name = call.world.register_task_definition(&family, &image).map_err(|e| super::common::refused(&e))?;
    let definition = Definition { cpu, memory, containers: listed, registered: call.now() };
    call.store.definitions.insert(name.clone(), definition);
    shown(call, &name, &image).map(|definition| Map::new().with("taskDefinition", definition).into())
}

/// DescribeTaskDefinition: a family's newest, or `family:revision`.
pub(super) fn describe(call: &mut Call<'_>) -> Answer {
    let name = call.input.required("taskDefinition", missing)?;
    let found = call.world.task_definition(&name);
    let (name, image) =
        found.ok_or_else(|| Failure::sender("ClientException", "Unable to describe task definition."))?;
    shown(call, &name, &image).map(|definition| Map::new().with("taskDefinition", definition).into())
}

fn shown(call: &Call<'_>, name: &str, image: &str) -> Answer {
    let (family, revision) = name.rsplit_once(':').unwrap_or((name, "1"));
    let known = call.store.definitions.get(name);
    let container = || {
        let container = Map::new().with("name", family).with("image", image).with("essential", true).with("cpu", 0_u32);
        Value::list([container])
    };
    let (vcpu, memory) = call.store.size_of(name);
    Ok(Map::new()
        .with("taskDefinitionArn", call.place.arn("ecs", &format!("task-definition/{name}")))
        .with("containerDefinitions", known.map_or_else(container, |d| d.containers.clone()))
        .with("family", family)
        .with("networkMode", "awsvpc")
        .with("revision", revision.parse::<i64>().unwrap_or(1))
        .with("volumes", Vec::<Value>::new())
        .with("status", "ACTIVE")
        .with("placementConstraints", Vec::<Value>::new())
        .with("compatibilities", vec!["EC2", "FARGATE"])
        .with("requiresCompatibilities", vec!["FARGATE"])
        .with("cpu", format!("{:.0}", vcpu * 1_024.0))
        .with("memory", format!("{memory:.0}"))
        .with("registeredAt", call.time(known.map_or(call.started, |d| d.registered)))
        .into())
}
