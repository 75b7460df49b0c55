//! ECS events in AWS's words (AWS_FACTS 1.5): task, service action, deployment and hook state changes.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloudwatch::target_group_dimension;
use crate::deploy::{Happened, Revision, digest_of};
use crate::event::Event;
use crate::service::Service;
use crate::tasks::{Ending, Noted, TaskStatus};

const SOURCE: &str = "aws.ecs";

fn stamp(at: i64) -> String {
    // Something that was there before the run began has its own time; jiff refuses what is out of range.
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

impl Ending {
    /// stopCode.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scheduler(_) | Self::Unhealthy => "ServiceSchedulerInitiated",
            Self::NotPulled => "TaskFailedToStart",
            Self::Exited | Self::OutOfMemory => "EssentialContainerExited",
            Self::User(_) => "UserInitiated",
        }
    }

    /// stoppedReason.
    #[must_use]
    pub fn reason(&self, service: &Service) -> String {
        match self {
            Self::Scheduler(ecs) => format!("Scaling activity initiated by (deployment ecs-svc/{ecs})"),
            Self::NotPulled => "CannotPullContainerError: image manifest was not found".to_owned(),
            Self::Exited | Self::OutOfMemory => "Essential container in task exited".to_owned(),
            Self::Unhealthy => {
                format!("Task failed ELB health checks in (target-group {})", service.target_group_arn())
            }
            Self::User(reason) => reason.clone(),
        }
    }

    /// exitCode of the essential container; an out-of-memory one is 1 in real captures, not 137 (AWS_FACTS 1.5).
    #[must_use]
    pub fn exit_code(&self) -> Option<i32> {
        match self {
            Self::NotPulled => None,
            Self::Exited | Self::OutOfMemory => Some(1),
            Self::Scheduler(_) | Self::Unhealthy | Self::User(_) => Some(143),
        }
    }

    /// reason of the container, where there is one.
    #[must_use]
    pub fn container_reason(&self) -> Option<&'static str> {
        match self {
            Self::OutOfMemory => Some("OutOfMemoryError: Container killed due to memory usage"),
            Self::NotPulled => Some("CannotPullContainerError: image manifest was not found"),
            Self::Scheduler(_) | Self::Exited | Self::Unhealthy | Self::User(_) => None,
        }
    }
}

impl Service {
    /// `arn:aws:SERVICE:REGION:ACCOUNT:REST` in this service's region and account.
    #[must_use]
    pub fn arn_of(&self, aws: &str, rest: &str) -> String {
        format!("arn:aws:{aws}:{}:{}:{rest}", self.spec.id.region, self.spec.id.account)
    }

