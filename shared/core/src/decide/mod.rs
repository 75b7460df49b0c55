//! Deciding: a pure function from an event and what was seen to `Act`, `Wait` or `Refuse`.

mod alarm;
mod guard;
mod matching;
mod refusal;

pub use alarm::{Ask, Context, Decision, Judgement, decide, question};
pub use guard::{Answer, Guard};
pub use matching::{Match, Unmatched, match_alarm, source_of};
pub use refusal::{Refusal, Waiting};
