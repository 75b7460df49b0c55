//! Ways to do harm that were found by attacking the flow, each named for the rule that prevents it.

mod delivery;
mod growth;
mod people;
mod release;
