//! Invocations that run at once: polled in turn, interleaved at their awaits, killed by faults and by time.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use headroom_core::fleet::Fleet;
use headroom_core::signal::AlarmEvent;
use headroom_pipeline::{Handled, PortError, Swept, on_alarm, sweep};

use super::ports::{Far, Ports};

/// A function's time-out (SEMANTICS 6).
const SECONDS_MAX: i64 = 30;
/// Rounds of polling at one instant: a flow that is never done fails instead of hanging.
const ROUNDS_MAX: u32 = 100_000;

/// What an invocation is for.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// An event, how often it was tried with this, and the request id of the first try.
    Alarm {
        event: Box<AlarmEvent>,
        tries: u32,
        request: u64,
    },
    Sweep,
}

/// How an invocation ended; what it says is for the timeline of a failure.
#[derive(Debug)]
#[expect(dead_code, reason = "printed by Debug")]
pub(crate) enum End {
    Handled(Handled),
    Swept(Swept),
    Failed(PortError),
    /// The process died, or ran out of time.
    Killed,
}

type Future = Pin<Box<dyn std::future::Future<Output = End>>>;

struct Flow {
    number: u32,
    begun: i64,
    job: Job,
    future: Future,
    woken: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The invocations that run now.
#[derive(Default)]
pub(crate) struct Flows {
    running: Vec<Flow>,
    begun: u32,
}

impl Flows {
    /// Begins one. A retry of Lambda has the request id of the first try, and so its owner.
    pub(crate) fn begin(&mut self, far: &Rc<Far>, fleet: &Rc<Fleet>, owner: String, job: Job) -> u32 {
        self.begun += 1;
        let (number, begun) = (self.begun, far.world.seconds());
        let ports = Ports { far: far.clone(), flow: number };
        let (fleet, asked) = (fleet.clone(), job.clone());
        let future: Future = Box::pin(async move {
            match asked {
                Job::Alarm { event, .. } => match on_alarm(&ports, &fleet, &event, &owner).await {
                    Ok(handled) => End::Handled(handled),
                    Err(error) => End::Failed(error),
                },
                Job::Sweep => match sweep(&ports, &fleet, &owner).await {
                    Ok(swept) => End::Swept(swept),
                    Err(error) => End::Failed(error),
                },
            }
        });
        self.running.push(Flow { number, begun, job, future, woken: Arc::new(Flag(AtomicBool::new(true))) });
        far.running.set(self.running.len());
        number
    }

    /// When the next one runs out of time.
    pub(crate) fn dies_at(&self) -> Option<i64> {
        self.running.iter().map(|f| f.begun + SECONDS_MAX).min()
    }

    /// Runs all of them until each is done, dead, or waits for a time. Returns those that ended.
    ///
    /// # Panics
    /// One is never done.
    pub(crate) fn run(&mut self, far: &Far) -> Vec<(u32, Job, End)> {
        let mut ended = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let now = far.world.seconds();
            let mut moved = false;
            let mut index = 0;
            while let Some(flow) = self.running.get_mut(index) {
                let mut end = (now >= flow.begun + SECONDS_MAX).then_some(End::Killed);
                if end.is_none() && flow.woken.0.swap(false, Ordering::Relaxed) {
                    moved = true;
                    let waker = Waker::from(flow.woken.clone());
                    if let Poll::Ready(done) = flow.future.as_mut().poll(&mut Context::from_waker(&waker)) {
                        end = Some(done);
                    } else if far.dead.borrow_mut().remove(&flow.number) {
                        end = Some(End::Killed);
                    }
                }
                match end {
                    Some(end) => {
                        let flow = self.running.remove(index);
                        ended.push((flow.number, flow.job, end));
                    }
                    None => index += 1,
                }
            }
            far.running.set(self.running.len());
            if !moved {
                return ended;
            }
        }
        panic!("a flow is never done");
    }
}
