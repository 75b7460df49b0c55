//! What is counted and logged is what the journal took.

mod counted;
mod lines;
