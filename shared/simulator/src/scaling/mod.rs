//! Application Auto Scaling for ECS, as AWS_FACTS 2 has it.

mod activity;
mod bounds;
mod cooldown;
mod cron;
mod dynamic;
mod expression;
mod refused;
mod schedule;
mod step;
mod target;
mod tracking;

pub use activity::{Activity, NotScaled, Outcome};
pub use bounds::BoundsSet;
pub use cooldown::{Cooldown, Cooldowns, Direction};
pub use cron::Cron;
pub use dynamic::{Capacity, Policies};
pub use expression::Schedule;
pub use refused::{Code, Refused};
pub use schedule::{PutScheduled, Scheduled};
pub use step::{Adjustment, Step, StepPolicy};
pub use target::{Register, Target};
pub use tracking::{Tracking, Want};
