//! A life: the world of a story lived through, minute by minute, with Headroom in it.

use std::collections::BTreeSet;
use std::rc::Rc;

use headroom_core::fleet::{self, Fleet, Mode};
use headroom_core::id::ServiceId;
use headroom_core::signal::{AlarmEvent, AlarmState, Signal, decode};
use headroom_simulator::delivery::{Counts, Delivery, Promise};
use headroom_simulator::pace::Passed;
use headroom_simulator::random::Random;
use headroom_simulator::scaling::Register;
use headroom_simulator::scenario;

use super::flows::{End, Flows, Job};
use super::observer::{Numbers, Observer, Violation};
use super::ports::Far;
use super::story::Story;

/// Second of the minute in which the reconciler wakes.
const SWEPT_AT: i64 = 40;
/// Lambda tries an asynchronous invocation twice more, after one minute and after two.
const TRIES: u32 = 3;

/// What a life came to.
#[derive(Debug)]
pub(crate) struct Lived {
    /// The first thing that must not happen.
    pub(crate) violation: Option<Violation>,
    /// What was seen, in order; only the newest lines.
    pub(crate) lines: Vec<String>,
    pub(crate) numbers: Numbers,
}

/// An event, the tries so far, and the request id of the first.
pub(super) type Sent = (Box<AlarmEvent>, u32, Option<u64>);

pub(super) struct Life<'s> {
    pub(super) story: &'s Story,
    pub(super) far: Rc<Far>,
    pub(super) fleet: Rc<Fleet>,
    pub(super) modes: [Mode; 2],
    /// Environment and number of each paused service.
    pub(super) paused: BTreeSet<(&'static str, u32)>,
    flows: Flows,
    pub(super) delivery: Delivery<Sent>,
    start: i64,
    pub(super) acts: usize,
    events: u64,
}

pub(super) fn compiled(story: &Story, modes: [Mode; 2]) -> Fleet {
    let text = story.fleet(modes);
    fleet::parse(&text, "headroom.yaml").unwrap_or_else(|problems| panic!("{text}\n{problems:?}"))
}

/// Lives a story to its end, or to its first violation.
pub(crate) fn live(story: &Story) -> Lived {
    let fleet = compiled(story, story.modes);
    let files = |_: &str| Ok(story.fleet(story.modes));
    let text = story.scenario();
    let read = scenario::read(&text, &files).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
    let built = read.build().unwrap_or_else(|problem| panic!("{text}\n{problem}"));
    let observer = Observer::new(story, &fleet, &built.world);
    let far = Rc::new(Far::new(built.world, observer, &story.faults, story.seed));
    let mut life = Life {
        story,
        start: far.world.seconds(),
        far,
        fleet: Rc::new(fleet),
        modes: story.modes,
        paused: BTreeSet::new(),
        flows: Flows::default(),
        delivery: Delivery::new(story.chances, Random::new(story.seed, 3)),
        acts: 0,
        events: 0,
    };
    for minute in 0..story.rest_at() {
        if minute == story.minutes {
            life.calm();
        }
        life.minute(minute);
        if life.far.observer.borrow().violation.is_some() {
            break;
        }
    }
    life.end()
}

