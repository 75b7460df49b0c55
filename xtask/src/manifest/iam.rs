//! IAM statements from the permissions that stand beside the code.

use headroom_aws::{Permission, Resource};
use headroom_core::rollback::EVENT_SOURCE;
use serde_json::{Value, json};

use super::shape::{Effect, Iam, Statement};
use super::stores::{dead_letters_arn, entries_arn, function_arn, index_arn, notices_queue_arn, table_arn, topic_arn};

/// What a service and its scalable target must carry before Headroom may change them; any value will do.
pub(super) const FLEET_TAG: &str = "headroom";

/// All statements of a function's role.
pub(super) fn iam(function: &str, permissions: &[Permission]) -> Iam {
    let of = |mutating: bool| permissions.iter().filter(move |p| p.mutates_fleet == mutating).map(statement);
    let mut always: Vec<Statement> = of(false).collect();
    always.push(logs(function));
    always.push(dead_letters("Lambda sends what it gave up on with the function's own role"));
    let mut act: Vec<Statement> = of(true).collect();
    let deploys = permissions.iter().any(|p| p.sid == "DeployTheGoodRevision");
    if !deploys && act.iter().any(|s| s.actions.iter().any(|a| a == "ecs:UpdateService")) {
        act.push(never_deploy());
    }
    Iam { always, act }
}

/// Statements of the Scheduler's role for one function.
pub(super) fn scheduler(function: &str) -> Vec<Statement> {
    let invoke = Statement {
        sid: "WakeTheFunction".to_owned(),
        effect: Effect::Allow,
        actions: vec!["lambda:InvokeFunction".to_owned()],
        resources: vec![function_arn(function)],
        condition: None,
        reason: "the schedule's only target".to_owned(),
        wildcard_reason: None,
    };
    vec![invoke, dead_letters("a minute that could not be delivered")]
}

fn statement(permission: &Permission) -> Statement {
    Statement {
        sid: permission.sid.to_owned(),
        effect: Effect::Allow,
        actions: permission.actions.iter().map(|&a| a.to_owned()).collect(),
        resources: arns(permission.on),
        condition: condition(permission),
        reason: permission.reason.to_owned(),
        wildcard_reason: wildcard_reason(permission.on),
    }
}

fn arns(resource: Resource) -> Vec<String> {
    let own = |kind: &str| format!("arn:${{partition}}:ecs:${{region}}:${{account}}:{kind}/*/*/*");
    match resource {
        Resource::Table => vec![table_arn()],
        Resource::TableIndex => vec![index_arn()],
        Resource::EntriesIndex => vec![entries_arn()],
        Resource::Topic => vec![topic_arn()],
        Resource::Secrets => vec!["arn:${partition}:secretsmanager:${region}:${account}:secret:headroom/*".to_owned()],
        Resource::ChannelTopics => vec!["arn:${partition}:sns:${region}:${account}:headroom-*".to_owned()],
        Resource::NoticesQueue => vec![notices_queue_arn()],
        Resource::DeadLetters => vec![dead_letters_arn()],
        Resource::EcsServices => vec![services()],
        Resource::Deployments => vec![services(), own("service-deployment"), own("service-revision")],
        Resource::ServiceDeployments => vec![own("service-deployment")],
        Resource::Repositories => vec!["arn:${partition}:ecr:${region}:${account}:repository/*".to_owned()],
        Resource::EcsTasks => vec!["arn:${partition}:ecs:${region}:${account}:task/*/*".to_owned()],
        Resource::ScalableTargets => {
            vec!["arn:${partition}:application-autoscaling:${region}:${account}:scalable-target/*".to_owned()]
        }
        Resource::DefaultBus => vec!["arn:${partition}:events:${region}:${account}:event-bus/default".to_owned()],
        Resource::Any => vec!["*".to_owned()],
    }
}

fn services() -> String {
    "arn:${partition}:ecs:${region}:${account}:service/*/*".to_owned()
}

fn wildcard_reason(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Table
        | Resource::TableIndex
        | Resource::EntriesIndex
        | Resource::Topic
        | Resource::NoticesQueue
        | Resource::DeadLetters
        | Resource::DefaultBus => None,
        Resource::Secrets => Some("Secrets Manager adds six characters to a name; the fleet file names the secrets"),
        Resource::ChannelTopics => Some("a channel's own topic is named by the fleet file, and begins with headroom-"),
        Resource::EcsServices => {
            Some("the ARNs of a large fleet exceed any policy's size; the fleet file names the services")
        }
        Resource::Deployments => Some(
            "AWS gives deployments and revisions ids of its own; the code takes only those of the fleet's services",
        ),
        Resource::ServiceDeployments => Some(
            "AWS gives deployments ids of its own and no tag; Terraform narrows them to the clusters of acting services",
        ),
        Resource::Repositories => Some("which images a service runs, only its revisions say"),
        Resource::EcsTasks => Some("IAM knows tasks by cluster, not by service; the code checks the task's group"),
        Resource::ScalableTargets => Some("AWS gives scalable targets opaque ids; the fleet file names their services"),
        Resource::Any => Some("AWS allows nothing narrower for these actions"),
    }
}

