//! The calendar of schedules against a slow oracle: a walk minute by minute, with another library's time zones.

mod draw;
mod oracle;
mod property;
