//! Deciding: a pure function from an event and what was seen to `Act`, `Wait` or `Refuse`.

mod context;
mod differs;
mod guard;
mod judge;
mod matching;
mod plan;
mod refusal;
mod samples;
mod waiting;

pub use context::{Ask, Context, Decision, Judgement};
pub use differs::{Difference, differences, gone};
pub use guard::{Answer, Guard};
pub(crate) use judge::{Look, Verdict, refuse, unseen, wait};
pub use judge::{decide, decide_by, question};
pub use matching::{Match, Unmatched, match_alarm, source_of};
pub use plan::Plan;
pub use refusal::Refusal;
pub use samples::{refusals, waits};
pub use waiting::Waiting;
