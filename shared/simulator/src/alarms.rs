//! The world's alarms: added, evaluated every minute, and what EventBridge says about them.

use headroom_core::fleet::{Fleet, Metric, When};
use headroom_core::id::ServiceId;
use headroom_core::signal::alarm::WatchedMetric;
use headroom_core::signal::{AlarmEvent, AlarmState};
use jiff::Timestamp;

use crate::cloudwatch::{Alarm, Changed, Compare, POINTS_MAX};
use crate::service::Service;
use crate::world::{Inner, World};

impl Inner {
    /// Whether an alarm of this name is in ALARM.
    pub(crate) fn in_alarm(&self, name: &str) -> bool {
        self.alarms.iter().any(|(_, alarm)| alarm.name == name && alarm.state == AlarmState::Alarm)
    }
}

impl World {
    /// Adds an alarm on a service.
    ///
    /// # Errors
    /// It looks back further than metrics are kept.
    pub fn add_alarm(&self, service: usize, alarm: Alarm) -> Result<(), String> {
        if alarm.n > POINTS_MAX || alarm.m == 0 || alarm.m > alarm.n {
            let Alarm { name, m, n, .. } = alarm;
            return Err(format!("alarm {name}: {m} of {n} datapoints, expected 1 to N of at most {POINTS_MAX}"));
        }
        self.inner.borrow_mut().alarms.push((service, alarm));
        Ok(())
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

    /// Evaluates the alarms; those that changed, as EventBridge delivers them.
    pub(crate) fn alarms(&self) -> Vec<AlarmEvent> {
        let (now, delays) = (self.seconds(), self.delays);
        let inner = &mut *self.inner.borrow_mut();
        let mut events = Vec::new();
        for (index, alarm) in &mut inner.alarms {
            let Some(service) = inner.services.get(*index) else { continue };
            if let Some(changed) = alarm.evaluate(&service.metrics, now, delays) {
                events.push(event(service, alarm, &changed, now));
            }
        }
        events
    }
}

impl Service {
    fn dimensions(&self, metric: Metric) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        match metric {
            Metric::Cpu | Metric::Memory => vec![
                pair("ClusterName", self.spec.id.cluster.clone()),
                pair("ServiceName", self.spec.id.service.clone()),
            ],
            Metric::RequestsPerTarget | Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => {
                vec![pair("TargetGroup", format!("targetgroup/{}/0123456789abcdef", self.spec.target_group))]
            }
        }
    }
}

fn event(service: &Service, alarm: &Alarm, changed: &Changed, now: i64) -> AlarmEvent {
    let id = &service.spec.id;
    let words = match alarm.state {
        AlarmState::Alarm => format!("{} out of {} datapoints crossed", alarm.m, alarm.n),
        AlarmState::Ok => "datapoints within the threshold".to_owned(),
        AlarmState::InsufficientData => "no datapoints".to_owned(),
    };
    AlarmEvent {
        arn: format!("arn:aws:cloudwatch:{}:{}:alarm:{}", id.region, id.account, alarm.name),
        name: alarm.name.clone(),
        account: id.account.clone(),
        region: id.region.clone(),
        state: alarm.state,
        previous: Some(changed.from),
        suppressed_by: None,
        previously_suppressed_by: None,
        at: Timestamp::from_second(now).unwrap_or(Timestamp::MIN),
        reason: Some(format!("Threshold Crossed: {words} ({:?})", alarm.threshold)),
        datapoints: changed.values.clone(),
        threshold: Some(alarm.threshold),
        metric: alarm.metric.cloudwatch().map(|(namespace, name, stat)| WatchedMetric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            stat: Some(stat.to_owned()),
            period: Some(60),
            dimensions: service.dimensions(alarm.metric),
        }),
        service_tag: None,
        mute: None,
    }
}
