//! Where a metric's values come from.

use super::custom::CustomMetrics;
use super::key::{MetricKey, Place};
use super::metrics::Delays;
use super::published::Published;
use super::statistic::{Datapoint, Statistic, Summary};
use super::usage;
use crate::service::Service;
use crate::tasks::Account;

/// Who has the values of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A service, by index.
    Service(usize, Published),
    /// All services behind a load balancer: their samples together.
    Services(Vec<usize>, Published),
    /// Nobody of this world publishes it: what somebody has put, if anything.
    Custom,
}

/// Everything that can be read, at an instant.
#[derive(Clone, Copy)]
pub(crate) struct Readings<'a> {
    pub(crate) services: &'a [Service],
    pub(crate) accounts: &'a [Account],
    pub(crate) custom: &'a CustomMetrics,
    pub(crate) now: i64,
    pub(crate) delays: Delays,
}

impl Readings<'_> {
    /// The quota of a usage metric.
    pub(crate) fn quota(&self, place: &Place, key: &MetricKey) -> Option<f64> {
        usage::is_vcpu(key).then(|| usage::limit(place, self.services, self.accounts)).flatten()
    }

    /// Who has them; it changes only when services come or go.
    pub(crate) fn source(&self, place: &Place, key: &MetricKey) -> Source {
        match Published::resolve(place, key, self.services) {
            Some((metric, services)) => match services.as_slice() {
                [only] => Source::Service(*only, metric),
                _ => Source::Services(services, metric),
            },
            None => Source::Custom,
        }
    }

    /// A statistic of `[from, to)`.
    pub(crate) fn read(
        &self,
        source: &Source,
        (place, key): (&Place, &MetricKey),
        statistic: Statistic,
        (from, to): (i64, i64),
    ) -> Option<Datapoint> {
        let of = |index: usize, metric| {
            let service = self.services.get(index)?;
            service.metrics.read(metric, statistic, (from, to), self.now, self.delays)
        };
        match source {
            Source::Service(index, metric) => of(*index, *metric),
            Source::Services(all, metric) => {
                let minutes = |index: &usize| {
                    let metrics = &self.services.get(*index)?.metrics;
                    let visible_until = self.now - 60 - metric.delay(self.delays);
                    let each = (from..to.min(visible_until + 1)).step_by(60);
                    each.filter_map(|at| metrics.minute(at)?.summary(*metric)).reduce(Summary::and)
                };
                let whole = all.iter().filter_map(minutes).reduce(Summary::and)?;
                whole.value(statistic).map(|value| Datapoint { value, samples: whole.count })
            }
            Source::Custom => self.custom.read(place, key, statistic, from, to),
        }
    }
}
