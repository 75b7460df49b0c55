//! A real server on a free loopback port, asked as its clients ask it.

#[cfg(test)]
mod control;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod time;