    /// Its own ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        self.arn_of("ecs", &self.spec.id.resource_id())
    }

    /// ARN of its cluster.
    #[must_use]
    pub fn cluster_arn(&self) -> String {
        self.arn_of("ecs", &format!("cluster/{}", self.spec.id.cluster))
    }

    /// ARN of its target group.
    #[must_use]
    pub fn target_group_arn(&self) -> String {
        self.group_arn(&self.spec.target_group)
    }

    /// ARN of the target group that a revision's tasks are behind.
    #[must_use]
    pub fn target_group_of(&self, revision: &Revision) -> String {
        let alternate = self.deploys.alternate.as_deref().filter(|_| revision.alternate);
        self.group_arn(alternate.unwrap_or(&self.spec.target_group))
    }

    /// ARN of a target group by its name.
    #[must_use]
    pub fn group_arn(&self, name: &str) -> String {
        self.arn_of("elasticloadbalancing", &target_group_dimension(name))
    }

    /// The id of a task: 32 hexadecimal digits.
    #[must_use]
    pub fn task_id(&self, number: u64) -> String {
        digest_of(&format!("{}/{number}", self.arn())).chars().skip("sha256:".len()).take(32).collect()
    }

    /// ARN of a task.
    #[must_use]
    pub fn task_arn(&self, number: u64) -> String {
        self.arn_of("ecs", &format!("task/{}/{}", self.spec.id.cluster, self.task_id(number)))
    }

    /// ARN of a service deployment.
    #[must_use]
    pub fn deployment_arn(&self, number: u64) -> String {
        let id = &self.spec.id;
        self.arn_of("ecs", &format!("service-deployment/{}/{}/{number}", id.cluster, id.service))
    }

    /// ARN of a service revision.
    #[must_use]
    pub fn revision_arn(&self, revision: &Revision) -> String {
        let id = &self.spec.id;
        self.arn_of("ecs", &format!("service-revision/{}/{}/{}", id.cluster, id.service, revision.number))
    }

    /// startedBy of the tasks of a revision: the newest deployment that wanted them.
    #[must_use]
    pub fn started_by(&self, revision: usize) -> Option<String> {
        let deployment = self.deploys.history.iter().rev().find(|d| d.wanted() == revision);
        deployment.map(|d| format!("ecs-svc/{}", d.ecs))
    }

    /// ARN of a task definition `family:revision`.
    #[must_use]
    pub fn task_definition_arn(&self, name: &str) -> String {
        self.arn_of("ecs", &format!("task-definition/{name}"))
    }

    fn event(&self, at: i64, detail_type: &'static str, resource: String, detail: Value) -> Event {
        Event {
            at,
            number: 0,
            account: self.spec.id.account.clone(),
            region: self.spec.id.region.clone(),
            source: SOURCE,
            detail_type,
            resources: vec![resource],
            detail,
        }
    }

    /// Everything that happened to it since this was last asked.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        let (noted, happened) = (std::mem::take(&mut self.noted), self.deploys.take_happened());
        let tasks = noted.iter().map(|n| self.task_event(n));
        let others = happened.into_iter().map(|(at, happened)| self.own_event(at, happened));
        tasks.chain(others).collect()
    }

    fn task_event(&self, noted: &Noted) -> Event {
        let Noted { at, task, status } = noted;
        let id = &self.spec.id;
        let arn = self.task_arn(task.id);
        let revision = self.deploys.revisions.get(task.revision);
        let image = revision.map(|r| r.image.clone());
        let digest = revision.map(|r| r.release.digest.clone());
        let mut container = json!({
            "containerArn": self.arn_of("ecs", &format!("container/{}/{}/0", id.cluster, self.task_id(task.id))),
            "lastStatus": if *status == TaskStatus::Stopped { "STOPPED" } else { "RUNNING" },
            "name": id.service,
            "image": image,
            "imageDigest": digest,
            "taskArn": arn,
            "cpu": "0",
        });
        if *status == TaskStatus::Pending {
            container["lastStatus"] = json!("PENDING");
        }
        let mut detail = json!({
            "clusterArn": self.cluster_arn(),
            "taskArn": arn,
            "taskDefinitionArn": revision.map(|r| self.task_definition_arn(&r.task_definition)),
            "group": format!("service:{}", id.service),
            "startedBy": self.started_by(task.revision),
            "launchType": "FARGATE",
            "cpu": format!("{:.0}", self.spec.vcpu * 1_024.0),
            "memory": format!("{:.0}", self.spec.memory_mib),
            "lastStatus": status.name(),
            "desiredStatus": if task.ending.is_some() { "STOPPED" } else { "RUNNING" },
            "createdAt": stamp(task.created),
            "updatedAt": stamp(*at),
            "version": status.version(),
        });
        if task.running_since != i64::MAX {
            detail["startedAt"] = json!(stamp(task.running_since));
        }
        if let Some(ending) = &task.ending {
            detail["stopCode"] = json!(ending.code());
            detail["stoppedReason"] = json!(ending.reason(self));
            detail["stoppingAt"] = json!(stamp(*at));
            if *status == TaskStatus::Stopped {
                detail["stoppedAt"] = json!(stamp(*at));
                for (key, value) in [
                    ("exitCode", ending.exit_code().map(Value::from)),
                    ("reason", ending.container_reason().map(Value::from)),
                ] {
                    if let Some(value) = value {
                        container[key] = value;
                    }
                }
            }
        }
        detail["containers"] = json!([container]);
        self.event(*at, "ECS Task State Change", arn, detail)
    }

    fn own_event(&self, at: i64, happened: Happened) -> Event {
        match happened {
            Happened::Deployment { name, ecs, reason } => {
                let level = if name.ends_with("FAILED") { "ERROR" } else { "INFO" };
                let detail = json!({
                    "eventType": level,
                    "eventName": name,
                    "clusterArn": self.cluster_arn(),
                    "deploymentId": format!("ecs-svc/{ecs}"),
                    "updatedAt": stamp(at),
                    "reason": reason,
                });
                self.event(at, "ECS Deployment State Change", self.arn(), detail)
            }
            Happened::Action { level, name, reason } => {
                let mut detail = json!({
                    "eventType": level,
                    "eventName": name,
                    "clusterArn": self.cluster_arn(),
                    "createdAt": stamp(at),
                });
                if let Some(reason) = reason {
                    detail["reason"] = json!(reason);
                }
                self.event(at, "ECS Service Action", self.arn(), detail)
            }
            // The guide names detail-type and event name (Amazon ECS Developer Guide, "Pause hooks for Amazon ECS
            // service deployments"); the other members are our assumption.
            Happened::Paused { number, hook, stage } => {
                let detail = json!({
                    "eventType": "INFO",
                    "eventName": "HOOK_AWAITING_ACTION",
                    "clusterArn": self.cluster_arn(),
                    "serviceDeploymentArn": self.deployment_arn(number),
                    "hookId": hook,
                    "lifecycleStage": stage,
                    "updatedAt": stamp(at),
                });
                self.event(at, "ECS Hook State Change", self.arn(), detail)
            }
        }
    }
}
