//! The world behind a connection that breaks at one call.

use std::cell::Cell;
use std::future::pending;

use headroom_core::at_max::Points;
use headroom_core::capacity::Change;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::rollback::{BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen, RollbackEvent};
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Releases, Retry, Write, Written,
};
use headroom_simulator::world::World;
use jiff::Timestamp;

use crate::world::Fault;

/// All ports of the world; one call of them breaks, counted from 1.
pub(super) struct Faulty<'w> {
    pub(super) world: &'w World,
    pub(super) calls: &'w Cell<u32>,
    pub(super) at: u32,
    pub(super) fault: Fault,
    /// The topic takes nothing.
    pub(super) silent: bool,
    /// CloudWatch answers nothing about other target groups.
    pub(super) blind: bool,
    /// So many calls that take back find somebody else's hand there first.
    pub(super) conflicts: &'w Cell<u32>,
    /// What happens right before the first call that takes back, after everything was read.
    pub(super) meanwhile: &'w Cell<Option<fn(&World)>>,
}

impl Faulty<'_> {
    async fn call<T>(&self, place: &str, done: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() != self.at {
            return done.await;
        }
        let failed = || PortError { place: place.to_owned(), cause: "broken".to_owned(), retry: Retry::Unknown };
        match self.fault {
            Fault::Fails => Err(failed()),
            Fault::EffectThenFails => done.await.and(Err(failed())),
            Fault::Dies => pending().await,
            Fault::EffectThenDies => {
                let _effect = done.await;
                pending().await
            }
        }
    }
}

impl Clock for Faulty<'_> {
    fn now(&self) -> Timestamp {
        self.world.now()
    }
}

impl Ask for Faulty<'_> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.call("ask", self.world.ask(questions)).await
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.world.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.world.stopped(service).await
    }
}

impl Journal for Faulty<'_> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.call("load", self.world.load(keys)).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.call("due", self.world.due(now)).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.call("write", self.world.write(write)).await
    }
}

impl Act for Faulty<'_> {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.call("apply", self.world.apply(permit, service, change)).await
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.call("disrupt", self.world.disrupt(permit, service, what)).await
    }
}

impl Notify for Faulty<'_> {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        if self.silent {
            let (place, cause) = ("sns Publish".to_owned(), "KMSAccessDenied".to_owned());
            return Err(PortError { place, cause, retry: Retry::Never });
        }
        self.call("publish", self.world.publish(notice)).await
    }
}

impl Releases for Faulty<'_> {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        self.call("deployments", self.world.deployments(question)).await
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        let seen = self.call("back", self.world.back(question)).await?;
        let siblings = if self.blind { Reading::Unreadable("InternalError".into()) } else { seen.siblings.clone() };
        Ok(BackSeen { siblings, ..seen })
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.call("watches", self.world.watches(now)).await
    }

    async fn roll_back(&self, permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        if let Some(happen) = self.meanwhile.take() {
            happen(self.world);
        }
        if self.conflicts.get() > 0 {
            self.conflicts.set(self.conflicts.get() - 1);
            return Ok(Disrupted::Conflict {
                expected: "IN_PROGRESS".to_owned(),
                found: "ConflictException".to_owned(),
            });
        }
        self.call("roll_back", self.world.roll_back(permit, service, call)).await
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        if self.silent {
            let (place, cause) = ("events PutEvents".to_owned(), "AccessDenied".to_owned());
            return Err(PortError { place, cause, retry: Retry::Never });
        }
        self.call("announce", self.world.announce(event)).await
    }
}
