//! Answers many questions at once: each thing is read once, and what is independent at the same time.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};
use headroom_core::at_max::Points;
use headroom_core::id::ServiceId;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{
    AlarmSeen, Load, LoadQuestion, NOT_ASKED, NeedQuestion, NeedSeen, PolicySeen, Question, Reading, Seen, TaskSeen,
};
use headroom_pipeline::{Ask, Clock, PortError};
use jiff::Timestamp;

use super::alarms::{Alarms, alarms};
use super::load::{Measured, measured};
use super::policies::policies;
use super::scheduled::{Pairs, scheduled};
use super::services::{Services, services};
use super::stopped::stopped;
use super::targets::{Targets, targets};
use super::tasks::tasks;
use super::usual::usual;
use crate::aws::Aws;

impl Ask for Aws {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        for question in questions {
            self.within_reach("ask", &question.service)?;
        }
        let answers = Answers::of(self, questions, self.now()).await?;
        Ok(questions.iter().map(|question| answers.seen(question)).collect())
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        usual(self, questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        if let Err(error) = self.within_reach("stopped", service) {
            return unreadable(&error);
        }
        stopped(self, service).await.map_or_else(|error| unreadable(&error), Reading::Known)
    }
}

/// Everything that was read. What may fail alone holds its own error.
struct Answers {
    services: Services,
    targets: Targets,
    scheduled: BTreeMap<String, Pairs>,
    policies: BTreeMap<String, Reading<Vec<PolicySeen>>>,
    measured: Result<Measured, PortError>,
    alarms: Result<Alarms, PortError>,
    tasks: BTreeMap<ServiceId, Reading<Vec<TaskSeen>>>,
}

impl Answers {
    async fn of(aws: &Aws, questions: &[Question], now: Timestamp) -> Result<Self, PortError> {
        let ids: BTreeSet<&ServiceId> = questions.iter().map(|q| &q.service).collect();
        let resources: BTreeSet<String> = ids.iter().map(|id| id.resource_id()).collect();
        let with = |wants: fn(&Question) -> bool| -> BTreeSet<String> {
            questions.iter().filter(|q| wants(q)).map(|q| q.service.resource_id()).collect()
        };
        let (with_policies, with_scheduled) = (with(|q| q.policies), with(|q| q.scheduled));
        let needs = || questions.iter().flat_map(|q| &q.needs);
        let metrics: BTreeSet<&LoadQuestion> =
            questions.iter().filter_map(|q| q.load.as_ref()).chain(needs().filter_map(|n| n.load.as_ref())).collect();
        let names: BTreeSet<&str> = questions
            .iter()
            .filter_map(|q| q.alarm.as_deref())
            .chain(needs().filter_map(|n| n.alarm.as_deref()))
            .collect();
        let with_tasks: BTreeSet<&ServiceId> = questions.iter().filter(|q| q.tasks).map(|q| &q.service).collect();
        let (services, targets, scheduled, policies, measured, alarms, tasks) = tokio::join!(
            services(aws, &ids),
            targets(aws, &resources),
            try_join_all(with_scheduled.into_iter().map(async |id| Ok((id.clone(), scheduled(aws, &id).await?)))),
            join_all(with_policies.into_iter().map(async |id| {
                let read = policies(aws, &id).await.map_or_else(|e| unreadable(&e), Reading::Known);
                (id, read)
            })),
            measured(aws, &metrics, questions.iter().any(|q| q.quota), now),
            alarms(aws, &names),
            join_all(
                with_tasks
                    .into_iter()
                    .map(async |id| { (id.clone(), tasks(aws, id).await.unwrap_or_else(|e| unreadable(&e))) })
            ),
        );
        Ok(Self {
            services: services?,
            targets: targets?,
            scheduled: scheduled?.into_iter().collect(),
            policies: policies.into_iter().collect(),
            measured,
            alarms,
            tasks: tasks.into_iter().collect(),
        })
    }

    fn seen(&self, question: &Question) -> Seen {
        let resource = question.service.resource_id();
        Seen {
            service: self.services.get(&question.service).cloned().unwrap_or(Reading::Absent),
            target: self.targets.get(&resource).copied().map_or(Reading::Absent, Reading::Known),
            policies: self.policies.get(&resource).filter(|_| question.policies).cloned().unwrap_or_else(not_asked),
            load: question.load.as_ref().map_or_else(not_asked, |load| self.load(load)),
            alarm: self.alarm(question.alarm.as_deref()),
            needs: question.needs.iter().map(|need| self.need(need)).collect(),
            scheduled: self.scheduled.get(&resource).filter(|_| question.scheduled).cloned().unwrap_or_default(),
            tasks: self.tasks.get(&question.service).filter(|_| question.tasks).cloned().unwrap_or_else(not_asked),
            quota: match &self.measured {
                Ok(measured) if question.quota => measured.quota.clone(),
                Err(error) if question.quota => unreadable(error),
                Ok(_) | Err(_) => not_asked(),
            },
            at_max: None,
        }
    }

    fn alarm(&self, name: Option<&str>) -> Reading<AlarmSeen> {
        match (name, &self.alarms) {
            (None, _) => not_asked(),
            (Some(_), Err(error)) => unreadable(error),
            (Some(name), Ok(alarms)) => alarms.get(name).cloned().unwrap_or(Reading::Absent),
        }
    }

    fn need(&self, need: &NeedQuestion) -> NeedSeen {
        NeedSeen {
            name: need.name.clone(),
            load: need.load.as_ref().map_or_else(not_asked, |load| self.load(load)),
            alarm: self.alarm(need.alarm.as_deref()),
        }
    }

    fn load(&self, question: &LoadQuestion) -> Reading<Load> {
        match &self.measured {
            Ok(measured) => measured.loads.get(question).cloned().unwrap_or_else(not_asked),
            Err(error) => unreadable(error),
        }
    }
}

fn not_asked<T>() -> Reading<T> {
    Reading::Unreadable(NOT_ASKED.to_owned())
}

fn unreadable<T>(error: &PortError) -> Reading<T> {
    Reading::Unreadable(error.to_string())
}
