//! The world in time: every second of it is run in order, so that the same calls at the same seconds give the same
//! world, however many of them the wall clock let pass at once.

use headroom_core::fleet::Fleet;
use headroom_simulator::event::Event;
use headroom_simulator::run::{Live, Loses};
use headroom_simulator::world::World;

/// A world that is run.
#[derive(Debug)]
pub struct Engine {
    live: Live,
    fleet: Option<Fleet>,
    has_headroom: bool,
    start: i64,
    failed: u64,
}

impl Engine {
    /// A world at its start, a whole minute, with the fleet that it is; Headroom runs inside of it, or does not.
    #[must_use]
    pub fn new(world: World, fleet: Option<Fleet>, inside: bool) -> Self {
        let start = world.seconds();
        world.listen();
        let headroom = fleet.clone().filter(|_| inside);
        let has_headroom = headroom.is_some();
        let mut engine = Self {
            live: Live::new(world, headroom).watching_capacity(Loses::default()),
            fleet,
            has_headroom,
            start,
            failed: 0,
        };
        // The first minute begins: demand and scheduled actions of its first second.
        engine.run_to(start);
        engine
    }

    /// The same with some events of Application Auto Scaling that never reach Headroom inside.
    #[must_use]
    pub fn losing(self, loses: Loses) -> Self {
        Self { live: self.live.watching_capacity(loses), ..self }
    }

    /// Kills Headroom's reconciler inside of the world, or starts it again; its other functions run on.
    pub fn kill_reconciler(&mut self, dead: bool) {
        self.live.reconciler_dead = dead;
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.live.world
    }

    /// The fleet file that it was made from, or that Headroom runs with.
    #[must_use]
    pub fn fleet(&self) -> Option<&Fleet> {
        self.fleet.as_ref()
    }

    /// Its first second.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The second that it has reached.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.live.world.seconds()
    }

    /// Whether Headroom runs inside of it.
    #[must_use]
    pub fn has_headroom(&self) -> bool {
        self.has_headroom
    }

    /// Flows of Headroom that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Runs to the next second; what happened in it, in order.
    pub fn second(&mut self) -> Vec<Event> {
        self.run_to(self.now() + 1);
        self.live.world.take_events()
    }

    fn run_to(&mut self, to: i64) {
        // A flow that failed has ended; the world goes on from there.
        while self.live.advance(to, &mut |_, _| {}).is_err() {
            self.failed += 1;
        }
    }
}
