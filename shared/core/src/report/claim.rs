//! Task-hours that leases add over the baseline.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::capacity::Remark;
use crate::decide::Decision;
use crate::entry::Entry;
use crate::fleet::Mode;
use crate::release::Judged;

/// A claim on tasks over the baseline's min, for a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    /// `prod-eu/web`.
    pub(super) service: String,
    /// The remedy.
    pub(super) remedy: String,
    /// Whether it was granted; otherwise it is what one lease would have claimed.
    pub(super) granted: bool,
    /// From this time.
    pub(super) from: Timestamp,
    /// To this time.
    pub(super) to: Timestamp,
    /// Tasks over the baseline's min.
    pub(super) tasks: u32,
}

/// A lease that lives at this point of the journal.
struct Live {
    remedy: String,
    base_min: u32,
    from: Timestamp,
    tasks: u32,
}

/// The claims of entries in the order of time, up to `until`. A raised max and a held scale-in claim no task: Auto Scaling
/// starts what the load needs.
pub(super) fn claims(entries: &[&Entry], until: Timestamp) -> Vec<Claim> {
    let mut live: BTreeMap<(String, String), Live> = BTreeMap::new();
    let mut claims = Vec::new();
    for entry in entries {
        if let Some((source, claim, base_min, end)) = granted(entry) {
            if !claim.granted {
                claims.push(Claim { to: end.min(until), ..claim });
                continue;
            }
            let key = (claim.service, source);
            let before = live.remove(&key);
            let tasks = claim.tasks.max(before.as_ref().map_or(0, |l| l.tasks));
            claims.extend(before.map(|l| closed(&key.0, &l, entry.at)));
            live.insert(key, Live { remedy: claim.remedy, base_min, from: entry.at, tasks });
        }
        for remark in &entry.remarks {
            let Remark::Judged { source, judged } = remark else { continue };
            let key = (entry.label.clone(), source.clone());
            let now = match judged {
                Judged::Renewed { to, .. } => Some(*to),
                Judged::Ended { .. } => None,
                Judged::Waiting { .. } | Judged::Kept { .. } => continue,
            };
            let Some(lease) = live.remove(&key) else { continue };
            claims.push(closed(&key.0, &lease, entry.at));
            if let Some(floor) = now {
                live.insert(key, Live { from: entry.at, tasks: floor.saturating_sub(lease.base_min), ..lease });
            }
        }
    }
    claims.extend(live.iter().map(|((service, _), lease)| closed(service, lease, until)));
    claims.retain(|claim| claim.to > claim.from && claim.tasks > 0);
    claims
}

fn closed(service: &str, lease: &Live, to: Timestamp) -> Claim {
    let (service, remedy) = (service.to_owned(), lease.remedy.clone());
    Claim { service, remedy, granted: true, from: lease.from, to, tasks: lease.tasks }
}

/// What an entry grants: its source, the claim, the baseline's min, and the end of one lease.
fn granted(entry: &Entry) -> Option<(String, Claim, u32, Timestamp)> {
    let Decision::Act(plan) = &entry.judgement.as_ref()?.decision else { return None };
    let grant = plan.grant()?;
    let floor = grant.lease.floor?;
    let claim = Claim {
        service: entry.label.clone(),
        remedy: entry.remedy.clone(),
        granted: entry.mode == Mode::Act,
        from: entry.at,
        to: entry.at,
        tasks: floor.saturating_sub(grant.base_min),
    };
    Some((grant.lease.source.clone(), claim, grant.base_min, grant.lease.until))
}

/// Task-hours of claims on one service: of those that overlap the largest counts, as bounds do.
pub(super) fn hours<'a>(claims: impl Iterator<Item = &'a Claim>) -> f64 {
    let claims: Vec<&Claim> = claims.collect();
    let mut edges: Vec<Timestamp> = claims.iter().flat_map(|c| [c.from, c.to]).collect();
    edges.sort();
    edges.dedup();
    let spans = edges.iter().zip(edges.iter().skip(1));
    let task_seconds = spans.map(|(from, to)| {
        let tasks = claims.iter().filter(|c| c.from <= *from && c.to >= *to).map(|c| c.tasks).max().unwrap_or(0);
        f64::from(tasks) * to.duration_since(*from).as_secs_f64()
    });
    task_seconds.sum::<f64>() / 3_600.0
}
