//! Capacity leases: from Headroom's own table when it runs inside, else from what its notices said.

use std::collections::BTreeMap;

use headroom_core::capacity::{Ended, Lease};
use headroom_core::entry::Entry;
use headroom_core::fleet::Service;
use headroom_core::id::{ServiceId, lease_id};
use headroom_core::notice::{Kind, Notice};
use headroom_simulator::view::View;
use serde_json::{Value, json};

use super::place::label;

/// Living leases that are listed.
const LISTED: usize = 100;
/// Ended leases that are listed, and for how long: so that an end is seen, not only missed.
const ENDED_LISTED: usize = 5;
const ENDED_SECONDS: i64 = 6 * 3_600;

/// Leases of the table: the living in the order of their beginning, then the newest ends.
pub(super) fn of_table(view: &View, known: &BTreeMap<ServiceId, &Service>) -> Vec<Value> {
    let all = view.states.iter().flat_map(|(id, state)| state.leases.values().map(move |l| (id, l)));
    let (mut living, mut ended): (Vec<_>, Vec<_>) = all.partition(|(_, lease)| lease.live());
    living.sort_by_key(|(_, l)| l.granted);
    ended.retain(|(_, l)| l.ended.is_some_and(|(at, _)| at.as_second() + ENDED_SECONDS > view.now));
    ended.sort_by_key(|(_, l)| std::cmp::Reverse(l.ended.map(|(at, _)| at)));
    living.truncate(LISTED);
    ended.truncate(ENDED_LISTED);
    living.into_iter().chain(ended).map(|(id, l)| lease(id, &label(id, known), l, &view.entries)).collect()
}

fn lease(id: &ServiceId, label: &str, lease: &Lease, entries: &[Entry]) -> Value {
    let first = entries.iter().find(|e| e.key == lease.case);
    let need = first.and_then(|e| e.judgement.as_ref()).and_then(|j| j.need).map(|n| n.to_string());
    let what = match (lease.floor, lease.raise, lease.hold) {
        (Some(floor), _, _) => format!("floor {floor}"),
        (None, Some(raise), _) => format!("max {raise}"),
        (None, None, true) => "no scale-in".to_owned(),
        (None, None, false) => "nothing".to_owned(),
    };
    json!({
        "id": lease_id(id, &lease.source),
        "label": label,
        "what": what,
        "owner": format!("{}, alarm {}", lease.remedy, lease.alarm),
        "why": need.unwrap_or_else(|| "a fixed addition".to_owned()),
        "decision": lease.case.decision(),
        "granted": lease.granted.as_second(),
        "until": lease.until.as_second(),
        "hard_end": lease.hard_end.as_second(),
        "live": lease.live(),
        "ended": lease.ended.map(|(at, _)| at.as_second()),
        "end": lease.ended.map(|(_, why)| end(why)),
    })
}

fn end(why: Ended) -> &'static str {
    match why {
        Ended::LoadGone => "the load no longer needed it",
        Ended::HardEnd => "its hard end was reached",
        Ended::LeftTheFleet => "it left the fleet file",
        Ended::ServiceRecreated => "the service was created anew",
        Ended::ServiceGone => "the service is gone",
        Ended::TargetAppeared => "the service got a scalable target",
        Ended::WindowClosed => "its window is over",
        Ended::TimeUp => "its time is over",
        Ended::Released => "a person ended it",
    }
}

/// Leases that notices from outside opened and none has closed, oldest first.
pub(super) fn of_notices(notices: &[(i64, Notice)]) -> Vec<Value> {
    let closed = |incident: &str| notices.iter().any(|(_, n)| closes(n.kind) && n.incident == incident);
    let mut open: BTreeMap<&str, &(i64, Notice)> = BTreeMap::new();
    for posted in notices.iter().filter(|(_, n)| opens(n.kind) && !closed(&n.incident)) {
        open.insert(&posted.1.incident, posted);
    }
    let mut open: Vec<_> = open.into_values().collect();
    open.sort_by_key(|(at, _)| *at);
    open.truncate(LISTED);
    open.into_iter().map(|(at, notice)| noticed(*at, notice)).collect()
}

fn noticed(at: i64, notice: &Notice) -> Value {
    let line = |label: &str| notice.lines.iter().find(|(l, _)| l == label).map(|(_, text)| text.as_str());
    json!({
        "id": notice.decision,
        "label": notice.service,
        "what": title(notice),
        "owner": line("Seen").unwrap_or("Headroom, by its notice"),
        "why": line("Why").unwrap_or_default(),
        "decision": notice.decision,
        "granted": at,
        "next": line("Next"),
        "live": true,
    })
}

/// The title without the service in front.
pub(super) fn title(notice: &Notice) -> &str {
    let rest = notice.title.strip_prefix(notice.service.as_str()).and_then(|t| t.strip_prefix(": "));
    rest.unwrap_or(&notice.title)
}

/// What a notice from outside says of a service's floor, when it stands.
pub(super) fn standing<'n>(notices: &'n [(i64, Notice)], label: &str) -> Option<&'n str> {
    let (_, newest) = notices.iter().rev().find(|(_, n)| n.service == label && (opens(n.kind) || closes(n.kind)))?;
    opens(newest.kind).then(|| title(newest))
}

fn opens(kind: Kind) -> bool {
    matches!(kind, Kind::Opened | Kind::Grown)
}

fn closes(kind: Kind) -> bool {
    matches!(kind, Kind::Closed | Kind::HardEnd)
}
