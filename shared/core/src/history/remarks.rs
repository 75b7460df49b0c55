//! What the reconciler found, in words.

use crate::capacity::Remark;
use crate::release::Judged;
use crate::remedy::Arithmetic;

/// Several remarks in one sentence.
#[must_use]
pub fn remarks(remarks: &[Remark]) -> String {
    remarks.iter().map(remark).collect::<Vec<_>>().join("; ")
}

/// One remark.
#[must_use]
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Judged { judged, .. } => judged_words(judged),
        Remark::LongLived { age, .. } => format!("the lease is needed since {age}: the baseline is too low"),
        Remark::Short { running, healthy: None, floor, .. } => {
            format!("{running} of {floor} tasks of the window run, three looks in a row")
        }
        Remark::Short { healthy: Some(healthy), floor, .. } => {
            format!("{healthy} of {floor} targets of the window are healthy, three looks in a row")
        }
        Remark::Whole { running, floor, .. } => format!("{running} tasks run, {floor} are asked for: no longer short"),
        Remark::HeldByPerson { desired, found } => format!("desired {desired} lies outside {found}: held by a person"),
        Remark::ForeignRespected { member, found, .. } => {
            format!("{member} changed by somebody, now {found}; respected")
        }
        Remark::PutBack { found } => format!("bounds were put back to {found}; written once more"),
        Remark::Repaired { found, to } => format!("found {found}, written again: {to}"),
        Remark::Clipped { floor, left, .. } => format!("max leaves {left} of {floor} tasks that are asked for"),
        Remark::Adopted { from, to } => format!("baseline {from} -> {to}, as the fleet file says"),
        Remark::Recreated => "the service was created anew; its leases ended".to_owned(),
        Remark::Restored { base } => format!("every lease has ended, back at {base}"),
    }
}

fn judged_words(judged: &Judged) -> String {
    let because = |need: &Option<Arithmetic>| need.map(|n| format!(", {n}")).unwrap_or_default();
    match judged {
        Judged::Renewed { to, need, until, .. } => {
            format!("lease renewed to {}, floor {to}{}", until.strftime("%H:%M"), because(need))
        }
        Judged::Waiting { since, need } => {
            format!("the need is at the baseline since {}{}", since.strftime("%H:%M"), because(need))
        }
        Judged::Kept { why } => format!("lease kept: {why}"),
        Judged::Ended { need, age, .. } => format!("lease ended after {age}{}", because(need)),
    }
}
