//! Dead letters, and what a person is told of each before it is sent again.

mod letter;
mod way;

pub use letter::{Letter, Opened};
pub use way::Way;
