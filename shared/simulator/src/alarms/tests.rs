//! Alarms, as their events tell of them.
