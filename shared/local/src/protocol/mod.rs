//! AWS's HTTP protocols, one file each, around one tree of values.

mod cbor;
mod gzip;
mod json;
mod query;
mod select;

pub use select::{Decoded, Head, Protocol, Rendered, decode, render};
