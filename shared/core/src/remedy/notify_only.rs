//! `notify-only`: people are told, and nothing else happens.

use super::incident;
use crate::decide::{Look, Plan};

pub(super) fn plan(look: &Look<'_>) -> Plan {
    Plan::Tell { incident: incident::of(look.context) }
}
