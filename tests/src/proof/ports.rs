//! The world's five ports, gone wrong: each call may be throttled, break, come late, take effect and fail all the
//! same, or be the last one that its process makes. Everything that passes is shown to the observer.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use headroom_core::at_max::Points;
use headroom_core::capacity::Change;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Retry, Write, Written,
};
use headroom_simulator::world::World;
use jiff::Timestamp;

use super::draw::Dice;
use super::observer::Observer;
use super::story::{Fault, Kind, Port};

/// A fault with the calls that it still lets pass.
#[derive(Debug, Clone, Copy)]
struct Armed {
    fault: Fault,
    left: u32,
}

/// The far side of the ports: the world, what goes wrong, and who watches.
pub(crate) struct Far {
    pub(crate) world: World,
    pub(crate) observer: RefCell<Observer>,
    start: i64,
    armed: RefCell<Vec<Armed>>,
    dice: RefCell<Dice>,
    /// Flows that wait for a time.
    sleepers: RefCell<Vec<(i64, Waker)>>,
    /// Flows whose process died at a call.
    pub(crate) dead: RefCell<BTreeSet<u32>>,
    /// Calls under way whose sender is dead.
    pub(crate) landing: RefCell<Vec<(i64, u32, ServiceId, Change)>>,
    /// Flows that run now: alone, nothing can interleave.
    pub(crate) running: Cell<usize>,
    /// Services whose metrics cannot be read, though they arrive.
    pub(crate) blind: RefCell<BTreeSet<ServiceId>>,
    pub(crate) fired: RefCell<BTreeMap<(&'static str, Port), u64>>,
}

impl Far {
    pub(crate) fn new(world: World, observer: Observer, faults: &[Fault], seed: u64) -> Self {
        let armed = faults.iter().map(|fault| Armed { fault: *fault, left: fault.nth }).collect();
        Self {
            start: world.seconds(),
            world,
            observer: RefCell::new(observer),
            armed: RefCell::new(armed),
            dice: RefCell::new(Dice::new(seed, 2)),
            sleepers: RefCell::default(),
            dead: RefCell::default(),
            landing: RefCell::default(),
            running: Cell::new(0),
            blind: RefCell::default(),
            fired: RefCell::default(),
        }
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.armed.borrow_mut().clear();
    }

    /// The first fault that this call is the last straw for; every fault that waits for it comes nearer.
    fn fault(&self, port: Port) -> Option<Kind> {
        let now = self.world.seconds() - self.start;
        let mut armed = self.armed.borrow_mut();
        let ready = armed.iter().take_while(|a| a.fault.from <= now).count();
        let mut hit = None;
        for (at, one) in armed.iter_mut().enumerate().take(ready) {
            if one.fault.port != Port::Any && one.fault.port != port {
                continue;
            }
            one.left = one.left.saturating_sub(1);
            if one.left == 0 && hit.is_none() {
                hit = Some(at);
            }
        }
        let kind = armed.remove(hit?).fault.kind;
        *self.fired.borrow_mut().entry((kind.name(), port)).or_default() += 1;
        self.observer.borrow_mut().fault(now, port, kind);
        Some(kind)
    }

