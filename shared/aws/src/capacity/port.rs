//! The port.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use headroom_core::at_max::{CapacityQuestion, CapacitySeen, CountsSeen, Points, Screened};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_core::time::Seconds;
use headroom_pipeline::{Ask, Capacities, Clock, PortError};
use jiff::{SignedDuration, Timestamp};

use super::series::{FORTNIGHT, HOUR, Of, cpu, tasks};
use super::tracked::{Policy, policies};
use super::{activities, high};
use crate::ask::{Series, fetch};
use crate::aws::Aws;
use crate::journal;

/// DescribeServices takes ten, DescribeScalableTargets fifty.
const SERVICES_A_CALL: usize = 10;
const TARGETS_A_CALL: usize = 50;
/// GetMetricData takes 500 queries, two a service.
const METRICS_A_CALL: usize = 250;
const BY_MINUTE: Seconds = Seconds(60);
const BY_FIVE: Seconds = Seconds(300);
/// Each minute looks; a failed minute is made up for by the next two.
const FAILED_SINCE: SignedDuration = SignedDuration::from_mins(3);

impl Capacities for Aws {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        let now = self.now();
        // Another region's services are read by that region's function.
        let near: Vec<&ServiceId> = services.iter().filter(|id| id.region == self.region()).collect();
        let account = near.first().map(|id| id.account.clone()).unwrap_or_default();
        let since = now.checked_sub(FAILED_SINCE).unwrap_or(now);
        let (seen, history, failed, high) = tokio::join!(
            self.seen_of(&near),
            self.histories(&near, now),
            activities::failed_since(self, &account, since),
            high::in_alarm(self, &account),
        );
        // What failed anywhere is a hint; without it each service still has its turn.
        let (failed, pages) = failed.unwrap_or_else(|error| {
            tracing::warn!(%error, "failed scaling activities were not read");
            (Vec::new(), 1)
        });
        let (high, alarm_pages) = high.unwrap_or_else(|error| {
            tracing::warn!(%error, "alarms of target tracking were not read");
            (Vec::new(), 1)
        });
        let counts = services.iter().map(|id| counts(seen.get(id), history.get(id))).collect();
        let clusters: BTreeSet<&str> = near.iter().map(|id| id.cluster.as_str()).collect();
        let of_cluster = |cluster: &&str| near.iter().filter(|id| id.cluster == **cluster).count();
        let describes: usize = clusters.iter().map(|cluster| of_cluster(cluster).div_ceil(SERVICES_A_CALL)).sum();
        let calls = describes + near.len().div_ceil(TARGETS_A_CALL) + near.len().div_ceil(METRICS_A_CALL);
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        Ok(Screened { counts, failed, high, calls: calls.saturating_add(pages).saturating_add(alarm_pages) })
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        let id = &question.service;
        self.within_reach("ecs", id)?;
        let now = self.now();
        let since = now.checked_sub(SignedDuration::from_secs(HOUR)).unwrap_or(now);
        let asked: Vec<Question> =
            std::iter::once(Question { quota: true, ..plain(id) }).chain(question.beside.iter().map(plain)).collect();
        let (seen, policies, activities) =
            tokio::join!(self.ask(&asked), policies(self, id), activities::of_service(self, id, since));
        let mut seen = seen?.into_iter();
        let Some(Seen { service, target, quota, .. }) = seen.next() else {
            return Err(crate::error::unusable("ecs DescribeServices", "no answer"));
        };
        // What cannot be read is told as such: an open episode still comes of age.
        let (policies, unlisted) = policies.map_or_else(|why| (Vec::new(), Some(why.to_string())), |all| (all, None));
        let (series, long) = tokio::join!(self.hour(id, &policies, now), self.fortnight(question, &policies, now));
        let unread = |error: PortError| tracing::warn!(service = %id, %error, "a history was not read");
        let (series, long) = (series.map_err(unread).unwrap_or_default(), long.map_err(unread).unwrap_or_default());
        let history = |n: usize, policy: &Policy, prefix: &str, period, from: &BTreeMap<String, Series>| {
            policy.of(format!("{prefix}{n}"), period).map(|of| of.points(from))
        };
        let tracked = policies.iter().enumerate().map(|(n, policy)| {
            let fortnight = long.as_ref().and_then(|long| history(n, policy, "p", BY_FIVE, long));
            policy.clone().tracked(history(n, policy, "p", BY_MINUTE, &series), fortnight)
        });
        let desired = |seen: Seen| match seen.service {
            Reading::Known(service) => Reading::Known(service.desired),
            Reading::Absent => Reading::Absent,
            Reading::Unreadable(why) => Reading::Unreadable(why),
            Reading::Stale { at } => Reading::Stale { at },
        };
        Ok(CapacitySeen {
            service,
            target,
            tracked: unlisted.map_or_else(|| Reading::Known(tracked.collect()), Reading::Unreadable),
            tasks: tasks(id, "tasks".to_owned(), BY_MINUTE).points(&series),
            tasks_fortnight: long
                .as_ref()
                .map_or_else(not_asked, |long| tasks(id, "tasks".to_owned(), BY_FIVE).points(long)),
            activities: activities.map_or_else(|why| Reading::Unreadable(why.to_string()), Reading::Known),
            quota,
            beside: question.beside.iter().map(ServiceId::resource_id).zip(seen.map(desired)).collect(),
        })
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        journal::episodes(self, now).await
    }
}