impl Life<'_> {
    fn minute(&mut self, minute: i64) {
        let from = self.start + minute * 60;
        self.go_to(from + SWEPT_AT);
        self.begin_sweep();
        self.go_to(from + 60);
    }

    /// Everything that happens up to and including a second.
    fn go_to(&mut self, until: i64) {
        loop {
            let act = self.story.acts.get(self.acts).map(|h| self.start + h.at);
            let landing = self.far.landing.borrow().iter().map(|(at, ..)| *at).min();
            let times = [act, landing, self.delivery.next_at(), self.far.wakes_at(), self.flows.dies_at()];
            let next = times.into_iter().flatten().min().filter(|t| *t <= until);
            // What the world itself does comes first, and may send what arrives sooner.
            match self.far.world.step(next.unwrap_or(until)) {
                Some(Passed::Began(_)) => self.look_for_foreign("schedule"),
                Some(Passed::Evaluated) => self.send_changes(),
                Some(Passed::Ended(_)) => {}
                None if next.is_some() => self.happen(),
                None => return,
            }
        }
    }

    fn happen(&mut self) {
        let now = self.far.world.seconds();
        self.land(now);
        while let Some(happens) = self.story.acts.get(self.acts).filter(|h| self.start + h.at <= now) {
            self.acts += 1;
            if let Some(plan) = self.story.services.iter().find(|p| p.number == happens.service) {
                self.act(plan, happens.act);
            }
        }
        while let Some((event, tries, number)) = self.delivery.take(now) {
            // Each delivery is an invocation of its own; Lambda's retries of it keep its request id.
            self.events += 1;
            let request = number.unwrap_or(self.events);
            let job = Job::Alarm { event, tries, request };
            self.begin(format!("event-{request}"), job);
        }
        self.far.wake();
        self.run();
    }

    fn run(&mut self) {
        let ended = self.flows.run(&self.far);
        for (flow, job, end) in ended {
            let now = self.far.world.seconds();
            let again = match &job {
                Job::Alarm { event, tries, request }
                    if matches!(end, End::Failed(_) | End::Killed) && *tries < TRIES =>
                {
                    let again = (event.clone(), tries + 1, Some(*request));
                    self.delivery.again(now + 60 * i64::from(*tries), again).is_ok()
                }
                Job::Alarm { .. } | Job::Sweep => false,
            };
            self.far.observer.borrow_mut().ended(now, flow, &job, &end, again);
        }
    }

    fn begin(&mut self, owner: String, job: Job) {
        let sweep = matches!(job, Job::Sweep);
        let flow = self.flows.begin(&self.far, &self.fleet, owner, job);
        if sweep {
            self.far.observer.borrow_mut().sweeping(flow);
        }
    }

    pub(super) fn begin_sweep(&mut self) {
        self.events += 1;
        let owner = format!("sweep-{}", self.events);
        self.begin(owner, Job::Sweep);
        self.run();
    }

    /// Every change of an alarm, read as the function reads it.
    pub(super) fn send_changes(&mut self) {
        while let Some(event) = self.far.world.next_alarm_change() {
            match decode(&event.json()) {
                Ok(Signal::Alarm(alarm)) => self.send(*alarm),
                other => panic!("no alarm event: {other:?}"),
            }
        }
    }

    /// What the rule of EventBridge selects is sent; INSUFFICIENT_DATA is not (`signal::alarm::pattern`).
    fn send(&mut self, event: AlarmEvent) {
        let now = self.far.world.seconds();
        self.far.observer.borrow_mut().alarm(now, &event);
        if event.state != AlarmState::InsufficientData {
            let sent = self.delivery.send(now, (Box::new(event), 1, None), Promise::Durable);
            sent.unwrap_or_else(|full| panic!("{full}"));
        }
    }

    /// Calls whose sender died on the way.
    fn land(&mut self, now: i64) {
        let due: Vec<_> = {
            let mut landing = self.far.landing.borrow_mut();
            let (due, later) = landing.drain(..).partition(|(at, ..)| *at <= now);
            *landing = later;
            due
        };
        for (_, flow, id, change) in due {
            use headroom_core::capacity::Change;
            let call = match change {
                // Every service of these worlds has a scalable target.
                Change::Desired { .. } => continue,
                Change::Min { to, .. } => Register { min: Some(to), ..Register::default() },
                Change::Max { to, .. } => Register { max: Some(to), ..Register::default() },
                Change::Suspend { to, .. } => Register { suspended: Some(to), ..Register::default() },
            };
            let found = self.far.world.look(&id);
            let _refused_or_not = self.far.world.register_target(&id, call);
            let left = self.far.world.look(&id);
            self.far.observer.borrow_mut().applied(now, flow, &id, &change, (found, left), &Ok(()));
        }
    }

    /// Bounds that changed and that Headroom did not write.
    pub(super) fn look_for_foreign(&self, who: &str) {
        let mut observer = self.far.observer.borrow_mut();
        for plan in &self.story.services {
            let id: ServiceId = plan.id();
            if let Some(look) = self.far.world.look(&id) {
                observer.looked(self.far.world.seconds(), &id, look, who);
            }
        }
    }

    fn end(mut self) -> Lived {
        let looks = self.story.services.iter().filter_map(|p| Some((p.id(), self.far.world.look(&p.id())?))).collect();
        let entries = self.far.world.entries().unwrap_or_else(|e| panic!("{e}"));
        let mut observer = self.far.observer.borrow_mut();
        if observer.violation.is_none() {
            observer.at_rest(self.far.world.seconds(), looks, &entries);
        }
        let fired = std::mem::take(&mut *self.far.fired.borrow_mut());
        observer.numbers.faults = fired;
        let Counts { copies, late, overtaken, .. } = self.delivery.counts();
        observer.numbers.rough = [copies, late, overtaken];
        let lived = Lived {
            violation: observer.violation.take(),
            lines: observer.lines.drain(..).collect(),
            numbers: std::mem::take(&mut observer.numbers),
        };
        drop(observer);
        self.flows = Flows::default();
        lived
    }
}
