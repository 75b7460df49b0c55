//! Notices in each channel: golden texts of every kind, foreign words, redaction, routes.

mod golden;
mod hostile;
pub(crate) mod notices;
mod routed;
