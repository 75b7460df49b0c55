//! The world's alarms: CloudWatch's operations on them, and their minute.

use headroom_core::fleet::{Fleet, Metric, When};
use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;
use headroom_core::signal::alarm::DETAIL_TYPE;

use crate::cloudwatch::{
    Actions, Alarm, AlarmFilter, CloudWatchError, Compare, Comparison, Described, MetricDataQuery, MetricKey,
    MetricStat, MuteView, Place, PutCompositeAlarm, PutMetricAlarm, PutMuteRule, Queried, Readings, Statistic, Watched,
    target_group_dimension,
};
use crate::event::Event;
use crate::world::{Inner, World};

/// Changes that wait to be heard: as many as alarms may change in one minute of a thousand services.
const CHANGES_MAX: usize = 20_000;

impl Inner {
    /// Whether an alarm of this name is in ALARM.
    pub(crate) fn in_alarm(&self, place: &Place, name: &str) -> bool {
        self.alarms.state_of(place, name).is_some_and(|(state, _)| state == AlarmState::Alarm)
    }
}

impl World {
    /// Adds an alarm on a service that is there when the world begins.
    ///
    /// # Errors
    /// It looks back further than metrics are kept, or there is one of that name already.
    pub fn add_alarm(&self, service: usize, alarm: Alarm) -> Result<(), String> {
        self.add_alarm_on(service, alarm, None, 60)
    }

    /// Adds an alarm with a period, on a metric of its own when one is given.
    ///
    /// # Errors
    /// As [`World::add_alarm`].
    pub fn add_alarm_on(
        &self,
        service: usize,
        alarm: Alarm,
        metric: Option<MetricKey>,
        period: u32,
    ) -> Result<(), String> {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        let Some(service) = inner.services.get(service) else { return Err("no such service".to_owned()) };
        let (id, group) = (&service.spec.id, target_group_dimension(&service.spec.target_group));
        let mut put = put_of(alarm, id, &group);
        put.watched = match (metric, put.watched) {
            (Some(metric), _) => Watched::Metric(MetricStat { metric, statistic: Statistic::Average, period }),
            (None, Watched::Metric(stat)) => Watched::Metric(MetricStat { period, ..stat }),
            (None, Watched::Math(mut queries)) => {
                queries.iter_mut().for_each(|query| {
                    if let Queried::Stat(stat) = &mut query.queried {
                        stat.period = period;
                    }
                });
                Watched::Math(queries)
            }
        };
        let name = put.name.clone();
        inner.alarms.add(&Place::of(id), put, now).map_err(|error| format!("alarm {name}: {error}"))
    }

    /// Adds the alarms that a fleet's remedies need, as the Terraform module makes them from `when`.
    ///
    /// # Errors
    /// One looks back further than metrics are kept, or no service of the fleet is in this world.
    pub fn add_alarms_of(&self, fleet: &Fleet) -> Result<(), String> {
        let found = |service| self.inner.borrow().by_id.get(&ServiceId::of(service)).copied();
        let services: Vec<_> = fleet.services.iter().filter_map(|s| found(s).map(|i| (i, s))).collect();
        if services.is_empty() {
            return Err(format!("no service of fleet `{}` is in this world: compare `ecs` lines", fleet.fleet));
        }
        for (index, service) in services {
            for remedy in &service.remedies {
                if let When::Metric { metric, above, lasting } = &remedy.when {
                    let name = format!("{}-{}", service.service, remedy.name);
                    let points = (lasting.0 / 60).max(1) as usize;
                    self.add_alarm(index, Alarm::all_of(name, *metric, Compare::Above, *above, points))?;
                }
            }
        }
        Ok(())
    }

    /// CloudWatch's minute: evaluates every alarm. What changed is among the world's events.
    pub(crate) fn alarms(&self) {
        let now = self.seconds();
        self.change_alarms(|inner| {
            let (services, accounts, custom) = (inner.services.as_slice(), inner.accounts.as_slice(), &inner.custom);
            inner.alarms.evaluate(&Readings { services, accounts, custom, now, delays: self.delays });
        });
    }

    /// When the wait or extension period of a composite alarm ends next.
    pub(crate) fn next_alarm_timer(&self) -> Option<i64> {
        self.inner.borrow().alarms.next_timer()
    }

