//! Decisions as scripts: a scene in which a remedy acts, and each turn of it in which it does not. What each gives is
//! golden (`tests/scripts/decisions`), every name of the enums is reached, and every guard of every remedy is proved to
//! stop something by taking it away.

mod flows;
mod goldens;
mod proof;
mod scene;
mod sizes;
mod turns;
