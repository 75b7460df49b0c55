//! Every source of events: what is said of each fixture, that only its content counts, that nothing made of it by
//! mutation acts, that each pattern selects its own, and what real events decode to.

mod content;
mod corpus;
mod fixtures;
mod lines;
mod mutate;
mod mutations;
mod pattern;
mod patterns;
mod real;
