//! A service at its max: how long, what is asked for, what would be enough, what people are told and when.

mod activity;
mod climb;
mod demand;
mod episode;
mod event;
mod flapping;
mod found;
mod points;
mod proposal;
mod question;
mod screen;
mod still_high;
mod want;

pub use activity::{AT_MAX, ActivitySeen, Failure, failing, held_at_max, moves};
pub use climb::{NEAR, minutes_to_max};
pub use demand::{Tracked, demand, enough, task_hours_above};
pub use episode::{Episode, Look, Rules, Sight, Stage, Tell, Topic, advance};
pub use event::event;
pub use flapping::turns;
pub use found::{Found, begun, found};
pub use points::Points;
pub use proposal::{Bound, Downstream, Limits, Proposed, propose};
pub use question::{CapacityQuestion, CapacitySeen, CountsSeen, Screened};
pub use screen::{POLL_PARTS, part_of_minute, worth_a_look};
pub use still_high::{StillHigh, still_high};
pub use want::{Want, need, wants};
