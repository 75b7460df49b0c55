//! Services of the fleet file by the names that people type; an unknown name is an error that lists the known ones.

use std::path::Path;

use headroom_core::fleet::{Fleet, Service};

use crate::commands::Outcome;
use crate::files;

/// Reads the fleet file.
pub(crate) fn fleet(path: &Path) -> Result<Fleet, Outcome> {
    Ok(files::fleet(path, None)?.map_err(|problems| Outcome::no(files::problems(&problems)))?.fleet)
}

/// One service.
pub(crate) fn service<'a>(fleet: &'a Fleet, environment: &str, name: &str) -> Result<&'a Service, Outcome> {
    services(fleet, Some(environment), Some(name))?.into_iter().next().ok_or_else(|| nothing(fleet))
}

/// The services of an environment, or all; of one name, or all.
pub(crate) fn services<'a>(
    fleet: &'a Fleet,
    environment: Option<&str>,
    name: Option<&str>,
) -> Result<Vec<&'a Service>, Outcome> {
    let unknown = |what: &str, asked: &str, known: Vec<&str>| {
        Outcome::failed(format!("no {what} {asked} in the fleet file: {}\n", known.join(", ")))
    };
    if let Some(asked) = environment.filter(|asked| fleet.environments.iter().all(|e| e.name != *asked)) {
        return Err(unknown("environment", asked, fleet.environments.iter().map(|e| e.name.as_str()).collect()));
    }
    let there = || fleet.services.iter().filter(|s| environment.is_none_or(|e| s.environment == e));
    if let Some(asked) = name.filter(|asked| there().all(|s| s.name != *asked)) {
        return Err(unknown("service", asked, there().map(|s| s.name.as_str()).collect()));
    }
    Ok(there().filter(|s| name.is_none_or(|n| s.name == n)).collect())
}

fn nothing(fleet: &Fleet) -> Outcome {
    Outcome::failed(format!("fleet {} has no service\n", fleet.fleet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_told_with_those_that_are_known() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/langfuse/headroom.yaml");
        let fleet = fleet(Path::new(path)).expect("a fleet file");
        assert_eq!(services(&fleet, Some("prod-eu"), None).map(|s| s.len()), Ok(3));
        let wrong = services(&fleet, Some("prod-ue"), None).expect_err("unknown");
        assert!(
            wrong.code == 2 && wrong.err.contains("no environment prod-ue in the fleet file: staging, "),
            "{wrong:?}"
        );
        let wrong = service(&fleet, "prod-eu", "wbe").expect_err("unknown");
        assert!(wrong.err.contains("no service wbe in the fleet file: web, "), "{wrong:?}");
    }
}
