//! The simulated world with a fault: killed at a call, or slow.

use std::cell::Cell;

use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Points, Screened};
use headroom_core::capacity::Change;
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Capacities, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Retry, Write,
    Written,
};
use headroom_simulator::world::World;
use jiff::{SignedDuration, Timestamp};

/// A world whose calls that change something fail from the `n`-th on, what a kill at that place leaves; or whose close looks
/// take their time.
pub(super) struct Hampered<'a> {
    pub(super) world: &'a World,
    pub(super) left: Cell<usize>,
    /// What a close look takes.
    look: SignedDuration,
    later: Cell<SignedDuration>,
}

impl<'a> Hampered<'a> {
    pub(super) fn killed(world: &'a World, n: usize) -> Self {
        Self { world, left: Cell::new(n), look: SignedDuration::ZERO, later: Cell::new(SignedDuration::ZERO) }
    }

    pub(super) fn slow(world: &'a World, look: SignedDuration) -> Self {
        Self { look, ..Self::killed(world, usize::MAX) }
    }

    fn alive(&self) -> Result<(), PortError> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(PortError { place: "here".into(), cause: "killed".into(), retry: Retry::Later }),
        }
    }
}

impl Clock for Hampered<'_> {
    fn now(&self) -> Timestamp {
        self.world.now() + self.later.get()
    }
}

impl Ask for Hampered<'_> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.world.ask(questions).await
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.world.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.world.stopped(service).await
    }
}

impl Journal for Hampered<'_> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.world.load(keys).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.world.due(now).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.alive()?;
        self.world.write(write).await
    }
}

impl Act for Hampered<'_> {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.alive()?;
        self.world.apply(permit, service, change).await
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.world.disrupt(permit, service, what).await
    }
}

impl Notify for Hampered<'_> {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.alive()?;
        self.world.publish(notice).await
    }
}

impl Capacities for Hampered<'_> {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        self.world.screen(services).await
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        self.later.set(self.later.get() + self.look);
        self.world.capacity(question).await
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.world.episodes(now).await
    }
}