fn not_asked<T>() -> Reading<T> {
    Reading::Unreadable("not asked".to_owned())
}

fn plain(id: &ServiceId) -> Question {
    Question {
        service: id.clone(),
        policies: false,
        scheduled: false,
        load: None,
        alarm: None,
        tasks: false,
        quota: false,
        needs: Vec::new(),
    }
}

fn counts(seen: Option<&Result<Seen, String>>, history: Option<&(Reading<Points>, Reading<Points>)>) -> CountsSeen {
    let (tasks, cpu) = history.cloned().unwrap_or_else(|| (not_asked(), not_asked()));
    match seen {
        Some(Ok(seen)) => CountsSeen { service: seen.service.clone(), target: seen.target.clone(), tasks, cpu },
        Some(Err(why)) => CountsSeen {
            service: Reading::Unreadable(why.clone()),
            target: Reading::Unreadable(why.clone()),
            tasks,
            cpu,
        },
        None => CountsSeen { service: not_asked(), target: not_asked(), tasks, cpu },
    }
}

impl Aws {
    /// Counts and bounds of all at once; if one of them fails the whole, of ten at a time.
    async fn seen_of(&self, ids: &[&ServiceId]) -> BTreeMap<ServiceId, Result<Seen, String>> {
        let questions: Vec<Question> = ids.iter().map(|id| plain(id)).collect();
        let named =
            |ids: &[&ServiceId], answer: Result<Vec<Seen>, PortError>| -> Vec<(ServiceId, Result<Seen, String>)> {
                match answer {
                    Ok(seen) => ids.iter().map(|id| (*id).clone()).zip(seen.into_iter().map(Ok)).collect(),
                    Err(error) => ids.iter().map(|id| ((*id).clone(), Err(error.to_string()))).collect(),
                }
            };
        match self.ask(&questions).await {
            Ok(seen) => named(ids, Ok(seen)).into_iter().collect(),
            Err(error) => {
                tracing::warn!(%error, "reading ten services at a time");
                let calls = questions.chunks(SERVICES_A_CALL).map(|batch| self.ask(batch));
                let answers = join_all(calls).await;
                ids.chunks(SERVICES_A_CALL).zip(answers).flat_map(|(ids, answer)| named(ids, answer)).collect()
            }
        }
    }

    /// Tasks and CPU of the last hour of each.
    async fn histories(
        &self,
        ids: &[&ServiceId],
        now: Timestamp,
    ) -> BTreeMap<ServiceId, (Reading<Points>, Reading<Points>)> {
        let calls = ids.chunks(METRICS_A_CALL).map(|batch| async move {
            let of =
                |n: usize, id: &ServiceId| (tasks(id, format!("n{n}"), BY_MINUTE), cpu(id, format!("c{n}"), BY_MINUTE));
            let pairs: Vec<_> = batch.iter().enumerate().map(|(n, id)| of(n, id)).collect();
            let queries = pairs.iter().flat_map(|(tasks, cpu)| [tasks.query(), cpu.query()]).collect();
            let end = minute(now);
            let series = fetch(self, queries, end - HOUR, end).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the last hour of a batch was not read");
                BTreeMap::new()
            });
            let read = |of: &Of<'_>| of.points(&series);
            batch.iter().zip(&pairs).map(|(id, (n, c))| ((*id).clone(), (read(n), read(c)))).collect::<Vec<_>>()
        });
        join_all(calls).await.into_iter().flatten().collect()
    }

    async fn hour(
        &self,
        id: &ServiceId,
        policies: &[Policy],
        now: Timestamp,
    ) -> Result<BTreeMap<String, Series>, PortError> {
        let tracked = policies.iter().enumerate().filter_map(|(n, policy)| policy.of(format!("p{n}"), BY_MINUTE));
        let queries = tracked.map(|of| of.query()).chain([tasks(id, "tasks".to_owned(), BY_MINUTE).query()]);
        let end = minute(now);
        fetch(self, queries.collect(), end - HOUR, end).await
    }

    async fn fortnight(
        &self,
        question: &CapacityQuestion,
        policies: &[Policy],
        now: Timestamp,
    ) -> Result<Option<BTreeMap<String, Series>>, PortError> {
        if !question.fortnight {
            return Ok(None);
        }
        let tracked = policies.iter().enumerate().filter_map(|(n, policy)| policy.of(format!("p{n}"), BY_FIVE));
        let tasks = tasks(&question.service, "tasks".to_owned(), BY_FIVE);
        let queries = tracked.map(|of| of.query()).chain([tasks.query()]).collect();
        let end = minute(now);
        fetch(self, queries, end - FORTNIGHT, end).await.map(Some)
    }
}

/// The end of the newest whole minute.
fn minute(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60) * 60
}
