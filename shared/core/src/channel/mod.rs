//! One file per channel: what a notice looks like there, and how that service's answers are read.
//!
//! Nothing here sends. A [`Card`] is the notice as every channel shows it; a channel makes a [`Request`] of it, the
//! shell sends that and hands the [`Answer`] back.

pub mod amazon_q;
pub mod email;
pub mod mrkdwn;
pub mod pagerduty;
pub mod slack;

mod answer;
mod card;
mod console;
mod cut;
mod digest;
mod incoming;
mod loud;
mod quiet;
mod request;
mod sparkline;
mod thread;
mod way;

pub use answer::{Answer, Refused};
pub use card::{Around, Card, Line, Link, Series};
pub use digest::{Digest, MEMBERS_MAX as DIGEST_MEMBERS_MAX, Member};
pub use incoming::incoming;
pub use loud::{alert_of, loudness};
pub use quiet::quiet_until;
pub use request::{Attributes, Request, SlackMethod};
pub use sparkline::sparkline;
pub use thread::{Ability, Ack, Head, LOCK_LENGTH, Next, Sending, Step, Thread, Why};
pub use way::{Way, place, ways};
