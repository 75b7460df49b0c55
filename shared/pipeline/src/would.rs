//! Mode `observe`: what would have been done is counted by environment, remedy and UTC day. The first of a remedy is told at
//! once; the reconciler tells each day on the next one.

use std::collections::{BTreeMap, BTreeSet};

use headroom_core::fleet::{Fleet, Mode};
use headroom_core::id::CaseKey;
use headroom_core::notice;
use headroom_core::remedy::Class;
use jiff::Timestamp;

use crate::ports::{BudgetAdd, BudgetKey, Keys, PortError, Ports};
use crate::storm::{CASE_SHARDS, shard, sum};
use crate::told::{DAY_SECONDS, once_a_day, tell_within, window};

/// A day is told from this UTC hour on: when most people read.
const HOUR: i8 = 9;
/// In these minutes of an hour the reconciler looks whether it is told: five tries an hour, and an idle minute stays idle.
const MINUTES: std::ops::Range<i8> = 5..10;
/// One read takes a hundred keys.
const REMEDIES_A_READ: usize = 20;
const TOLD: &str = "would-act-day";

fn counter(environment: &str, remedy: &str, shard: usize, day: i64) -> BudgetKey {
    BudgetKey { scope: environment.to_owned(), what: format!("would-act-{remedy}-{shard}"), window: day }
}

/// Counts one; in several counters, so that the alarms of a storm do not queue for one item.
pub(crate) fn one(environment: &str, remedy: &str, key: &CaseKey, now: Timestamp) -> BudgetAdd {
    let key = counter(environment, remedy, shard(key), window(now, DAY_SECONDS));
    BudgetAdd { key, amount: 1, limit: u32::MAX }
}

/// The first of a remedy in an environment's day.
pub(crate) fn first(environment: &str, remedy: &str, now: Timestamp) -> BudgetAdd {
    once_a_day(environment, &format!("would-act-{remedy}"), now)
}

/// Tells the day before of each environment, once. It depends on the counters alone: a minute that fails, or a reconciler that
/// was away, is made up for until the day ends.
pub(crate) async fn tell_days<P: Ports>(ports: &P, fleet: &Fleet, now: Timestamp) {
    let clock = jiff::tz::TimeZone::UTC.to_datetime(now);
    if clock.hour() < HOUR || !MINUTES.contains(&clock.minute()) {
        return;
    }
    for (environment, remedies) in observed(fleet) {
        if let Err(error) = tell_day(ports, environment, &remedies, now).await {
            tracing::warn!(environment, %error, "cannot read what would have been done; tried again");
        }
    }
}

/// The remedies that only observe, by environment.
fn observed(fleet: &Fleet) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for service in &fleet.services {
        let observes = service.remedies.iter().filter(|r| r.mode == Mode::Observe && r.action.class() != Class::Tell);
        let mut observes = observes.peekable();
        if observes.peek().is_some() {
            all.entry(&service.environment).or_default().extend(observes.map(|remedy| remedy.name.as_str()));
        }
    }
    all
}

async fn tell_day<P: Ports>(
    ports: &P,
    environment: &str,
    remedies: &BTreeSet<&str>,
    now: Timestamp,
) -> Result<(), PortError> {
    let told = once_a_day(environment, TOLD, now);
    let before = window(now, DAY_SECONDS) - DAY_SECONDS;
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let remedies: Vec<&str> = remedies.iter().copied().collect();
    for some in remedies.chunks(REMEDIES_A_READ) {
        let shards =
            |remedy: &&str| (0..CASE_SHARDS).map(|n| counter(environment, remedy, n, before)).collect::<Vec<_>>();
        let budgets = std::iter::once(told.key.clone()).chain(some.iter().flat_map(shards)).collect();
        let used = ports.load(&Keys { budgets, ..Keys::default() }).await?.used;
        let (said, used) = used.split_first().map_or((0, &[][..]), |(said, used)| (*said, used));
        if said >= told.limit {
            return Ok(());
        }
        times.extend(some.iter().zip(used.chunks(CASE_SHARDS)).map(|(name, used)| ((*name).to_owned(), sum(used))));
    }
    let day = Timestamp::from_second(before).unwrap_or(now);
    if let Some(notice) = notice::would_have_acted(environment, day, &times) {
        tell_within(ports, &notice, told).await;
    }
    Ok(())
}
