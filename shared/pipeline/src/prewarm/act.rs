//! Written ahead, acted, told, closed.

use headroom_core::capacity::granted;
use headroom_core::decide::{Decision, Judgement, Plan};
use headroom_core::fleet::Fleet;
use headroom_core::notice::{self, About};
use headroom_core::seen::Seen;
use headroom_core::time::{Seconds, after};

use super::ready::Ready;
use crate::converge::{FIRST_REVISION, apply, converge, finish};
use crate::permit::Permit;
use crate::ports::{Expect, Lost, PortError, Ports, Write, Written};
use crate::told::{one_grant, tell_denied};

/// When the reconciler takes up a grant whose writer died: once its lock no longer counts.
const RESUMED_AFTER: Seconds = Seconds(60);

impl Ready<'_> {
    /// Writes ahead, acts, tells, closes.
    pub(super) async fn act<P: Ports>(
        &self,
        ports: &P,
        fleet: &Fleet,
        judgement: Judgement,
        seen: Seen,
        owner: &str,
    ) -> Result<Option<u32>, PortError> {
        let Self { service: config, id, loaded, now, .. } = self;
        let Decision::Act(plan @ Plan::Lease(grant)) = &judgement.decision else { return Ok(None) };
        let (Some(service), Some(target)) = (seen.service.known(), plan.target(&seen)) else { return Ok(None) };
        if loaded.state.service.locked_for(owner, *now) {
            return Ok(None);
        }
        let (next, changes) = granted(&loaded.state.service, grant, service, &target, owner, *now);
        let mut entry = self.entry();
        let about =
            About { incident: &grant.lease.incident, label: &entry.label, decision: &entry.decision, now: *now };
        entry.outbox.push(notice::prewarm_begun(&about, config, &self.asked, grant, &target));
        let incident = self.incident_of_proof();
        let about = About { incident: &incident, ..about };
        entry.outbox.extend(notice::prewarm_clipped(&about, self.loud(fleet), &self.asked, grant, &target));
        entry.due = Some(after(*now, RESUMED_AFTER));
        entry.changes.clone_from(&changes);
        entry.judgement = Some(judgement.clone());
        entry.seen = Some(seen.clone());
        let write = Write {
            entries: vec![(entry.clone(), Expect::Absent)],
            state: Some((id.clone(), next.clone(), loaded.state.generation)),
            budgets: vec![one_grant(fleet, config, *now)],
            unless_stopped: Some(config.environment.clone()),
            control_revision: Some(loaded.control.revision),
        };
        match ports.write(&write).await? {
            Written::Done => {}
            Written::Lost(lost) => {
                tracing::info!(?lost, key = %self.key, "plan not written; looked at in the next minute");
                if lost == Lost::Limit {
                    self.tell_limit(ports, fleet).await;
                }
                return Ok(None);
            }
        }
        let calls = match apply(ports, &Permit::of_won_plan(), id, &changes).await {
            Ok(calls) => calls,
            Err(error) => {
                tell_denied(ports, &config.label(), &error, *now).await;
                return Err(error);
            }
        };
        let closing = vec![(entry, FIRST_REVISION)];
        if let Some(left) = finish(ports, id, &next, loaded.state.generation + 1, closing, *now).await? {
            converge(ports, fleet, id, owner, None, left).await?;
        }
        Ok(Some(calls))
    }
}
