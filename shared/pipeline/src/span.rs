//! Whose log lines these are: every line of a record or a case, the ports' own too, stands inside its span.
//!
//! Spans are of the level `error`, so that no filter of the level takes the names off a line that is written.

use headroom_core::entry::Entry;
use headroom_core::fleet::{Remedy, Service};
use headroom_core::id::CaseKey;
use tracing::Span;
use tracing::field::Empty;

/// Of a record, before it is known which case it is. `writer` is the request id and the nanosecond at which it
/// began, as in the lock of a service.
pub(crate) fn of_record(record: Option<&str>, writer: &str) -> Span {
    tracing::error_span!("record", record, writer, decision = Empty, case = Empty, service = Empty, remedy = Empty)
}

/// Names the case of the record whose span is entered.
pub(crate) fn name(key: &CaseKey, service: &Service, remedy: &Remedy) {
    let (decision, service) = (key.decision().0, service.label());
    tracing::record_all!(Span::current(), decision, case = key.0, service, remedy = remedy.name);
}

/// Of a case of the journal.
pub(crate) fn of_entry(entry: &Entry, writer: &str) -> Span {
    let Entry { decision, key, label, remedy, .. } = entry;
    tracing::error_span!("case", decision = decision.0, case = key.0, service = label, remedy, writer)
}

/// Of a service that is converged.
pub(crate) fn of_service(label: &str, writer: &str) -> Span {
    tracing::error_span!("service", service = label, writer)
}
