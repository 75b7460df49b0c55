//! The notifier against services that misbehave, crashes at every call, floods, quiet hours and rotated secrets.

mod crashes;
mod desk;
mod flood;
mod quiet;
mod secrets;
mod threads;
