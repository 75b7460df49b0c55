//! The port.

use futures_util::future::{OptionFuture, try_join_all};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::rollback::{
    BackQuestion, BackSeen, Balancer, Call, Deployed, DeploymentSeen, DeploymentsQuestion, DeploymentsSeen, Numbers,
    RollbackEvent, Whose,
};
use headroom_core::seen::{NeedSeen, Question, Reading};
use headroom_pipeline::{Ask, Clock, Disrupted, Permit, PortError, Releases};
use jiff::Timestamp;

use super::alarms::alarms;
use super::announce::announce;
use super::balancer::{beside, dimension, find};
use super::call;
use super::counted::{numbers, siblings};
use super::deployments::{describe, list, since};
use super::revisions;
use super::service::{Found, service};
use crate::aws::Aws;
use crate::journal;

const NOT_ASKED: &str = "not asked";

impl Releases for Aws {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        self.within_reach("ecs", &question.service)?;
        let now = self.now();
        let known = question.balancer.as_ref().zip(question.from);
        let counted = OptionFuture::from(known.map(|(balancer, from)| numbers(self, balancer, from, now)));
        let (found, deployments, alarms, needs, counted) = tokio::join!(
            service(self, &question.service),
            list(self, &question.service),
            alarms(self, &question.alarms),
            self.needs(question),
            counted,
        );
        let (found, mut deployments, needs) = (found?, deployments?, needs?);
        describe(self, &mut deployments).await?;
        let (balancer, numbers) = match (&question.balancer, question.from, counted) {
            (Some(balancer), _, Some(read)) => {
                (Reading::Known(balancer.clone()), read.unwrap_or_else(|e| unreadable(&e)))
            }
            (None, Some(from), _) => self.first_counted(question, &found, &deployments, from, now).await,
            (_, _, _) => (Reading::Unreadable(NOT_ASKED.to_owned()), Reading::Unreadable(NOT_ASKED.to_owned())),
        };
        Ok(DeploymentsSeen {
            service: found.service,
            controller: found.controller,
            deployments,
            balancer,
            numbers,
            // What cannot be read of an alarm is not known to have fired before.
            alarms: alarms?,
            needs,
        })
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        self.within_reach("ecs", &question.service)?;
        let now = self.now();
        let others = async {
            let Some(balancer) = &question.balancer else { return Ok(Reading::Unreadable(NOT_ASKED.to_owned())) };
            let own = |g: &String| *g == balancer.target_group || Some(g) == balancer.old_target_group.as_ref();
            let mut all = beside(self, &balancer.load_balancer, &question.beside).await?;
            all.retain(|(_, group)| !own(group));
            siblings(self, &all.into_iter().collect::<Vec<_>>(), question.from, now).await
        };
        let revisions = revisions::revisions(self, &question.revisions);
        let (revisions, siblings, needed) = tokio::join!(revisions, others, self.needed(question));
        Ok(BackSeen { revisions: revisions?, siblings: siblings?, needed })
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        journal::watches(self, now).await
    }

    async fn roll_back(&self, _permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        self.within_reach("ecs", service)?;
        call::roll_back(self, service, call).await
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        announce(self, event).await
    }
}

impl Aws {
    async fn needs(&self, question: &DeploymentsQuestion) -> Result<Vec<NeedSeen>, PortError> {
        if question.needs.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Question {
            service: question.service.clone(),
            policies: false,
            scheduled: false,
            load: None,
            alarm: None,
            tasks: false,
            needs: question.needs.clone(),
            quota: false,
        };
        Ok(self.ask(&[asked]).await?.into_iter().flat_map(|seen| seen.needs).collect())
    }

    /// Deployments of the services that this one needs; one that cannot be read leaves all of them unknown.
    async fn needed(&self, question: &BackQuestion) -> Reading<Vec<Deployed>> {
        let each = question.needed.iter().map(async |(name, service)| {
            self.within_reach("ecs", service)?;
            let whose = Whose::Dependency(name.clone());
            let found = since(self, service, question.from).await?;
            let known = move |(deployment, started)| Deployed { whose: whose.clone(), deployment, started };
            Ok::<_, PortError>(found.into_iter().map(known))
        });
        match try_join_all(each).await {
            Ok(found) => Reading::Known(found.into_iter().flatten().collect()),
            Err(error) => unreadable(&error),
        }
    }

    /// Finds the balancer, and counts by it.
    async fn first_counted(
        &self,
        question: &DeploymentsQuestion,
        found: &Found,
        deployments: &[DeploymentSeen],
        from: Timestamp,
        now: Timestamp,
    ) -> (Reading<Balancer>, Reading<Numbers>) {
        let balancer = match self.balancer(question, found, deployments).await {
            Ok(balancer) => balancer,
            Err(error) => return (unreadable(&error), unreadable(&error)),
        };
        let counted = match balancer.known() {
            Some(balancer) => numbers(self, balancer, from, now).await.unwrap_or_else(|e| unreadable(&e)),
            None => Reading::Unreadable("no balancer published requests of this service in two weeks".to_owned()),
        };
        (balancer, counted)
    }

    async fn balancer(
        &self,
        question: &DeploymentsQuestion,
        found: &Found,
        deployments: &[DeploymentSeen],
    ) -> Result<Reading<Balancer>, PortError> {
        let (new, old) = self.target_groups(question, found, deployments).await?;
        match new.as_deref().and_then(dimension) {
            Some(new) => {
                let old = old.as_deref().and_then(dimension).filter(|old| *old != new);
                find(self, &new, old).await
            }
            None => Ok(Reading::Absent),
        }
    }

    /// ARNs of the target groups of the new and the old revision; where traffic is shifted each has its own.
    async fn target_groups(
        &self,
        question: &DeploymentsQuestion,
        found: &Found,
        deployments: &[DeploymentSeen],
    ) -> Result<(Option<String>, Option<String>), PortError> {
        let named = |arn: &&String| {
            let name = arn.rsplit(":targetgroup/").next().and_then(|rest| rest.split('/').next());
            question.target_group.is_none() || name == question.target_group.as_deref()
        };
        let one = found.target_groups.iter().find(named).or(found.target_groups.first()).cloned();
        let newest = deployments.first();
        let Some((newest, detail)) = newest.and_then(|d| Some((d, d.detail.as_ref()?))).filter(|(_, d)| d.staged)
        else {
            return Ok((one, None));
        };
        let arns: Vec<String> = std::iter::once(newest.target.clone()).chain(detail.sources.first().cloned()).collect();
        let revisions = revisions::describe(self, &arns).await?;
        let group = |arn: Option<&String>| {
            let revision = revisions.iter().find(|r| r.service_revision_arn() == arn.map(String::as_str))?;
            let resolved = revision.resolved_configuration()?.load_balancers().first()?;
            resolved.target_group_arn().map(str::to_owned)
        };
        Ok((group(arns.first()).or(one), group(arns.get(1))))
    }
}

fn unreadable<T>(error: &PortError) -> Reading<T> {
    Reading::Unreadable(error.to_string())
}
