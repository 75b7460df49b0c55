//! The report over days: counted from the journal, and nothing that is not in it.

mod alarms;
mod counted;
mod golden;
