//! What a metric is called.

use headroom_core::id::ServiceId;

/// An account and a region: names of alarms and metrics are unique only within one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
}

impl Place {
    /// Where a service is.
    #[must_use]
    pub fn of(id: &ServiceId) -> Self {
        Self { account: id.account.clone(), region: id.region.clone() }
    }
}

/// A metric's identity: namespace, name and all its dimensions; one dimension more is another metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    /// For example `AWS/ECS`.
    pub namespace: String,
    /// For example `CPUUtilization`.
    pub name: String,
    dimensions: Vec<(String, String)>,
}

impl MetricKey {
    /// A key; the order of the dimensions does not matter.
    #[must_use]
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let dimensions = dimensions.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self::with(namespace.to_owned(), name.to_owned(), dimensions)
    }

    /// A key from owned parts.
    #[must_use]
    pub fn with(namespace: String, name: String, mut dimensions: Vec<(String, String)>) -> Self {
        dimensions.sort();
        Self { namespace, name, dimensions }
    }

    /// Its dimensions, sorted by name.
    #[must_use]
    pub fn dimensions(&self) -> &[(String, String)] {
        &self.dimensions
    }

    /// Its dimensions' values, when they have exactly these names, given in order.
    #[must_use]
    pub fn exactly<const N: usize>(&self, names: [&str; N]) -> Option<[&str; N]> {
        if self.dimensions.len() != N || self.dimensions.iter().zip(names).any(|((n, _), name)| n != name) {
            return None;
        }
        let mut values = [""; N];
        for (value, (_, found)) in values.iter_mut().zip(&self.dimensions) {
            *value = found;
        }
        Some(values)
    }
}
