//! Alarms by every channel: what is decoded, what contradicts itself, whom it is matched to, and what is done.

mod channels;
mod contradictions;
mod contributors;
pub(crate) mod fixtures;
mod matching;
mod records;
mod typed_crate;
