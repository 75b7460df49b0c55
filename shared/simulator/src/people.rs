//! What others than Headroom do in the world: people at the console, Terraform, a broken pipeline of metrics.

use headroom_core::capacity::ServiceState;
use headroom_core::control::Pause;
use headroom_core::entry::Entry;
use headroom_core::id::ServiceId;
use headroom_core::notice::Notice;
use headroom_core::rollback::RollbackEvent;
use headroom_pipeline::PortError;

use crate::scaling::Register;
use crate::world::{Look, World};

impl World {
    /// RegisterScalableTarget, called by somebody else.
    ///
    /// # Errors
    /// AWS's words: no such service, or bounds that it refuses.
    pub fn register_target(&self, id: &ServiceId, call: Register) -> Result<(), String> {
        let index = self.index(id).ok_or_else(|| format!("ValidationException: {}", id.resource_id()))?;
        self.register(index, call)
    }

    /// UpdateService with a desired count, called by somebody: no bound of Application Auto Scaling counts
    /// (SEMANTICS 5). False when there is no such service.
    pub fn set_desired(&self, id: &ServiceId, desired: u32) -> bool {
        let now = self.seconds();
        let Some(index) = self.index(id) else { return false };
        let inner = &mut *self.inner.borrow_mut();
        let Some(service) = inner.services.get_mut(index) else { return false };
        let Some(account) = inner.accounts.get_mut(service.account) else { return false };
        service.want(desired, now, account);
        true
    }

    /// The metrics of a service stop arriving in CloudWatch, or arrive again. The service itself goes on.
    pub fn silence(&self, id: &ServiceId, silent: bool) {
        let Some(index) = self.index(id) else { return };
        if let Some(service) = self.inner.borrow_mut().services.get_mut(index) {
            service.metrics.silent = silent;
        }
    }

    /// Stops Headroom in an environment, or lets it go on.
    pub fn stop(&self, environment: &str, stopped: bool) {
        self.inner.borrow_mut().journal.stop(environment, stopped);
    }

    /// Puts the pauses of an environment in the place of those that it had.
    pub fn pause(&self, environment: &str, pauses: Vec<Pause>) {
        self.inner.borrow_mut().journal.pause(environment, pauses);
    }

    /// A look from outside at one service.
    #[must_use]
    pub fn look(&self, id: &ServiceId) -> Option<Look> {
        let index = self.index(id)?;
        self.inner.borrow().services.get(index).map(crate::service::Service::look)
    }

    /// Every entry of Headroom's journal, by key.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn entries(&self) -> Result<Vec<Entry>, PortError> {
        self.inner.borrow().journal.entries()
    }

    /// What Headroom remembers of every service.
    ///
    /// # Errors
    /// A document is not what was written.
    pub fn states(&self) -> Result<Vec<(ServiceId, ServiceState)>, PortError> {
        self.inner.borrow().journal.states()
    }

    /// The notices published since this was last asked, with their times.
    #[must_use]
    pub fn take_notices(&self) -> Vec<(i64, Notice)> {
        std::mem::take(&mut self.inner.borrow_mut().notices)
    }

    /// The events for CI that were put on the bus, every one as often as it was put.
    #[must_use]
    pub fn announced(&self) -> Vec<RollbackEvent> {
        self.inner.borrow().announced.clone()
    }

    fn index(&self, id: &ServiceId) -> Option<usize> {
        self.inner.borrow().by_id.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use headroom_core::fleet::Metric;
    use headroom_core::id::ServiceId;

    use crate::cloudwatch::Delays;
    use crate::scaling::Register;
    use crate::scenario;
    use crate::world::World;

    const TEXT: &str = "start 2026-11-23T00:00:00Z\nservice web\n bounds 2..10\n load table\n 00:00 600/min 10ms\n";

    fn world() -> (World, ServiceId) {
        let scenario = scenario::read(TEXT, &|p| Err(p.to_owned())).unwrap();
        let id = scenario.services[0].id.clone();
        (scenario.build().unwrap().world, id)
    }

    #[test]
    fn a_desired_count_set_by_hand_knows_no_bounds_and_the_next_register_call_does() {
        let (world, id) = world();
        assert!(world.set_desired(&id, 20));
        assert_eq!(world.look(&id).unwrap().desired, 20);
        world.register_target(&id, Register { min: Some(3), ..Register::default() }).unwrap();
        let look = world.look(&id).unwrap();
        assert_eq!((look.min, look.desired), (3, 10), "any call forces capacity into the bounds (AWS_FACTS 2.1)");
        assert!(world.register_target(&id, Register { min: Some(11), ..Register::default() }).is_err());
    }

    #[test]
    fn a_silent_service_publishes_nothing_and_silence_is_no_zero() {
        let (world, id) = world();
        let start = world.seconds();
        let newest = |world: &World| {
            let inner = world.inner.borrow();
            inner.services[0].metrics.newest(Metric::Cpu, world.seconds(), Delays { ecs: 0, load_balancer: 0 })
        };
        for minute in 0..4 {
            world.silence(&id, minute == 2 || minute == 3);
            world.begin_minute();
            world.run_to(start + minute * 60 + 60);
            world.end_minute();
        }
        assert_eq!(newest(&world).map(|(at, _, _)| at), Some(start + 60), "the last minute before the silence");
    }
}
