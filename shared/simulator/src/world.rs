//! The world: services, alarms, a table and a topic under one virtual clock.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

use headroom_core::capacity::Change;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_core::quota;
use headroom_core::rollback::RollbackEvent;

use crate::cloudwatch::{Alarms, CustomMetrics, Delays, MetricKey, Place, usage};
use crate::ecs::Registry;
use crate::event::Event;
use crate::journal::MemoryJournal;
use crate::load::Load;
use crate::pace::Phase;
use crate::scaling::{Capacity, Readings, Register};
use crate::service::{Ended, Service};
use crate::tasks::Account;

/// Events kept for a person to look back at: a page of them, not a history.
pub(crate) const RECENT_EVENTS: usize = 200;

/// Reached maxima that wait to be heard: those of every service of a large fleet. Nobody hears of them in a world that
/// is not run with Headroom.
const MAXIMA_KEPT: usize = 10_000;

/// The world. Its ports are in `ports.rs`.
#[derive(Debug)]
pub struct World {
    start: i64,
    now: Cell<i64>,
    pub(crate) next: Cell<(i64, Phase)>,
    pub(crate) delays: Delays,
    pub(crate) inner: RefCell<Inner>,
}

/// What is in it.
#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) services: Vec<Service>,
    pub(crate) by_id: BTreeMap<ServiceId, usize>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) alarms: Alarms,
    pub(crate) alarm_changes: VecDeque<Event>,
    /// Maxima that were reached and that Headroom inside has not heard of.
    pub(crate) maxima: VecDeque<Event>,
    pub(crate) custom: CustomMetrics,
    pub(crate) journal: MemoryJournal,
    pub(crate) notices: Vec<(i64, Notice)>,
    /// What Headroom put on the bus for CI.
    pub(crate) announced: Vec<RollbackEvent>,
    pub(crate) changes: Vec<(i64, usize, Change)>,
    pub(crate) events: Vec<Event>,
    pub(crate) events_made: u64,
    pub(crate) registry: Registry,
    /// The newest events, also after they were taken: what a person looks at.
    pub(crate) recent: VecDeque<Event>,
}

impl Inner {
    /// Numbers an event and keeps it until it is taken.
    pub(crate) fn emit(&mut self, event: Event) {
        self.events_made += 1;
        let event = Event { number: self.events_made, ..event };
        if self.recent.len() == RECENT_EVENTS {
            self.recent.pop_front();
        }
        self.recent.push_back(event.clone());
        self.events.push(event);
    }
}

/// What a look from outside sees of a service at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Desired count.
    pub desired: u32,
    /// Running count.
    pub running: u32,
    /// Healthy targets.
    pub healthy: u32,
    /// MinCapacity.
    pub min: u32,
    /// MaxCapacity.
    pub max: u32,
}

impl World {
    /// A world with services, at a time.
    #[must_use]
    pub fn new(now: i64, delays: Delays, accounts: Vec<Account>, mut services: Vec<Service>) -> Self {
        services.iter_mut().for_each(|s| s.start_at(now));
        let by_id = services.iter().enumerate().map(|(i, s)| (s.spec.id.clone(), i)).collect();
        let mut registry = Registry::default();
        for service in &services {
            // A family without revisions takes its first one.
            let family = &service.spec.id.service;
            let _first = registry.register(family, &format!("{family}:1"));
        }
        let inner = Inner { services, by_id, accounts, registry, ..Inner::default() };
        let next = Cell::new((now, Phase::default()));
        Self { start: now, now: Cell::new(now), next, delays, inner: RefCell::new(inner) }
    }

    /// Puts an event that has another source than this world's own parts.
    pub fn emit(&self, event: Event) {
        self.inner.borrow_mut().emit(event);
    }

    /// Keeps what happens to tasks and deployments from now on, until it is taken.
    pub fn listen(&self) {
        self.inner.borrow_mut().services.iter_mut().for_each(|s| s.listened = true);
    }

    /// The events that happened since this was last asked, in order of their time.
    pub fn take_events(&self) -> Vec<Event> {
        let inner = &mut *self.inner.borrow_mut();
        let happened: Vec<Event> = inner.services.iter_mut().flat_map(Service::take_events).collect();
        happened.into_iter().for_each(|event| inner.emit(event));
        let mut events = std::mem::take(&mut inner.events);
        events.sort_by_key(|event| event.at);
        events
    }

    /// The next event that a service reached its max, of those that Headroom inside has not heard of.
    pub fn next_max_reached(&self) -> Option<Event> {
        self.inner.borrow_mut().maxima.pop_front()
    }

