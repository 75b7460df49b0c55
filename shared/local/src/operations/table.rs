//! All operations that are served.

use super::call::Operation;
use super::{balancing, bus, cloudwatch, ecs, quotas, registry, scaling};
use crate::api::Api;

/// Of one service.
fn of(api: Api) -> &'static [Operation] {
    match api {
        Api::Ecs => ecs::OPERATIONS,
        Api::Scaling => scaling::OPERATIONS,
        Api::CloudWatch => cloudwatch::OPERATIONS,
        Api::Balancing => balancing::OPERATIONS,
        Api::Quotas => quotas::OPERATIONS,
        Api::Registry => registry::OPERATIONS,
        Api::Bus => bus::OPERATIONS,
    }
}

/// Every operation with its service.
pub fn all() -> impl Iterator<Item = (Api, &'static Operation)> {
    Api::ALL.into_iter().flat_map(|api| of(api).iter().map(move |operation| (api, operation)))
}

/// An operation by its name.
#[must_use]
pub fn find(api: Api, name: &str) -> Option<&'static Operation> {
    of(api).iter().find(|operation| operation.name == name)
}
