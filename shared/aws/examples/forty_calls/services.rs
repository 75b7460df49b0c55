//! ECS: services, tasks, task definitions.

use aws_sdk_ecs::types::{Compatibility, ContainerDefinition, KeyValuePair, NetworkMode, PortMapping};
use serde_json::json;

use crate::talk::{Failed, Talk, needed, none};

/// ARN of the task definition that it registers.
pub(crate) async fn run(talk: &Talk) -> Result<String, Failed> {
    read(talk).await?;
    register(talk).await
}

async fn read(talk: &Talk) -> Result<(), Failed> {
    talk.advance(300)?;
    let names = ["web", "api", "nobody"].map(str::to_owned).to_vec();
    let answer = talk.ecs.describe_services().cluster("shop").set_services(Some(names)).send().await;
    talk.tell("DescribeServices", answer, |o| {
        json!({
            "services.0.runningCount": o.services().first().map(|s| s.running_count()),
            "services.1.serviceName": o.services().get(1).and_then(|s| s.service_name()),
            "failures.0.reason": o.failures().first().and_then(|f| f.reason()),
        })
    })?;
    let answer = talk.ecs.describe_services().cluster("nowhere").services("web").send().await;
    talk.tell("DescribeServices", answer, none)?;

    let answer = talk.ecs.list_services().cluster("shop").max_results(2).send().await;
    let page = talk.tell("ListServices", answer, none)?;
    let token = needed(page.and_then(|p| p.next_token), "nextToken")?;
    let answer = talk.ecs.list_services().cluster("shop").max_results(2).next_token(token).send().await;
    talk.tell("ListServices", answer, none)?;

    let answer = talk.ecs.list_tasks().cluster("shop").service_name("web").send().await;
    let tasks = talk.tell("ListTasks", answer, none)?;
    let task = needed(tasks.and_then(|t| t.task_arns?.into_iter().next()), "taskArns")?;
    let answer = talk.ecs.describe_tasks().cluster("shop").tasks(&task).send().await;
    talk.tell("DescribeTasks", answer, |o| {
        let task = o.tasks().first();
        json!({
            "tasks.0.lastStatus": task.and_then(|t| t.last_status()),
            "tasks.0.healthStatus": task.and_then(|t| t.health_status()).map(|h| h.as_str()),
        })
    })?;
    let answer = talk.ecs.get_task_protection().cluster("shop").tasks(task).send().await;
    talk.tell("GetTaskProtection", answer, |o| {
        let task = o.protected_tasks().first();
        json!({ "protectedTasks.0.protectionEnabled": task.map(|t| t.protection_enabled()) })
    })?;
    Ok(())
}

async fn register(talk: &Talk) -> Result<String, Failed> {
    let container = ContainerDefinition::builder()
        .name("web")
        .image("shop/web:2")
        .essential(true)
        .port_mappings(PortMapping::builder().container_port(80).build())
        .environment(KeyValuePair::builder().name("STAGE").value("prod").build())
        .build();
    let answer = talk
        .ecs
        .register_task_definition()
        .family("web")
        .cpu("1024")
        .memory("2048")
        .network_mode(NetworkMode::Awsvpc)
        .requires_compatibilities(Compatibility::Fargate)
        .container_definitions(container)
        .send()
        .await;
    let registered = talk.tell("RegisterTaskDefinition", answer, |o| {
        let definition = o.task_definition();
        json!({
            "taskDefinition.family": definition.and_then(|d| d.family()),
            "taskDefinition.containerDefinitions.0.image":
                definition.and_then(|d| d.container_definitions().first()?.image()),
        })
    })?;
    needed(registered.and_then(|r| r.task_definition?.task_definition_arn), "taskDefinitionArn")
}
