//! Reading the journal: what people see is what was recorded, and nothing else.

mod canary;
mod explained;
mod incidents;
mod lists;
mod outcomes;
mod plans;
mod redacted;
