//! Alarms of CloudWatch that call step policies: their actions name the policy's ARN.

use headroom_core::id::ServiceId;
use headroom_core::signal::AlarmState;

use crate::cloudwatch::{
    AlarmFilter, AlarmKind, AlarmView, GetMetricData, MetricDataQuery, Place, PutMetricAlarm, Queried, ScanBy, Watched,
};
use crate::scaling::policy_arn;
use crate::world::World;

/// How far back the datapoint may be that says by how much the threshold is crossed: longer than any delay here.
const LOOKS_BACK: i64 = 600;
/// A page of alarms; there is one for each policy that is called.
const PAGE: usize = 100;

impl World {
    /// Calls the step policies that alarms in ALARM name: CloudWatch re-sends a scaling action every period while in
    /// ALARM, other actions only when the state changes (AWS_FACTS 2.3). Nothing is called while an alarm's actions
    /// are disabled.
    pub(crate) fn call_policies(&self) {
        let waiting: Vec<(usize, ServiceId, String)> = self.read(|all| {
            let services = all.iter().enumerate();
            let policies = services.flat_map(|(i, s)| s.target.policies.step.iter().map(move |p| (i, s, p)));
            let called = policies.filter(|(_, _, p)| p.alarm.is_none());
            called.map(|(i, s, p)| (i, s.spec.id.clone(), p.name.clone())).collect()
        });
        for (index, id, policy) in waiting {
            let arn = policy_arn(&id, &policy);
            let Some((alarm, over)) = self.caller(&Place::of(&id), &arn) else { continue };
            self.change(index, |service, _, _| {
                if let Some(policy) = service.target.policies.step.iter_mut().find(|p| p.name == policy) {
                    policy.call(&alarm, over);
                }
            });
        }
    }

    /// The alarm in ALARM whose action is a policy, and by how much its metric is over its threshold.
    fn caller(&self, place: &Place, arn: &str) -> Option<(String, f64)> {
        let filter = AlarmFilter {
            state: Some(AlarmState::Alarm),
            action_prefix: Some(arn.to_owned()),
            max_records: Some(PAGE),
            ..AlarmFilter::metric_alarms()
        };
        let found = self.describe_alarms(place, &filter).ok()?;
        found.alarms.into_iter().find_map(|alarm| self.over(place, arn, &alarm).map(|over| (alarm.name, over)))
    }

    fn over(&self, place: &Place, arn: &str, alarm: &AlarmView) -> Option<f64> {
        let AlarmKind::Metric(put) = &alarm.kind else { return None };
        let acts = put.actions.enabled && put.actions.alarm.iter().any(|action| action == arn);
        let request = GetMetricData {
            queries: queries(put),
            start: self.seconds() - LOOKS_BACK,
            end: self.seconds(),
            scan_by: ScanBy::TimestampDescending,
            max_datapoints: None,
            next_token: None,
        };
        let answer = self.get_metric_data(place, request).ok().filter(|_| acts)?;
        let newest = answer.results.first()?.values.first().copied()?;
        Some(newest - put.threshold)
    }
}

fn queries(put: &PutMetricAlarm) -> Vec<MetricDataQuery> {
    match &put.watched {
        Watched::Math(queries) => queries.clone(),
        Watched::Metric(stat) => {
            let queried = Queried::Stat(stat.clone());
            vec![MetricDataQuery { id: "m1".to_owned(), queried, label: None, return_data: true }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::{Actions, Comparison, MetricKey, MetricStat, Statistic};
    use crate::scaling::{Adjustment, Step, StepPolicy};

    const START: i64 = 1_795_392_000;
    const TEXT: &str =
        "start 2026-11-23T00:00:00Z\nservice web\n tasks 2\n bounds 2..10\n load table\n 00:00 600/min 160ms\n";

    /// CPU is 80 % on two tasks; a policy that adds two, called from 60 % on.
    fn desired_after(minutes: i64, enabled: bool) -> u32 {
        let world = crate::scenario::read(TEXT, &|p| Err(p.to_owned())).unwrap().build().unwrap().world;
        let id = world.read(|all| all[0].spec.id.clone());
        let steps = vec![Step { lower: Some(0.0), upper: None, adjust: 2 }];
        let policy = StepPolicy {
            name: "fast".into(),
            adjustment: Adjustment::Change,
            steps,
            cooldown: 3_600,
            ..StepPolicy::default()
        };
        world.change(0, |service, _, _| service.target.put_step(policy)).unwrap().unwrap();
        let dimensions = [("ClusterName", id.cluster.as_str()), ("ServiceName", id.service.as_str())];
        let metric = MetricKey::new("AWS/ECS", "CPUUtilization", &dimensions);
        let put = PutMetricAlarm {
            name: "cpu".into(),
            description: None,
            actions: Actions { enabled, alarm: vec![policy_arn(&id, "fast")], ..Actions::default() },
            watched: Watched::Metric(MetricStat { metric, statistic: Statistic::Average, period: 60 }),
            comparison: Comparison::Greater,
            threshold: 60.0,
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            missing: None,
            low_samples_ignored: false,
            tags: Vec::new(),
        };
        world.put_metric_alarm(&Place::of(&id), put).unwrap();
        world.advance(START + minutes * 60);
        world.read(|all| all[0].tasks.desired)
    }

    #[test]
    fn an_alarm_calls_the_step_policy_that_its_action_names_while_its_actions_are_enabled() {
        assert_eq!(desired_after(5, true), 4);
        assert_eq!(desired_after(30, true), 4, "the cooldown holds, however often it is called");
        assert_eq!(desired_after(5, false), 2);
    }
}
