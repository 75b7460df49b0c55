//! A call as an operation sees it.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::id::ServiceId;
use headroom_simulator::service::Service;
use headroom_simulator::world::World;

use super::bus::Bus;
use crate::failure::Failure;
use crate::place::Place;
use crate::value::{Map, Value};

/// What an operation answers.
pub type Answer = Result<Value, Failure>;

/// What is remembered beside the world; like the world, it follows from the calls so far.
#[derive(Debug, Default)]
pub struct Store {
    /// Services that were deleted; the world keeps them, without tasks.
    pub deleted: BTreeSet<ServiceId>,
    /// Task definitions that were registered through the API, by `family:revision`.
    pub definitions: BTreeMap<String, Definition>,
    /// What was put on the default event bus.
    pub bus: Bus,
}

/// A task definition as it was registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// CPU units.
    pub cpu: String,
    /// MiB.
    pub memory: String,
    /// Container definitions.
    pub containers: Value,
    /// When.
    pub registered: i64,
}

impl Store {
    /// vCPU and MiB of a task definition's tasks; 1 vCPU and 2 GiB where nobody said.
    #[must_use]
    pub fn size_of(&self, name: &str) -> (f64, f64) {
        let known = self.definitions.get(name);
        let number = |text: &str| text.parse::<f64>().ok();
        let cpu = known.and_then(|d| number(&d.cpu)).unwrap_or(1_024.0);
        (cpu / 1_024.0, known.and_then(|d| number(&d.memory)).unwrap_or(2_048.0))
    }
}

/// One call.
#[derive(Debug)]
pub struct Call<'a> {
    /// The world.
    pub world: &'a World,
    /// What is remembered beside it.
    pub store: &'a mut Store,
    /// Account and region.
    pub place: &'a Place,
    /// First second of the world.
    pub started: i64,
    /// Members of the request; its times are the world's.
    pub input: &'a Map,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Whether it may change the world: such calls are what a saved state consists of.
    pub changes: bool,
    /// What it does.
    pub run: fn(&mut Call<'_>) -> Answer,
}

impl Operation {
    /// One that only reads.
    #[must_use]
    pub const fn reads(name: &'static str, run: fn(&mut Call<'_>) -> Answer) -> Self {
        Self { name, changes: false, run }
    }

    /// One that may change something.
    #[must_use]
    pub const fn changes(name: &'static str, run: fn(&mut Call<'_>) -> Answer) -> Self {
        Self { name, changes: true, run }
    }
}

impl Call<'_> {
    /// Now, in seconds of the world.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.world.seconds()
    }

    /// A time; what was there before the world began has its first second.
    #[must_use]
    pub fn time(&self, at: i64) -> Value {
        Value::second(at.max(self.started))
    }

    /// The index of a service of this account and region.
    #[must_use]
    pub fn service(&self, cluster: &str, name: &str) -> Option<usize> {
        self.world.read(|all| all.iter().position(|s| self.is_here(s) && is(s, cluster, name)))
    }

    /// Whether a service is in this account and region.
    #[must_use]
    pub fn is_here(&self, service: &Service) -> bool {
        let id = &service.spec.id;
        id.account == self.place.account && id.region == self.place.region
    }
}

fn is(service: &Service, cluster: &str, name: &str) -> bool {
    service.spec.id.cluster == cluster && service.spec.id.service == name
}
