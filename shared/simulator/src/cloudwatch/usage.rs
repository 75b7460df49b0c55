//! What an account uses of its quotas: Fargate's On-Demand vCPU.
//!
//! Amazon ECS Developer Guide, "AWS Fargate usage metrics"; it names no period, a minute is our assumption.

use headroom_core::quota::{DIMENSIONS, METRIC, NAMESPACE};

use super::custom::{Datum, Sample};
use super::key::{MetricKey, Place};
use crate::service::Service;
use crate::tasks::{Account, UNLIMITED_VCPU};

fn dimensions() -> Vec<(String, String)> {
    DIMENSIONS.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// Whether it is the metric of that quota.
pub(super) fn is_vcpu(key: &MetricKey) -> bool {
    *key == MetricKey::with(NAMESPACE.to_owned(), METRIC.to_owned(), dimensions())
}

/// The quota in a place; a world without a limit says what it can count to.
pub(super) fn limit(place: &Place, services: &[Service], accounts: &[Account]) -> Option<f64> {
    let here = services.iter().find(|s| Place::of(&s.spec.id) == *place)?;
    Some(accounts.get(here.account)?.vcpu_quota.unwrap_or(UNLIMITED_VCPU))
}

/// What every account uses at a time.
pub(crate) fn usage(services: &[Service], accounts: &[Account], at: i64) -> Vec<(Place, Datum)> {
    let of = |(index, account): (usize, &Account)| {
        let service = services.iter().find(|s| s.account == index)?;
        let sample = Sample::Value(account.vcpu_used());
        Some((
            Place::of(&service.spec.id),
            Datum { name: METRIC.to_owned(), dimensions: dimensions(), at: Some(at), sample },
        ))
    };
    accounts.iter().enumerate().filter_map(of).collect()
}
