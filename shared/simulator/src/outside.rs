//! The world as a server in front of it needs it: services to change at an instant, limits to look at.

use crate::service::Service;
use crate::tasks::Account;
use crate::world::World;

impl World {
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
