//! Events between the world and their targets, each target with a seeded schedule of its own.

use std::sync::atomic::Ordering;

use headroom_simulator::delivery::{Chances, Delivery, Promise};
use headroom_simulator::event::Event;
use headroom_simulator::random::Random;
use headroom_simulator::run::Loses;
use serde_json::{Value as Json, json};

use super::target::Target;
use super::worker::Worker;
use crate::clock::Clock;
use crate::faults::EventFaults;

/// Streams of randomness of the targets lie beside those of the services.
const STREAM: u64 = 1 << 32;
/// A target that is too slow gets an event again so many seconds of the world later.
const AGAIN_AFTER: i64 = 5;
/// One more delivery, two at most, is enough to be not exactly once.
const COPIES: u32 = 2;

#[derive(Debug)]
struct Way {
    target: Target,
    worker: Worker,
    delivery: Delivery<Event>,
}

/// Where events go.
#[derive(Debug)]
pub struct Outbox {
    ways: Vec<Way>,
    chances: Chances,
    seed: u64,
    /// While calls are carried out again nothing is delivered: it was delivered then.
    open: bool,
    events: u64,
    dropped: u64,
}

impl Outbox {
    /// For targets whose threads run.
    #[must_use]
    pub fn new(targets: Vec<(Target, Worker)>, faults: EventFaults, seed: u64) -> Self {
        let chances = Chances {
            twice_percent: faults.duplicate_percent,
            copies: COPIES,
            late_percent: faults.late_percent,
            late_max: faults.late_max,
            never_percent: faults.lose_percent,
        };
        let ways = targets.into_iter().enumerate().map(|(index, (target, worker))| Way {
            target,
            worker,
            delivery: Delivery::new(chances, Random::new(seed, STREAM + index as u64)),
        });
        Self { ways: ways.collect(), chances, seed, open: true, events: 0, dropped: 0 }
    }

    /// Which best-effort events never reach Headroom inside of the world: as large a share as of those to any target.
    #[must_use]
    pub fn loses(&self) -> Loses {
        Loses { percent: self.chances.never_percent, seed: self.seed }
    }

    /// The same targets with nothing on its way, closed until [`Self::open`].
    #[must_use]
    pub fn begun_again(&self) -> Self {
        let ways = self.ways.iter().enumerate().map(|(index, way)| Way {
            target: way.target.clone(),
            worker: way.worker.clone(),
            delivery: Delivery::new(self.chances, Random::new(self.seed, STREAM + index as u64)),
        });
        Self { ways: ways.collect(), chances: self.chances, seed: self.seed, open: false, events: 0, dropped: 0 }
    }

    /// From now on what is due is delivered.
    pub fn open(&mut self) {
        self.open = true;
    }

    /// Puts an event on its way to every target.
    pub fn send(&mut self, event: Event) {
        self.events += 1;
        // ECS and CloudWatch deliver for certain, Application Auto Scaling does what it can (AWS_FACTS 1.5).
        let promise = match event.source {
            "aws.application-autoscaling" => Promise::BestEffort,
            _ => Promise::Durable,
        };
        for way in &mut self.ways {
            self.dropped += u64::from(way.delivery.send(event.at, event.clone(), promise).is_err());
        }
    }

    /// Hands over what has arrived by then, with the client's times in it.
    pub fn due(&mut self, now: i64, clock: &Clock) {
        for way in &mut self.ways {
            while let Some(event) = way.delivery.take(now) {
                if !self.open {
                    continue;
                }
                let mut json = event.json();
                clock.event(&mut json);
                if way.worker.hand(json.to_string()).is_err() {
                    self.dropped += u64::from(way.delivery.again(now + AGAIN_AFTER, event).is_err());
                }
            }
        }
    }

    /// What happened so far, in JSON. Only `events` follows from the world: deliveries need their time.
    #[must_use]
    pub fn counts(&self) -> Json {
        let targets = self.ways.iter().map(|way| {
            let (planned, done) = (way.delivery.counts(), way.worker.counts());
            json!({
                "target": way.target.to_string(),
                "duplicated": planned.copies,
                "late": planned.late,
                "overtaken": planned.overtaken,
                "lost": planned.never,
                "delivered": done.delivered.load(Ordering::Relaxed),
                "retried": done.retried.load(Ordering::Relaxed),
                "given_up": done.given_up.load(Ordering::Relaxed),
            })
        });
        json!({ "events": self.events, "dropped": self.dropped, "targets": targets.collect::<Vec<_>>() })
    }
}
