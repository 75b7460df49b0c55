//! The world as a server in front of it needs it: services to change at an instant, limits to look at.

use headroom_core::id::ServiceId;

use crate::load::{Load, Shape, Table};
use crate::random::{Lengths, Random};
use crate::scaling::Target;
use crate::service::{Service, Spec};
use crate::tasks::{Account, Life, Tasks};
use crate::world::World;

/// A world with more services than this is no test of anything here; each costs time in every second.
const SERVICES_MAX: usize = 1_000;

/// A service that is made while the world runs: no load, no scalable target, starts and health as a scenario's
/// defaults have them.
#[derive(Debug, Clone, PartialEq)]
pub struct NewService {
    /// Its name in AWS.
    pub id: ServiceId,
    /// Target group, by name.
    pub target_group: String,
    /// vCPU of a task.
    pub vcpu: f64,
    /// Memory of a task.
    pub memory_mib: f64,
}

impl World {
    /// Makes a service without tasks; answers its index.
    ///
    /// # Errors
    /// There are too many, or one of that name.
    pub fn add_service(&self, new: NewService) -> Result<usize, String> {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        if inner.services.len() >= SERVICES_MAX || inner.by_id.contains_key(&new.id) {
            return Err(format!("{}: it is there already, or {SERVICES_MAX} others are", new.id));
        }
        let beside = inner
            .services
            .iter()
            .find(|s| (&s.spec.id.account, &s.spec.id.region) == (&new.id.account, &new.id.region));
        let account = beside.map_or(inner.accounts.len(), |s| s.account);
        if account == inner.accounts.len() {
            inner.accounts.push(Account::default());
        }
        let Some(limits) = inner.accounts.get_mut(account) else { return Err("no account".to_owned()) };
        let seed =
            new.id.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        let life = Life { start: Lengths::Uniform { least: 40, most: 60 }, healthy_after: 20, drain: 30 };
        let tasks = Tasks::at_rest(0, life, new.vcpu, Random::new(seed, 0), limits);
        let index = inner.services.len();
        inner.by_id.insert(new.id.clone(), index);
        let spec = Spec {
            name: new.id.service.clone(),
            id: new.id,
            target_group: new.target_group,
            vcpu: new.vcpu,
            memory_mib: new.memory_mib,
            background_vcpu: 0.0,
            memory_base_mib: new.memory_mib.min(512.0),
            memory_per_request_mib: 0.0,
            elsewhere: 0.0,
            timeout: 60.0,
        };
        let load = Load { shape: Shape::Table(Table { rows: Vec::new(), linear: false }), noise: 0.0 };
        let mut service = Service::new(spec, load, tasks, Target::unregistered(), account, Random::new(seed, 1));
        service.start_at(now);
        service.listened = true;
        inner.services.push(service);
        Ok(index)
    }

    /// Changes a service, with its account's limits and now; `None` when there is no such service.
    pub fn change<R>(&self, index: usize, change: impl FnOnce(&mut Service, &mut Account, i64) -> R) -> Option<R> {
        let now = self.seconds();
        let inner = &mut *self.inner.borrow_mut();
        let service = inner.services.get_mut(index)?;
        let account = inner.accounts.get_mut(service.account)?;
        Some(change(service, account, now))
    }

    /// Looks at the limits of an account, by the index that its services have.
    pub fn limits<R>(&self, account: usize, look: impl FnOnce(&Account) -> R) -> Option<R> {
        self.inner.borrow().accounts.get(account).map(look)
    }
}