    /// Changes a service's load from now on. Says whether there is such a service.
    pub fn set_load(&self, index: usize, load: Load) -> bool {
        let inner = &mut *self.inner.borrow_mut();
        inner.services.get_mut(index).map(|service| service.set_load(load)).is_some()
    }

    /// Now, in seconds since the epoch.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now.get()
    }

    /// Jumps to a time; every service runs up to it. The clock never goes back.
    pub(crate) fn run_to(&self, to: i64) {
        let now = to.max(self.now.get());
        self.now.set(now);
        let inner = &mut *self.inner.borrow_mut();
        for service in &mut inner.services {
            if let Some(account) = inner.accounts.get_mut(service.account) {
                service.run_to(now, account);
            }
        }
    }

    /// Ends the minute that has just passed and publishes it, for every service.
    pub(crate) fn end_minute(&self) -> Vec<Ended> {
        let now = self.now.get();
        let at = now - 60;
        let since_midnight = at - self.start + self.start.rem_euclid(86_400);
        let inner = &mut *self.inner.borrow_mut();
        let ended = inner.services.iter_mut().map(|s| s.end(at)).collect();
        for service in &inner.services {
            for (namespace, datum) in service.puts(at, since_midnight) {
                // Refused only where there are more metrics than the simulator keeps; it is not published then.
                let _put = inner.custom.put(&Place::of(&service.spec.id), &namespace, vec![datum], now);
            }
        }
        for (place, datum) in usage(&inner.services, &inner.accounts, at) {
            let _put = inner.custom.put(&place, quota::NAMESPACE, vec![datum], now);
        }
        ended
    }

    /// Begins a minute: demand, scheduled actions, and another try to place what is pending.
    pub(crate) fn begin_minute(&self) -> Vec<Look> {
        let now = self.now.get();
        let (second, midnight) = (now - self.start, self.start.rem_euclid(86_400));
        let inner = &mut *self.inner.borrow_mut();
        for service in &mut inner.services {
            service.begin(now, second, midnight);
            let Some(account) = inner.accounts.get_mut(service.account) else { continue };
            let desired = service.set_by_hand().unwrap_or(service.tasks.desired);
            let desired = service.target.on_schedule(now, desired).unwrap_or(desired);
            service.want(desired, now, account);
        }
        inner.services.iter().map(Service::look).collect()
    }

    /// Application Auto Scaling's minute.
    pub(crate) fn scale(&self) {
        let (now, delays) = (self.now.get(), self.delays);
        let inner = &mut *self.inner.borrow_mut();
        let mut reached_max = Vec::new();
        for service in &mut inner.services {
            let found = Capacity {
                desired: service.tasks.desired,
                running: service.tasks.running(),
                deploying: service.deploys.active().is_some(),
            };
            let (id, metrics) = (&service.spec.id, &service.metrics);
            let custom = |key: &MetricKey, statistic, from, to| {
                inner.custom.read(&Place::of(id), key, statistic, from, to).map(|point| point.value)
            };
            let set = service.target.evaluate(&Readings { metrics, custom: &custom, now, delays }, found);
            if let Some(event) = service.target.take_ended().and_then(|activity| activity.scaled_to_max(id)) {
                reached_max.push(event);
            }
            if let (Some(desired), Some(account)) = (set, inner.accounts.get_mut(service.account)) {
                service.want(desired, now, account);
            }
        }
        for event in reached_max {
            if inner.maxima.len() == MAXIMA_KEPT {
                inner.maxima.pop_front();
            }
            inner.maxima.push_back(Event { number: inner.events_made + 1, ..event.clone() });
            inner.emit(event);
        }
    }

    /// RegisterScalableTarget for one service.
    pub(crate) fn register(&self, index: usize, call: Register) -> Result<(), String> {
        let now = self.now.get();
        let inner = &mut *self.inner.borrow_mut();
        let Some(service) = inner.services.get_mut(index) else { return Err("no such service".to_owned()) };
        let set = service.target.register(call, service.tasks.desired, now)?;
        if let (Some(desired), Some(account)) = (set, inner.accounts.get_mut(service.account)) {
            service.want(desired, now, account);
        }
        Ok(())
    }
}

impl Service {
    pub(crate) fn look(&self) -> Look {
        Look {
            desired: self.tasks.desired,
            running: self.tasks.running(),
            healthy: self.tasks.healthy(),
            min: self.target.min,
            max: self.target.max,
        }
    }
}
