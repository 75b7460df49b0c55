//! `docs/metrics.md`: the prose of `page.md` around the table that the types make.

mod page;

pub(crate) use page::page;
