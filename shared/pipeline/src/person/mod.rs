//! What people do from the terminal: the same guards, plans and transactions, by a person's word.

mod ack;
mod apply;
mod baseline;
mod lease;
mod ports;
mod release;
mod switch;

pub use ack::{Acked, ack, repeats};
pub use apply::{Applied, Offer, apply, offer};
pub use baseline::{Adopted, Yes, adopt, rebase};
pub use lease::{Granted, grant, look};
pub use ports::{Acks, Switches};
pub use release::{Released, release, settled};
pub use switch::{Switched, switch};
