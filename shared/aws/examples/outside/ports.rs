//! The ports: AWS over HTTP, a table in memory or DynamoDB's, the world's clock, the control API's notices.

use std::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering};

use headroom_aws::Aws;
use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Points, Screened};
use headroom_core::capacity::Change;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::rollback::{BackQuestion, BackSeen, Call, DeploymentsQuestion, DeploymentsSeen, RollbackEvent};
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Capacities, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Releases, Retry,
    Write, Written,
};
use headroom_simulator::journal::MemoryJournal;
use jiff::Timestamp;

use crate::control::{Control, Failed};

/// Second of the world. One world a process: the clock of the ports is a function, for it reads the machine's elsewhere.
static NOW: AtomicI64 = AtomicI64::new(0);

fn now() -> Timestamp {
    Timestamp::from_second(NOW.load(Ordering::Relaxed)).unwrap_or(Timestamp::MIN)
}

/// All of them.
pub(crate) struct Outside {
    aws: Aws,
    pub(crate) control: Control,
    /// `None`: the table is DynamoDB's.
    pub(crate) journal: Option<RefCell<MemoryJournal>>,
}

impl Outside {
    /// With nothing remembered; `table`: DynamoDB's table is used, as it is.
    pub(crate) fn new(aws: Aws, control: Control, table: bool) -> Result<Self, Failed> {
        NOW.store(control.now()?.as_second(), Ordering::Relaxed);
        Ok(Self { aws: aws.with_clock(now), control, journal: (!table).then(RefCell::default) })
    }

    /// Moves the world, and the clock with it.
    pub(crate) fn advance(&self, seconds: u32) -> Result<(), Failed> {
        NOW.store(self.control.advance(seconds)?.as_second(), Ordering::Relaxed);
        Ok(())
    }
}

impl Clock for Outside {
    fn now(&self) -> Timestamp {
        self.aws.now()
    }
}

impl Ask for Outside {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.aws.ask(questions).await
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.aws.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.aws.stopped(service).await
    }
}

impl Journal for Outside {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        match &self.journal {
            Some(journal) => journal.borrow().load(keys),
            None => self.aws.load(keys).await,
        }
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        match &self.journal {
            Some(journal) => Ok(journal.borrow().due(now)),
            None => self.aws.due(now).await,
        }
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        match &self.journal {
            Some(journal) => journal.borrow_mut().write(write),
            None => self.aws.write(write).await,
        }
    }
}

impl Act for Outside {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.aws.apply(permit, service, change).await
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.aws.disrupt(permit, service, what).await
    }
}

impl Notify for Outside {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        let failed =
            |cause: String| PortError { place: "POST /_headroom/notices".to_owned(), cause, retry: Retry::Never };
        let json = serde_json::to_value(notice).map_err(|error| failed(error.to_string()))?;
        self.control.tell(&json).map_err(|error| failed(error.to_string()))
    }
}

impl Capacities for Outside {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        self.aws.screen(services).await
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        self.aws.capacity(question).await
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        match &self.journal {
            Some(journal) => Ok(journal.borrow().episodes(now)),
            None => self.aws.episodes(now).await,
        }
    }
}

impl Releases for Outside {
    async fn deployments(&self, question: &DeploymentsQuestion) -> Result<DeploymentsSeen, PortError> {
        self.aws.deployments(question).await
    }

    async fn back(&self, question: &BackQuestion) -> Result<BackSeen, PortError> {
        self.aws.back(question).await
    }

    async fn watches(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        match &self.journal {
            Some(journal) => Ok(journal.borrow().watches(now)),
            None => self.aws.watches(now).await,
        }
    }

    async fn roll_back(&self, permit: &Permit, service: &ServiceId, call: &Call) -> Result<Disrupted, PortError> {
        self.aws.roll_back(permit, service, call).await
    }

    async fn announce(&self, event: &RollbackEvent) -> Result<(), PortError> {
        self.aws.announce(event).await
    }
}
