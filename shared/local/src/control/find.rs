//! Which service a request means.

use headroom_simulator::service::Service;

use super::reply::Wrong;
use crate::app::App;

/// The index of a service by its name in the scenario (`web`, `prod-eu/web`), its name in ECS, `cluster/service` or
/// its ARN; a name that is not known is an error that lists those that are.
pub(super) fn service(app: &App, name: &str, example: &'static str) -> Result<usize, Wrong> {
    app.engine.world().read(|all| {
        let named = |s: &Service| {
            let id = &s.spec.id;
            s.spec.name == name
                || id.service == name
                || format!("{}/{}", id.cluster, id.service) == name
                || s.arn() == name
        };
        let found: Vec<usize> = all.iter().enumerate().filter(|(_, s)| named(s)).map(|(index, _)| index).collect();
        let known = || all.iter().map(|s| s.spec.name.as_str()).collect::<Vec<_>>().join(", ");
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Wrong::request(format!("no service `{name}`, expected one of {}", known()), example)),
            [_, ..] => Err(Wrong::request(format!("`{name}` is {} services, give its ARN", found.len()), example)),
        }
    })
}
