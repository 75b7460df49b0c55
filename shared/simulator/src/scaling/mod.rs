//! Application Auto Scaling for ECS, as AWS_FACTS 2 has it.

mod activity;
mod alarm;
mod bounds;
mod cooldown;
mod cron;
mod dynamic;
mod expression;
mod policy;
mod refused;
mod schedule;
mod step;
mod target;
mod tracking;

pub use activity::{Activity, NotScaled, NotScaledReason, Outcome, Status, Trigger};
pub use alarm::{CustomAlarm, PolicyAlarm, ReadCustom, Readings, Tracked, policy_arn};
pub use bounds::BoundsSet;
pub use cooldown::{Cooldown, Cooldowns, Direction};
pub use cron::Cron;
pub use dynamic::{Capacity, Policies};
pub use expression::Schedule;
pub use policy::PutTracking;
pub use refused::{Code, Refused};
pub use schedule::{PutScheduled, Scheduled};
pub use step::{Adjustment, Aggregation, Called, Step, StepPolicy};
pub use target::{Register, Target};
pub use tracking::{Tracking, Want};
