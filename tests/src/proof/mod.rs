//! The proof: random worlds under random loads, people and faults, watched from outside; and the proof of the proof.

mod acts;
mod draw;
mod flows;
mod life;
mod observer;
mod ports;
mod property;
mod shrink;
mod story;
