//! Keys that are compiled and that no function of this release acts on.
//!
//! Each line says what its absence means today, so that `headroom check` promises nothing.

use super::node::Fields;
use super::problem::{Findings, NoteKind};

const KEYS: [(&str, &str); 2] =
    [("soak", "no rollout waits for it"), ("start", "the desired count at creation is not set")];

/// Notes a key of the list, where it stands in the file.
pub(crate) fn note(fields: &Fields<'_>, key: &str, f: &mut Findings) {
    if let (Some(node), Some((_, today))) = (fields.get(key), KEYS.iter().find(|(known, _)| *known == key)) {
        f.note(NoteKind::NotYet, &node.place, *today);
    }
}
