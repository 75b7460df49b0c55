//! What can be asked of ECS in the world: images, task definitions, services, tasks, deployments.

use std::collections::BTreeMap;

use headroom_core::id::ServiceId;

use crate::cloudwatch::Place;
use crate::deploy::{Begin, Config, DeployError, HookAction, Images, Release};
use crate::service::Service;
use crate::tasks::{Ending, Stage};
use crate::world::{Inner, World};

/// Task definitions of one world; a run that registers more is in a loop.
const TASK_DEFINITIONS_MAX: usize = 10_000;

/// Task definitions and images.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    images: Images,
    /// Image by `family:revision`.
    task_definitions: BTreeMap<String, String>,
    /// Newest revision by family.
    families: BTreeMap<String, u32>,
}

impl Registry {
    pub(crate) fn register(&mut self, family: &str, image: &str) -> Result<String, EcsError> {
        if self.task_definitions.len() == TASK_DEFINITIONS_MAX {
            return Err(EcsError::Invalid(format!("at most {TASK_DEFINITIONS_MAX} task definitions in one run")));
        }
        let newest = self.families.entry(family.to_owned()).or_default();
        *newest += 1;
        let name = format!("{family}:{newest}");
        self.task_definitions.insert(name.clone(), image.to_owned());
        Ok(name)
    }

    /// `family:revision` of a name, a family (its newest) or an ARN, with its image.
    fn find(&self, name: &str) -> Option<(String, String)> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let full = match self.families.get(name) {
            Some(newest) => format!("{name}:{newest}"),
            None => name.to_owned(),
        };
        self.task_definitions.get(&full).map(|image| (full.clone(), image.clone()))
    }
}

/// Why ECS refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EcsError {
    /// ServiceNotFoundException
    #[error("Service not found.")]
    ServiceNotFound,
    /// ClientException, InvalidParameterException
    #[error("{0}")]
    Invalid(String),
    /// Of a deployment.
    #[error(transparent)]
    Deployment(#[from] DeployError),
}

impl EcsError {
    /// AWS's name of it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ServiceNotFound => "ServiceNotFoundException",
            Self::Invalid(_) | Self::Deployment(DeployError::Invalid(_)) => "InvalidParameterException",
            Self::Deployment(DeployError::NotFound) => "ServiceDeploymentNotFoundException",
            Self::Deployment(DeployError::Conflict(_)) => "ConflictException",
            Self::Deployment(DeployError::TooMany(_)) => "ServerException",
        }
    }
}

/// Members of an UpdateService call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// desiredCount; begins no deployment (AWS_FACTS 1.1).
    pub desired: Option<u32>,
    /// taskDefinition; begins one.
    pub task_definition: Option<String>,
    /// forceNewDeployment; begins one.
    pub force: bool,
    /// deploymentConfiguration; begins none (AWS_FACTS 1.1).
    pub config: Option<Config>,
}

impl World {
    /// Looks at the services.
    pub fn read<R>(&self, look: impl FnOnce(&[Service]) -> R) -> R {
        look(&self.inner.borrow().services)
    }

    /// The place of a service.
    #[must_use]
    pub fn index_of(&self, id: &ServiceId) -> Option<usize> {
        self.inner.borrow().by_id.get(id).copied()
    }

    /// Pushes an image and moves its tag to it; running tasks keep theirs.
    pub fn push_image(&self, tag: &str, release: Release) {
        self.inner.borrow_mut().registry.images.push(tag, release);
    }

    /// The digest that an image's name stands for now.
    #[must_use]
    pub fn image_now(&self, image: &str) -> String {
        self.inner.borrow().registry.images.resolve(image).digest
    }

    /// RegisterTaskDefinition: answers `family:revision`.
    ///
    /// # Errors
    /// There are too many.
    pub fn register_task_definition(&self, family: &str, image: &str) -> Result<String, EcsError> {
        self.inner.borrow_mut().registry.register(family, image)
    }

    /// DescribeTaskDefinition: `family:revision` and the image, by name, family or ARN.
    #[must_use]
    pub fn task_definition(&self, name: &str) -> Option<(String, String)> {
        self.inner.borrow().registry.find(name)
    }

