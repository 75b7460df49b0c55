//! Scaling policies of the world, with their alarms in CloudWatch: made, seen and deleted with them.

use crate::alarms::put_of;
use crate::cloudwatch::{
    Actions, Comparison, MetricKey, MetricStat, Place, PutMetricAlarm, Statistic, Watched, target_group_dimension,
};
use crate::scaling::{PolicyAlarm, PutTracking, Refused, StepPolicy, policy_arn};
use crate::service::{Extra, Service};
use crate::world::World;

impl World {
    /// Puts the alarms of every policy in CloudWatch, as they are there when the world begins. They are evaluated there
    /// for those who look at CloudWatch; the policy has its own look at the same data.
    ///
    /// # Errors
    /// Two of one name.
    pub fn add_policy_alarms(&self) -> Result<(), String> {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        for service in &inner.services {
            let place = Place::of(&service.spec.id);
            for put in alarms_of(service) {
                inner.alarms.add(&place, put, now).map_err(|e| e.to_string())?;
            }
        }
        Ok(())
    }

    /// PutScalingPolicy of target tracking; its alarms come with it. `None`: no such service.
    pub fn put_tracking(&self, index: usize, call: PutTracking) -> Option<Result<(), Refused>> {
        self.change_policies(index, |service| {
            let resource = service.spec.id.resource_id();
            service.target.put_tracking(&resource, call)
        })
    }

    /// PutScalingPolicy of step scaling; an alarm whose action is its ARN calls it. `None`: no such service.
    pub fn put_step(&self, index: usize, call: StepPolicy) -> Option<Result<(), Refused>> {
        self.change_policies(index, |service| service.target.put_step(call))
    }

    /// DeleteScalingPolicy; the alarms that target tracking made go with it. `None`: no such service.
    pub fn delete_policy(&self, index: usize, name: &str) -> Option<Result<(), Refused>> {
        self.change_policies(index, |service| service.target.delete_policy(name))
    }

    /// DeregisterScalableTarget; policies, their alarms and scheduled actions go with it. `None`: no such service.
    pub fn deregister(&self, index: usize) -> Option<Result<(), Refused>> {
        self.change_policies(index, |service| service.target.deregister())
    }

    /// The key of a metric that a service puts itself.
    pub(crate) fn key_of(&self, index: usize, extra: &Extra) -> Option<MetricKey> {
        self.inner.borrow().services.get(index).map(|service| service.key(extra))
    }

    /// Changes policies, and CloudWatch's alarms as they follow from it.
    fn change_policies(
        &self,
        index: usize,
        change: impl FnOnce(&mut Service) -> Result<(), Refused>,
    ) -> Option<Result<(), Refused>> {
        let now = self.seconds();
        self.change_alarms(|inner| {
            let service = inner.services.get_mut(index)?;
            let place = Place::of(&service.spec.id);
            let before = alarms_of(service);
            let changed = change(service);
            let after = alarms_of(service);
            if changed.is_ok() {
                let gone = before.iter().filter(|b| after.iter().all(|a| a.name != b.name));
                for name in gone.map(|put| put.name.clone()) {
                    // It may have been deleted by hand before, which AWS forbids nobody.
                    let _gone = inner.alarms.delete(&place, &[name], now);
                }
                for put in after {
                    // Refused only at the store's bound; the policy works without.
                    let _put = inner.alarms.put_metric(&place, put, now);
                }
            }
            Some(changed)
        })
    }
}

/// The alarms of a service's policies as CloudWatch has them.
fn alarms_of(service: &Service) -> Vec<PutMetricAlarm> {
    let id = &service.spec.id;
    let group = target_group_dimension(&service.spec.target_group);
    let policies = &service.target.policies;
    let put = |policy: &str, alarm: &PolicyAlarm| {
        let arn = policy_arn(id, policy);
        let put = match alarm {
            PolicyAlarm::Service(alarm) => put_of(alarm.clone(), id, &group),
            PolicyAlarm::Custom(alarm) => custom(alarm.parts()),
        };
        let description = format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {arn}.");
        let tracking = put.name.starts_with("TargetTracking-");
        let actions = Actions { alarm: vec![arn], ..Actions::default() };
        PutMetricAlarm { description: tracking.then_some(description), actions, ..put }
    };
    let tracking = policies.tracking.iter().flat_map(|p| p.alarms().map(|alarm| put(&p.name, alarm)));
    let step = policies.step.iter().filter_map(|p| p.alarm.as_ref().map(|alarm| put(&p.name, alarm)));
    tracking.chain(step).collect()
}

/// Name, key, statistic, comparison, threshold, N.
type Parts<'a> = (&'a str, &'a MetricKey, Statistic, Comparison, f64, (u32, u32));

fn custom((name, key, statistic, comparison, threshold, (m, n)): Parts<'_>) -> PutMetricAlarm {
    PutMetricAlarm {
        name: name.to_owned(),
        description: None,
        actions: Actions::default(),
        watched: Watched::Metric(MetricStat { metric: key.clone(), statistic, period: 60 }),
        comparison,
        threshold,
        evaluation_periods: n,
        datapoints_to_alarm: Some(m),
        missing: None,
        low_samples_ignored: false,
        tags: Vec::new(),
    }
}
