//! The simulated world behind AWS's own HTTP protocols: what `headroom local` serves.
