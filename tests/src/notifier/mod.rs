//! The notifier against services that misbehave, crashes at every call, two instances at once, floods, quiet hours and
//! rotated secrets.

mod crashes;
mod flood;
mod interleaved;
mod quiet;
mod secrets;
mod threads;
