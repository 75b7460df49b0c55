//! The minute of the world: what happens at which second of it, up to any moment that is asked for.

use crate::service::Ended;
use crate::world::{Look, World};

/// Second of the minute in which CloudWatch evaluates and scaling acts; real alarms have their own offset each.
pub const EVALUATED_AT: i64 = 31;

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    /// Demand, scheduled actions, placement.
    #[default]
    Begin,
    /// Scaling, alarms, ECS's look at them.
    Evaluate,
    /// The minute's metrics are published.
    End,
}

/// What has just happened.
#[derive(Debug, Clone)]
pub enum Passed {
    /// A minute began; each service as it was then.
    Began(Vec<Look>),
    /// Alarms were evaluated, or a time that one waited for was over.
    Evaluated,
    /// A minute ended; what each service published.
    Ended(Vec<Ended>),
}

impl World {
    /// Runs to the next thing that happens, at `to` at the latest; `None` when nothing more happens until then.
    pub fn step(&self, to: i64) -> Option<Passed> {
        let (minute, phase) = self.next.get();
        let at = match phase {
            Phase::Begin => minute,
            Phase::Evaluate => minute + EVALUATED_AT,
            Phase::End => minute + 60,
        };
        if let Some(timer) = self.next_alarm_timer().filter(|timer| *timer <= to && *timer < at) {
            self.run_to(timer);
            self.alarm_timers();
            return Some(Passed::Evaluated);
        }
        if at > to {
            self.run_to(to);
            return None;
        }
        self.run_to(at);
        Some(match phase {
            Phase::Begin => {
                self.next.set((minute, Phase::Evaluate));
                Passed::Began(self.begin_minute())
            }
            Phase::Evaluate => {
                self.next.set((minute, Phase::End));
                self.alarms();
                self.call_policies();
                self.scale();
                self.watch_deployments();
                Passed::Evaluated
            }
            Phase::End => {
                self.next.set((at, Phase::Begin));
                Passed::Ended(self.end_minute())
            }
        })
    }

    /// Runs to a moment; a moment that is past changes nothing.
    pub fn advance(&self, to: i64) {
        while self.step(to).is_some() {}
    }
}
