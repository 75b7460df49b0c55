//! The rules of AWS_FACTS 2 that concern several policies at once.

use headroom_core::fleet::Metric;
use headroom_core::seen::Suspended;

use super::super::activity::NotScaled;
use super::super::alarm::Tracked;
use super::super::step::{Adjustment, Step};
use super::*;
use crate::cloudwatch::{Compare, Delays, Metrics, Minute};

const NO_DELAY: Delays = Delays { ecs: 0, load_balancer: 0 };

struct World {
    target: Target,
    metrics: Metrics,
    found: Capacity,
    minute: i64,
}

/// A target 2..10 that tracks CPU 70 % and 1,000 requests per target, at four tasks.
fn world() -> World {
    let policy =
        |name: &str, metric, target| Tracking::new("service/c/s", name.into(), Tracked::Service(metric), target, true);
    let tracking = vec![policy("cpu", Metric::Cpu, 70.0), policy("requests", Metric::RequestsPerTarget, 1_000.0)];
    World {
        target: Target { min: 2, max: 10, policies: Policies { tracking, step: vec![] }, ..Target::default() },
        metrics: Metrics::default(),
        found: Capacity { desired: 4, running: 4, deploying: false },
        minute: 0,
    }
}

impl World {
    /// So many minutes of CPU and requests per target; the newest count that was set in them.
    fn minutes(&mut self, count: usize, cpu: Option<f64>, requests: Option<f64>) -> Option<u32> {
        let mut set = None;
        for _ in 0..count {
            let at = self.minute * 60;
            self.minute += 1;
            let (samples, targets) = (self.found.running, f64::from(self.found.running));
            let minute =
                Minute { at, cpu, cpu_samples: samples, requests_per_target: requests, targets, ..Minute::default() };
            self.metrics.publish(minute);
            let from = Readings { metrics: &self.metrics, custom: &|_, _, _, _| None, now: at + 60, delays: NO_DELAY };
            if let Some(desired) = self.target.evaluate(&from, self.found) {
                self.found = Capacity { desired, ..self.found };
                set = Some(desired);
            }
        }
        set
    }

    fn newest(&self) -> Option<Outcome> {
        self.target.activities.back().map(|a| a.outcome)
    }
}

#[test]
fn scale_out_if_any_policy_says_so() {
    assert_eq!(world().minutes(3, Some(95.0), Some(100.0)), Some(6), "ceil(4 x 95 / 70)");
    assert_eq!(world().minutes(3, Some(10.0), Some(1_200.0)), Some(5), "ceil(4 x 1200 / 1000)");
}

#[test]
fn the_largest_capacity_wins() {
    assert_eq!(world().minutes(3, Some(95.0), Some(1_900.0)), Some(8));
    assert_eq!(world().minutes(15, Some(40.0), Some(700.0)), Some(3), "in: ceil(2.29) = 3 and ceil(2.8) = 3");
    assert_eq!(world().minutes(15, Some(10.0), Some(700.0)), Some(3), "in: 1 and 3");
}

#[test]
fn scale_in_only_if_all_policies_agree() {
    assert_eq!(world().minutes(30, Some(65.0), Some(100.0)), None, "65 % is over 63 %");
    assert_eq!(world().minutes(15, Some(20.0), Some(100.0)), Some(2));
}

#[test]
fn insufficient_data_of_one_policy_holds_the_scale_in() {
    assert_eq!(world().minutes(30, Some(20.0), None), None);
    assert_eq!(world().minutes(3, Some(95.0), None), Some(6), "and no scale-out");
}

#[test]
fn calculations_start_from_the_running_count() {
    let mut world = world();
    world.found = Capacity { desired: 6, running: 4, deploying: false };
    assert_eq!(world.minutes(10, Some(95.0), None), None, "4 x 95 / 70 = 6 are on their way");
    assert_eq!(world.newest(), Some(Outcome::NotScaled(NotScaled::AlreadyAtDesiredCapacity)));
}

#[test]
fn scale_in_is_off_during_deployments_and_scale_out_goes_on() {
    let mut world = world();
    world.found.deploying = true;
    assert_eq!(world.minutes(30, Some(10.0), Some(10.0)), None);
    assert_eq!(world.minutes(3, Some(95.0), Some(10.0)), Some(6));
}

#[test]
fn suspension_stops_one_direction_each() {
    let suspended = |scale_in, scale_out| Suspended { scale_in, scale_out, scheduled: false };
    let mut no_in = world();
    no_in.target.suspended = suspended(true, false);
    assert_eq!(no_in.minutes(30, Some(10.0), Some(10.0)), None);
    assert_eq!(no_in.minutes(3, Some(95.0), Some(10.0)), Some(6));
    let mut no_out = world();
    no_out.target.suspended = suspended(false, true);
    assert_eq!(no_out.minutes(5, Some(95.0), Some(10.0)), None);
}

#[test]
fn on_resume_a_breach_is_evaluated_again() {
    let mut world = world();
    world.target.suspended.scale_out = true;
    assert_eq!(world.minutes(5, Some(95.0), Some(10.0)), None);
    world.target.suspended.scale_out = false;
    assert_eq!(world.minutes(1, Some(95.0), Some(10.0)), Some(6));
}

#[test]
fn at_max_and_at_min_are_said_as_the_reason() {
    let mut world = world();
    world.found = Capacity { desired: 10, running: 10, deploying: false };
    world.minutes(3, Some(100.0), Some(10.0));
    assert_eq!(world.newest(), Some(Outcome::NotScaled(NotScaled::AlreadyAtMaxCapacity)));
    world.found = Capacity { desired: 2, running: 2, deploying: false };
    world.minutes(16, Some(1.0), Some(10.0));
    assert_eq!(world.newest(), Some(Outcome::NotScaled(NotScaled::AlreadyAtMinCapacity)));
}

#[test]
fn a_count_set_under_min_stays_on_scale_in_and_goes_to_min_on_scale_out() {
    let mut world = world();
    world.found = Capacity { desired: 1, running: 1, deploying: false };
    assert_eq!(world.minutes(20, Some(1.0), Some(10.0)), None);
    assert_eq!(world.minutes(3, Some(71.0), Some(10.0)), Some(2));
}

#[test]
fn a_step_policy_may_scale_in_while_target_tracking_is_not_ready() {
    let mut world = world();
    let tracked = Tracked::Service(Metric::Cpu);
    let alarm = Some(PolicyAlarm::new("low".into(), &tracked, Compare::Below, 30.0, (2, 2)));
    let steps = vec![Step { lower: None, upper: Some(0.0), adjust: -1 }];
    let (name, adjustment) = ("step".to_owned(), Adjustment::Change);
    world.target.policies.step =
        vec![StepPolicy { name, alarm, adjustment, steps, cooldown: 300, ..StepPolicy::default() }];
    assert_eq!(world.minutes(2, Some(20.0), None), Some(3));
}

#[test]
fn a_scale_in_waits_for_its_cooldown_and_a_scale_out_does_not() {
    let mut world = world();
    assert_eq!(world.minutes(15, Some(40.0), Some(100.0)), Some(3));
    world.found.running = 3;
    assert_eq!(world.minutes(4, Some(20.0), Some(100.0)), None, "300 s");
    assert_eq!(world.minutes(1, Some(20.0), Some(100.0)), Some(2));
    world.found.running = 2;
    assert_eq!(world.minutes(3, Some(95.0), Some(100.0)), Some(3));
}