fn condition(permission: &Permission) -> Option<Value> {
    if permission.on == Resource::DefaultBus {
        return Some(json!({ "StringEquals": { "events:source": EVENT_SOURCE } }));
    }
    (permission.mutates_fleet && has_tags(permission.on)).then(tagged)
}

/// Whether a resource that is changed carries tags: a condition on the tag of one that has none denies every call.
fn has_tags(resource: Resource) -> bool {
    match resource {
        Resource::ServiceDeployments => false,
        Resource::Table
        | Resource::TableIndex
        | Resource::EntriesIndex
        | Resource::Secrets
        | Resource::ChannelTopics
        | Resource::NoticesQueue
        | Resource::DeadLetters
        | Resource::Topic
        | Resource::EcsServices
        | Resource::Deployments
        | Resource::Repositories
        | Resource::EcsTasks
        | Resource::ScalableTargets
        | Resource::DefaultBus
        | Resource::Any => true,
    }
}

/// What changes the fleet does so only where a person put the tag.
fn tagged() -> Value {
    json!({ "Null": { format!("aws:ResourceTag/{FLEET_TAG}"): "false" } })
}

/// Application Auto Scaling checks its caller's right to `ecs:UpdateService`; this keeps the same right from
/// ever deploying something.
fn never_deploy() -> Statement {
    Statement {
        sid: "NeverDeploy".to_owned(),
        effect: Effect::Deny,
        actions: vec!["ecs:UpdateService".to_owned()],
        resources: vec![services()],
        condition: Some(json!({ "Null": { "ecs:task-definition": "false" } })),
        reason: "this function changes how many tasks run, never which".to_owned(),
        wildcard_reason: Some("a denial covers every service"),
    }
}

fn logs(function: &str) -> Statement {
    Statement {
        sid: "WriteLogs".to_owned(),
        effect: Effect::Allow,
        actions: vec!["logs:CreateLogStream".to_owned(), "logs:PutLogEvents".to_owned()],
        resources: vec![format!("arn:${{partition}}:logs:${{region}}:${{account}}:log-group:/aws/lambda/{function}:*")],
        condition: None,
        reason: "Lambda writes the function's log with the function's own role".to_owned(),
        wildcard_reason: Some("log streams are named by Lambda"),
    }
}

fn dead_letters(reason: &str) -> Statement {
    Statement {
        sid: "SendDeadLetters".to_owned(),
        effect: Effect::Allow,
        actions: vec!["sqs:SendMessage".to_owned()],
        resources: vec![dead_letters_arn()],
        condition: None,
        reason: reason.to_owned(),
        wildcard_reason: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::manifest::manifest;

    #[test]
    fn every_wildcard_has_its_reason_and_nothing_else_has_one() {
        for function in manifest().functions.values() {
            for statement in function.iam.always.iter().chain(&function.iam.act) {
                let wild = statement.resources.iter().any(|r| r.contains('*'));
                assert_eq!(wild, statement.wildcard_reason.is_some(), "{}: {}", function.name, statement.sid);
            }
        }
    }

    #[test]
    fn every_statement_has_its_own_name_and_a_reason() {
        for function in manifest().functions.values() {
            let mut names = BTreeSet::new();
            for statement in function.iam.always.iter().chain(&function.iam.act) {
                assert!(names.insert(statement.sid.clone()), "{}: two statements {}", function.name, statement.sid);
                assert!(statement.sid.chars().all(|c| c.is_ascii_alphanumeric()), "{}", statement.sid);
                assert!(!statement.reason.is_empty(), "{}", statement.sid);
            }
        }
    }

    #[test]
    fn what_changes_the_fleet_asks_for_the_tag_except_where_there_is_none() {
        let mut untagged = Vec::new();
        for function in manifest().functions.values() {
            for statement in function.iam.act.iter().filter(|s| s.effect == super::Effect::Allow) {
                if statement.condition.is_none() {
                    assert!(
                        statement.resources.iter().all(|r| r.contains(":service-deployment/")),
                        "{}: {}",
                        function.name,
                        statement.sid
                    );
                    untagged.extend(statement.actions.iter().map(String::as_str).map(str::to_owned));
                }
            }
        }
        assert_eq!(untagged, ["ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"]);
    }

    #[test]
    fn whoever_may_update_a_service_is_denied_another_task_definition() {
        let mut seen = 0;
        for function in manifest().functions.values() {
            let updates = |deny| {
                let wanted = if deny { super::Effect::Deny } else { super::Effect::Allow };
                let mut of = function.iam.act.iter().filter(move |s| s.effect == wanted);
                of.any(|s| s.actions.iter().any(|a| a == "ecs:UpdateService"))
            };
            let deploys = function.name == "headroom-error-rate-rollback";
            assert_eq!(updates(false) && !deploys, updates(true), "{}", function.name);
            seen += usize::from(updates(false));
        }
        assert!(seen > 0, "no function may update a service: has the permission beside RegisterScalableTarget gone?");
    }
}