    /// UpdateService. Answers the number of the deployment that it began, if any.
    ///
    /// # Errors
    /// [`EcsError`]; then nothing was changed.
    pub fn update_service(&self, index: usize, update: Update) -> Result<Option<u64>, EcsError> {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        let place = inner.services.get(index).map(|s| Place::of(&s.spec.id)).ok_or(EcsError::ServiceNotFound)?;
        let alarming = match &update.config {
            Some(config) => inner.any_in_alarm(&place, config),
            None => !inner.firing(index).is_empty(),
        };
        let Inner { services, accounts, registry, .. } = inner;
        let service = services.get_mut(index).ok_or(EcsError::ServiceNotFound)?;
        let account = accounts.get_mut(service.account).ok_or(EcsError::ServiceNotFound)?;
        let current = service.deploys.revisions.get(service.deploys.primary).map(|r| r.task_definition.clone());
        let wanted = update.task_definition.or(current.filter(|_| update.force));
        let begin = match wanted {
            None => None,
            Some(name) => {
                let (task_definition, image) = registry.find(&name).ok_or_else(|| {
                    EcsError::Invalid(format!("TaskDefinition not found: {name}, expected for example web:1"))
                })?;
                let release = registry.images.resolve(&image);
                Some(Begin { task_definition, image, release, alarming })
            }
        };
        if let Some(config) = update.config {
            service.deploys.config = config;
        }
        if let Some(desired) = update.desired {
            service.tasks.desired = desired;
        }
        let number = begin.map(|b| service.deploys.begin(b, &mut service.tasks, now)).transpose()?;
        service.control(now, account);
        Ok(number)
    }

    /// StopTask: drains it; the scheduler starts another one.
    ///
    /// # Errors
    /// There is no such service or task.
    pub fn stop_task(&self, index: usize, task: u64, reason: &str) -> Result<(), EcsError> {
        let now = self.seconds();
        self.with(index, |service, account| {
            let stopped = service.tasks.stop(1, now, &Ending::User(reason.to_owned()), |t| t.id == task);
            service.control(now, account);
            let there = stopped == 1 || service.tasks.list().iter().any(|t| t.id == task);
            if there { Ok(()) } else { Err(EcsError::Invalid("The referenced task was not found.".to_owned())) }
        })
    }

    /// Ends up to so many healthy tasks as a crash does. Answers how many.
    ///
    /// # Errors
    /// There is no such service.
    pub fn kill_tasks(&self, index: usize, count: u32, ending: &Ending) -> Result<u32, EcsError> {
        self.with(index, |service, account| {
            let healthy = service.tasks.list().iter().filter(|t| t.stage == Stage::Healthy);
            let ids: Vec<u64> = healthy.take(count as usize).map(|t| t.id).collect();
            let killed = ids.iter().filter(|id| service.fail_task(**id, ending.clone(), account)).count();
            Ok(killed as u32)
        })
    }

    /// StopServiceDeployment with ROLLBACK.
    ///
    /// # Errors
    /// There is no such deployment, or it is over.
    pub fn stop_deployment(&self, index: usize, number: u64) -> Result<(), EcsError> {
        let now = self.seconds();
        self.with(index, |service, _| Ok(service.deploys.stop(number, now)?))
    }

    /// ContinueServiceDeployment.
    ///
    /// # Errors
    /// There is no such deployment, or no such hook waits.
    pub fn answer_hook(&self, index: usize, number: u64, hook: &str, action: HookAction) -> Result<(), EcsError> {
        let now = self.seconds();
        self.with(index, |service, account| {
            service.deploys.answer(number, hook, action, now)?;
            service.control(now, account);
            Ok(())
        })
    }

    /// Sets Fargate's vCPU quota of the account in which a service runs; none: unlimited.
    ///
    /// # Errors
    /// There is no such service.
    pub fn set_quota(&self, index: usize, vcpu: Option<f64>) -> Result<(), EcsError> {
        self.with(index, |_, account| {
            account.vcpu_quota = vcpu;
            Ok(())
        })
    }

    fn with<R>(
        &self,
        index: usize,
        change: impl FnOnce(&mut Service, &mut crate::tasks::Account) -> Result<R, EcsError>,
    ) -> Result<R, EcsError> {
        let inner = &mut *self.inner.borrow_mut();
        let service = inner.services.get_mut(index).ok_or(EcsError::ServiceNotFound)?;
        let account = inner.accounts.get_mut(service.account).ok_or(EcsError::ServiceNotFound)?;
        change(service, account)
    }

    /// ECS looks at the alarms of running deployments (AWS_FACTS 1.3).
    pub(crate) fn watch_deployments(&self) {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        for index in 0..inner.services.len() {
            if inner.services.get(index).is_none_or(|s| s.deploys.active().is_none()) {
                continue;
            }
            let firing = inner.firing(index);
            let Inner { services, accounts, .. } = inner;
            let Some(service) = services.get_mut(index).filter(|_| !firing.is_empty()) else { continue };
            let Some(account) = accounts.get_mut(service.account) else { continue };
            service.deploys.alarming(&firing, &mut service.tasks, now);
            service.control(now, account);
        }
    }
}

impl Inner {
    fn any_in_alarm(&self, place: &Place, config: &Config) -> bool {
        config.alarms.iter().flat_map(|a| &a.names).any(|name| self.in_alarm(place, name))
    }

    /// Alarms of a service's deployment configuration that are in ALARM.
    fn firing(&self, index: usize) -> Vec<String> {
        let Some(service) = self.services.get(index) else { return Vec::new() };
        let Some(alarms) = &service.deploys.config.alarms else { return Vec::new() };
        let place = Place::of(&service.spec.id);
        alarms.names.iter().filter(|name| self.in_alarm(&place, name)).cloned().collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