    /// Waits until the clock has come so far.
    async fn sleep(&self, seconds: u8) {
        let until = self.world.seconds() + i64::from(seconds);
        poll_fn(|context| {
            if self.world.seconds() >= until {
                return Poll::Ready(());
            }
            self.sleepers.borrow_mut().push((until, context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// When the next sleeper wakes.
    pub(crate) fn wakes_at(&self) -> Option<i64> {
        self.sleepers.borrow().iter().map(|(at, _)| *at).min()
    }

    /// Wakes who waited for now.
    pub(crate) fn wake(&self) {
        let now = self.world.seconds();
        self.sleepers.borrow_mut().retain(|(at, waker)| {
            if *at <= now {
                waker.wake_by_ref();
            }
            *at > now
        });
    }

    async fn die<T>(&self, flow: u32) -> T {
        self.dead.borrow_mut().insert(flow);
        pending().await
    }

    /// Others may move between two calls.
    async fn interleave(&self) {
        if self.running.get() < 2 {
            return;
        }
        let turns = self.dice.borrow_mut().between(0, 3);
        for _ in 0..turns {
            let mut yielded = false;
            poll_fn(|context| {
                if std::mem::replace(&mut yielded, true) {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }
}

/// The ports as one flow has them.
pub(crate) struct Ports {
    pub(crate) far: Rc<Far>,
    pub(crate) flow: u32,
}

fn error(port: Port, cause: &str, retry: Retry) -> PortError {
    PortError { place: format!("{port:?}"), cause: cause.to_owned(), retry }
}

impl Ports {
    /// One call: what goes wrong, the effect, and what the caller learns of it.
    async fn pass<T>(&self, port: Port, effect: impl AsyncFnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        self.far.interleave().await;
        let fault = self.far.fault(port);
        self.after(fault, port, effect).await
    }

    async fn after<T>(
        &self,
        fault: Option<Kind>,
        port: Port,
        effect: impl AsyncFnOnce() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        match fault {
            None => effect().await,
            Some(Kind::Throttled) => Err(error(port, "ThrottlingException: Rate exceeded", Retry::Later)),
            Some(Kind::Unavailable) => Err(error(port, "503 Service Unavailable", Retry::Unknown)),
            Some(Kind::Reset) => Err(error(port, "connection reset by peer", Retry::Unknown)),
            Some(Kind::Slow(seconds)) => {
                self.far.sleep(seconds).await;
                effect().await
            }
            Some(Kind::TimedOut) => {
                let _nobody_learns = effect().await;
                Err(error(port, "timed out", Retry::Unknown))
            }
            Some(Kind::Died | Kind::Lands(_)) => self.far.die(self.flow).await,
            Some(Kind::DiedAfter) => {
                let _nobody_learns = effect().await;
                self.far.die(self.flow).await
            }
        }
    }
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        self.far.world.now()
    }
}

impl Ask for Ports {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        let mut seen = self.pass(Port::Ask, async || self.far.world.ask(questions).await).await?;
        let blind = self.far.blind.borrow();
        for (question, seen) in questions.iter().zip(&mut seen) {
            if question.load.is_some() && blind.contains(&question.service) {
                seen.load = Reading::Unreadable("GetMetricData: ThrottlingException".to_owned());
            }
        }
        drop(blind);
        self.far.observer.borrow_mut().asked(self.far.world.seconds(), self.flow, questions, &seen);
        Ok(seen)
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.far.world.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.far.world.stopped(service).await
    }
}

impl Journal for Ports {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.pass(Port::Load, async || self.far.world.load(keys).await).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.pass(Port::Due, async || self.far.world.due(now).await).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.pass(Port::Write, async || {
            let written = self.far.world.write(write).await?;
            if written == Written::Done {
                let now = self.far.world.seconds();
                self.far.observer.borrow_mut().wrote(now, self.flow, write);
            }
            Ok(written)
        })
        .await
    }
}

impl Act for Ports {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        let far = &*self.far;
        far.interleave().await;
        let now = || far.world.seconds();
        let effect = async || {
            let found = far.world.look(service);
            let outcome = far.world.apply(permit, service, change).await;
            let left = far.world.look(service);
            far.observer.borrow_mut().applied(now(), self.flow, service, change, (found, left), &outcome);
            outcome
        };
        match far.fault(Port::Apply) {
            Some(Kind::Lands(seconds)) => {
                far.landing.borrow_mut().push((now() + i64::from(seconds), self.flow, service.clone(), *change));
                far.die(self.flow).await
            }
            other => self.after(other, Port::Apply, effect).await,
        }
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.far.observer.borrow_mut().sends(self.far.world.seconds(), self.flow, service);
        self.pass(Port::Apply, async || {
            let outcome = self.far.world.disrupt(permit, service, what).await;
            let now = self.far.world.seconds();
            self.far.observer.borrow_mut().disrupted(now, self.flow, service, &outcome);
            outcome
        })
        .await
    }
}

impl Notify for Ports {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.pass(Port::Publish, async || {
            self.far.observer.borrow_mut().told(self.far.world.seconds(), notice);
            self.far.world.publish(notice).await
        })
        .await
    }
}