    /// Ends the wait and extension periods that are due.
    pub(crate) fn alarm_timers(&self) {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.run_timers(now));
    }

    /// PutMetricAlarm.
    ///
    /// # Errors
    /// As CloudWatch refuses it, and what this simulator does not have.
    pub fn put_metric_alarm(&self, place: &Place, put: PutMetricAlarm) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.put_metric(place, put, now))
    }

    /// PutCompositeAlarm; it is evaluated at once.
    ///
    /// # Errors
    /// As CloudWatch refuses it: its rule, or an alarm that is not there.
    pub fn put_composite_alarm(&self, place: &Place, put: PutCompositeAlarm) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.put_composite(place, put, now))
    }

    /// DescribeAlarms.
    ///
    /// # Errors
    /// Parameters that exclude each other.
    pub fn describe_alarms(&self, place: &Place, filter: &AlarmFilter) -> Result<Described, CloudWatchError> {
        self.inner.borrow().alarms.describe(place, filter)
    }

    /// DeleteAlarms.
    ///
    /// # Errors
    /// More than one composite alarm, or one that another depends on.
    pub fn delete_alarms(&self, place: &Place, names: &[String]) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.delete(place, names, now))
    }

    /// SetAlarmState: it lasts until the next evaluation says otherwise.
    ///
    /// # Errors
    /// No such alarm, or reason data that is no JSON.
    pub fn set_alarm_state(
        &self,
        place: &Place,
        name: &str,
        state: AlarmState,
        reason: String,
        reason_data: Option<String>,
    ) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.set_state(place, name, state, (reason, reason_data), now))
    }

    /// EnableAlarmActions and DisableAlarmActions; unknown names are passed over.
    pub fn set_actions_enabled(&self, place: &Place, names: &[String], enabled: bool) {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.set_actions_enabled(place, names, enabled, now));
    }

    /// PutAlarmMuteRule.
    ///
    /// # Errors
    /// Its schedule, or an alarm that is not there.
    pub fn put_mute_rule(&self, place: &Place, put: PutMuteRule) -> Result<(), CloudWatchError> {
        let now = self.seconds();
        self.change_alarms(|inner| inner.alarms.put_mute(place, put, now))
    }

    /// DeleteAlarmMuteRule.
    pub fn delete_mute_rule(&self, place: &Place, name: &str) {
        self.change_alarms(|inner| inner.alarms.delete_mute(place, name));
    }

    /// ListAlarmMuteRules, by name.
    #[must_use]
    pub fn mute_rules(&self, place: &Place) -> Vec<MuteView> {
        self.inner.borrow().alarms.mutes(place, self.seconds())
    }

    /// Whether the events of alarms carry their tags: an account opts in.
    pub fn send_alarm_tags(&self, sent: bool) {
        self.inner.borrow_mut().alarms.tags_sent = sent;
    }

    /// Changes the alarms and puts the events of it among the world's.
    pub(crate) fn change_alarms<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let inner = &mut *self.inner.borrow_mut();
        let outcome = change(inner);
        for event in inner.alarms.take_events() {
            if event.detail_type == DETAIL_TYPE {
                // Nobody hears of changes in a world that is not run with Headroom.
                if inner.alarm_changes.len() == CHANGES_MAX {
                    inner.alarm_changes.pop_front();
                }
                inner.alarm_changes.push_back(Event { number: inner.events_made + 1, ..event.clone() });
            }
            inner.emit(event);
        }
        outcome
    }

    /// The next change of an alarm that Headroom has not heard of.
    pub fn next_alarm_change(&self) -> Option<Event> {
        self.inner.borrow_mut().alarm_changes.pop_front()
    }
}

/// An alarm of a scenario or a fleet as it is put in CloudWatch.
pub(crate) fn put_of(alarm: Alarm, id: &ServiceId, target_group: &str) -> PutMetricAlarm {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let ecs = |name| MetricKey::new("AWS/ECS", name, &[("ClusterName", &id.cluster), ("ServiceName", &id.service)]);
    let elb = |name| MetricKey::new("AWS/ApplicationELB", name, &[("TargetGroup", target_group)]);
    let stat = |metric, statistic| MetricStat { metric, statistic, period: 60 };
    let watched = match alarm.metric {
        Metric::Cpu => Watched::Metric(stat(ecs("CPUUtilization"), Statistic::Average)),
        Metric::Memory => Watched::Metric(stat(ecs("MemoryUtilization"), Statistic::Average)),
        Metric::RequestsPerTarget => Watched::Metric(stat(elb("RequestCountPerTarget"), Statistic::Sum)),
        Metric::ResponseTimeAvg => Watched::Metric(stat(elb("TargetResponseTime"), Statistic::Average)),
        Metric::ResponseTimeP95 => Watched::Metric(stat(elb("TargetResponseTime"), Statistic::Percentile(95.0))),
        Metric::ErrorRate => {
            let query = |id: &str, queried, return_data| MetricDataQuery {
                id: id.to_owned(),
                queried,
                label: None,
                return_data,
            };
            let sum = |name| Queried::Stat(stat(elb(name), Statistic::Sum));
            Watched::Math(vec![
                query("rate", Queried::Expression("100 * FILL(errors, 0) / requests".to_owned()), true),
                query("errors", sum("HTTPCode_Target_5XX_Count"), false),
                query("requests", sum("RequestCount"), false),
            ])
        }
    };
    PutMetricAlarm {
        name: alarm.name,
        description: None,
        actions: Actions::default(),
        watched,
        comparison: match alarm.compare {
            Compare::Above => Comparison::Greater,
            Compare::Below => Comparison::Less,
        },
        threshold: alarm.threshold,
        evaluation_periods: count(alarm.n),
        datapoints_to_alarm: Some(count(alarm.m)),
        missing: Some(alarm.missing),
        low_samples_ignored: false,
        tags: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
