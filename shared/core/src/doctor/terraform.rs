//! A Terraform that would revert a lease: by its plan, and by what it did before.

use serde_json::Value as Json;

use super::examine::Patient;
use super::finding::{Check, Finding};

const TARGET: &str = "aws_appautoscaling_target";
const CURE: &str = "`lifecycle { ignore_changes = [min_capacity, max_capacity] }` on it (docs/adopt.md)";

/// A scalable target that a plan would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetChange {
    /// Its address in the configuration.
    pub address: String,
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// What becomes of it.
    pub to: Planned,
}

/// What a plan makes of a scalable target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// It is deleted, and not made anew.
    Deleted,
    /// These bounds are written.
    Bounds(u32, u32),
    /// Bounds are written that Terraform knows only when it applies.
    AtApply,
}

/// Reads what `terraform show -json PLAN` prints.
///
/// # Errors
/// It is none, in a sentence.
pub fn target_changes(text: &str) -> Result<Vec<TargetChange>, String> {
    let plan: Json = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    if plan.get("format_version").and_then(Json::as_str).is_none() {
        return Err("no plan: `terraform show -json PLAN` prints one".to_owned());
    }
    let changes = plan.get("resource_changes").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(changes.iter().filter_map(change).collect())
}

fn change(resource: &Json) -> Option<TargetChange> {
    let change = resource.get("change").filter(|_| resource.get("type").and_then(Json::as_str) == Some(TARGET))?;
    let actions = change.get("actions").and_then(Json::as_array)?;
    let does = |what: &str| actions.iter().any(|action| action.as_str() == Some(what));
    if !does("update") && !does("delete") {
        return None;
    }
    let count = |name: &str| change.get("after")?.get(name)?.as_u64().and_then(|n| u32::try_from(n).ok());
    let to = match (count("min_capacity"), count("max_capacity")) {
        (Some(min), Some(max)) => Planned::Bounds(min, max),
        // Deleting and creating is one change of two actions.
        _ if does("delete") && !does("create") => Planned::Deleted,
        _ => Planned::AtApply,
    };
    Some(TargetChange {
        address: resource.get("address").and_then(Json::as_str).unwrap_or_default().to_owned(),
        resource_id: change.get("before")?.get("resource_id")?.as_str()?.to_owned(),
        to,
    })
}

pub(super) fn terraform(patient: &Patient<'_>) -> Vec<Finding> {
    let check = Check::Terraform;
    let mut found = Vec::new();
    match check.read("entries", &patient.sight.put_back) {
        Err(unknown) => found.push(unknown),
        Ok(list) => {
            let mine = list.iter().filter(|(label, _)| patient.services().any(|(s, _)| s.label() == *label));
            found.extend(mine.map(|(label, at)| {
                check.bad(format!(
                    "{label}: the baseline was put back over a lease at {at:.0}, as an apply does: {CURE}"
                ))
            }));
        }
    }
    match patient.terraform.known() {
        None => found.push(check.unknown(format!(
            "plans to come: {}; `terraform show -json PLAN > plan.json` and --plan plan.json",
            patient.terraform.why()
        ))),
        Some(changes) => found.extend(reverts(patient, changes)),
    }
    check.of_many(found, "the plan reverts no lease, and none was reverted lately")
}

fn reverts(patient: &Patient<'_>, changes: &[TargetChange]) -> Vec<Finding> {
    let check = Check::Terraform;
    let mut found = Vec::new();
    for (service, sight) in patient.services() {
        let Some(change) = changes.iter().find(|c| c.resource_id == service.resource_id()) else { continue };
        let label = service.label();
        let state = match check.read(&label, &sight.state) {
            Ok(state) => state,
            Err(unknown) => {
                found.push(unknown);
                continue;
            }
        };
        let (Some(kept), Some(_)) = (&state.kept, state.live().next()) else { continue };
        let newest = kept.newest();
        found.push(match change.to {
            Planned::Deleted => {
                check.bad(format!("{label}: the plan deletes {} while a lease lives: {CURE}", change.address))
            }
            Planned::Bounds(min, max) if (min, max) != (newest.min, newest.max) => check.bad(format!(
                "{label}: the plan writes {min}..{max} over a lease's {}..{} ({}): {CURE}",
                newest.min, newest.max, change.address
            )),
            Planned::Bounds(..) => continue,
            Planned::AtApply => check.unknown(format!(
                "{label}: what the plan writes over a lease's {}..{} is known only when it is applied ({}): {CURE}",
                newest.min, newest.max, change.address
            )),
        });
    }
    found
}
