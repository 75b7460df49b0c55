//! A floor that is recorded and not granted: by the mode, or refused for good.

use headroom_core::decide::{Decision, Judgement};
use headroom_core::entry::Status;
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::notice::{self, About};
use headroom_core::seen::Seen;

use super::ready::Ready;
use crate::converge::{FIRST_REVISION, publish};
use crate::later::due_after_telling;
use crate::ports::{Expect, PortError, Ports, Write, Written};

impl Ready<'_> {
    /// Records, once for a window, a floor that is not granted: by the mode, or for good.
    pub(super) async fn record<P: Ports>(
        &self,
        ports: &P,
        fleet: &Fleet,
        judgement: Judgement,
        seen: Seen,
    ) -> Result<Option<u32>, PortError> {
        let mut entry = self.entry();
        let incident = self.incident();
        let about = About { incident: &incident, label: &entry.label, decision: &entry.decision, now: self.now };
        match &judgement.decision {
            Decision::Act(_) => {
                entry.status = Status::Observed;
                // No event stands behind it that could be judged again: a person takes it as a lease of their own.
                if self.service.mode == Mode::Suggest {
                    entry.outbox.push(notice::prewarm_proposed(&about, &self.asked));
                    entry.due = Some(self.now);
                }
            }
            Decision::Refuse(refusal) => {
                entry.status = Status::Refused;
                let incident = self.incident_of_proof();
                let about = About { incident: &incident, ..about };
                entry.outbox.push(notice::prewarm_refused(&about, self.loud(fleet), &self.asked, refusal));
                entry.due = Some(self.now);
            }
            Decision::Wait { .. } => return Ok(None),
        }
        entry.judgement = Some(judgement);
        entry.seen = Some(seen);
        let write = Write { entries: vec![(entry.clone(), Expect::Absent)], ..Write::default() };
        if ports.write(&write).await? != Written::Done {
            return Ok(None);
        }
        if !entry.outbox.is_empty() {
            publish(ports, &mut entry).await;
            entry.due = due_after_telling(&entry);
            let write = Write { entries: vec![(entry, Expect::Revision(FIRST_REVISION))], ..Write::default() };
            if ports.write(&write).await? != Written::Done {
                tracing::debug!(key = %self.key, "entry written by somebody else");
            }
        }
        Ok(Some(0))
    }
}
