//! One service of the draft: its bounds, what must be said of it, or why it is left out.

use super::found::{Controller, FoundService};
use super::policies::Scaling;
use super::quote;
use crate::fleet::count::TASKS_MAX;

/// Bounds as the file has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capacity {
    Fixed(u32),
    Between(u32, u32),
}

/// A service that the file has.
#[derive(Debug, Clone)]
pub(super) struct Listed<'f> {
    pub(super) found: &'f FoundService,
    /// Name in the fleet file.
    pub(super) key: String,
    /// ECS service name, where the template does not give it.
    pub(super) service: Option<String>,
    pub(super) capacity: Capacity,
    /// Target group, as a template if one gives it.
    pub(super) target_group: Option<String>,
    pub(super) scaling: Scaling,
    /// Alarms that watch it and belong to people, not to a policy.
    pub(super) alarms: usize,
    /// Remedies that apply.
    pub(super) remedies: Vec<String>,
}

/// The bounds of a service; the error says why the file cannot have it.
pub(super) fn capacity(found: &FoundService) -> Result<Capacity, String> {
    if found.daemon {
        return Err("DAEMON: ECS runs one task on each container instance".to_owned());
    }
    if found.status != "ACTIVE" {
        return Err(format!("it is {}", quote::comment(&found.status)));
    }
    let too_many = |what: &str, n: u32| format!("{what} {n}: the file takes up to {TASKS_MAX} tasks");
    match found.target {
        None if found.desired > TASKS_MAX => Err(too_many("desired", found.desired)),
        None => Ok(Capacity::Fixed(found.desired)),
        Some(target) if target.max > TASKS_MAX => Err(too_many("max", target.max)),
        Some(target) if target.min > target.max => Err(format!("min {} over max {}", target.min, target.max)),
        Some(target) if target.max == 0 => Ok(Capacity::Fixed(0)),
        Some(target) => Ok(Capacity::Between(target.min, target.max)),
    }
}

impl Listed<'_> {
    /// What was found, for beside its line: in full, and shorter and shorter.
    pub(super) fn facts(&self) -> Vec<String> {
        let facts = |policies: &[String]| {
            let mut facts = vec![self.bounds()];
            if !policies.is_empty() {
                facts.push(policies.join(", "));
            }
            if self.alarms > 0 {
                facts.push(if self.alarms == 1 { "1 alarm".to_owned() } else { format!("{} alarms", self.alarms) });
            }
            format!("found: {}", facts.join("; "))
        };
        let short = match self.found.target {
            Some(target) => format!("found: {}..{}, desired {}", target.min, target.max, self.found.desired),
            None => format!("found: desired {}", self.found.desired),
        };
        let mut all = vec![facts(&self.scaling.policies), facts(&self.scaling.counted)];
        // Policies that stand in the file may go unsaid beside it.
        if self.scaling.policies == self.scaling.counted {
            all.push(short);
        }
        all
    }

    fn bounds(&self) -> String {
        let desired = self.found.desired;
        match self.found.target {
            Some(target) => format!("min {}, max {}, desired {desired}", target.min, target.max),
            None => format!("no scalable target, desired {desired}"),
        }
    }

    /// What a reader of the line must know beside it.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(target) = self.found.target {
            let s = target.suspended;
            let suspended = [(s.scale_in, "scale-in"), (s.scale_out, "scale-out"), (s.scheduled, "scheduled actions")];
            let suspended: Vec<&str> = suspended.into_iter().filter(|(on, _)| *on).map(|(_, what)| what).collect();
            if !suspended.is_empty() {
                notes.push(format!("suspended: {}", suspended.join(", ")));
            }
            if target.max == 0 {
                notes.push("max 0, so nothing may run: the file takes a max from 1, or `fixed`".to_owned());
            } else if target.min == 0 {
                notes.push("min 0: no remedy wakes it from 0 tasks".to_owned());
            }
        }
        match self.found.controller {
            Controller::Ecs => {}
            Controller::CodeDeploy => notes.push("deployed by CodeDeploy (CODE_DEPLOY), not by ECS".to_owned()),
            Controller::External => notes.push("deployed by a third party (EXTERNAL), not by ECS".to_owned()),
        }
        let more: Vec<String> = self.found.target_groups.iter().skip(1).map(|g| quote::comment(&g.name)).collect();
        if !more.is_empty() {
            notes.push(format!("also in target group {}", more.join(", ")));
        }
        notes.extend(self.scaling.notes.iter().cloned());
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::{Suspended, TargetSeen};

    fn found(bounds: Option<(u32, u32)>, desired: u32) -> FoundService {
        FoundService {
            name: "web".to_owned(),
            status: "ACTIVE".to_owned(),
            daemon: false,
            controller: Controller::Ecs,
            desired,
            target_groups: Vec::new(),
            target: bounds.map(|(min, max)| TargetSeen {
                min,
                max,
                suspended: Suspended::default(),
                by_desired: false,
            }),
            policies: Vec::new(),
        }
    }

    #[test]
    fn bounds_are_those_of_the_scalable_target_and_without_one_the_desired_count() {
        for (bounds, desired, expected) in [
            (Some((2, 10)), 3, Ok(Capacity::Between(2, 10))),
            (Some((0, 1)), 0, Ok(Capacity::Between(0, 1))),
            (Some((0, 0)), 0, Ok(Capacity::Fixed(0))),
            (None, 3, Ok(Capacity::Fixed(3))),
            (None, 0, Ok(Capacity::Fixed(0))),
            (Some((2, 5_001)), 3, Err("max 5001: the file takes up to 5000 tasks")),
            (None, 5_001, Err("desired 5001: the file takes up to 5000 tasks")),
            (Some((3, 2)), 3, Err("min 3 over max 2")),
        ] {
            assert_eq!(capacity(&found(bounds, desired)), expected.map_err(str::to_owned), "{bounds:?} {desired}");
        }
    }

    #[test]
    fn a_daemon_and_a_service_that_is_going_are_left_out() {
        assert!(capacity(&FoundService { daemon: true, ..found(None, 1) }).is_err_and(|why| why.contains("DAEMON")));
        let draining = FoundService { status: "DRAINING".to_owned(), ..found(Some((1, 2)), 1) };
        assert_eq!(capacity(&draining), Err("it is DRAINING".to_owned()));
    }
}
