//! Where to go back to, and how (SEMANTICS 7, 10).

use serde::{Deserialize, Serialize};

use super::deployment::{BackSeen, DeploymentSeen, DeploymentStatus, DeploymentsSeen, RevisionSeen};
use super::quarantine::Quarantined;
use super::refused::Refused;
use crate::seen::Reading;

/// The controller whose deployments can be taken back.
pub const ECS: &str = "ECS";

/// How a deployment is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// `StopServiceDeployment` with `ROLLBACK`: ECS restores the old revision as it was.
    Stop,
    /// `ContinueServiceDeployment` with `ROLLBACK`, for the PAUSE hook that waits.
    Continue {
        /// Its id.
        hook: String,
    },
    /// `UpdateService` to a task definition and nothing else.
    Update,
}

/// Where to go back to.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// The successful deployment whose revision is returned to.
    pub good: &'a DeploymentSeen,
    /// How.
    pub way: Way,
}

/// The last successful revision that is not quarantined; by ECS's own hand where it would choose the same.
///
/// # Errors
/// There is none, or another controller deploys this service.
pub fn choose<'a>(
    watched: &DeploymentSeen,
    seen: &'a DeploymentsSeen,
    quarantined: &[Quarantined],
) -> Result<Choice<'a>, Refused> {
    if seen.controller != ECS {
        return Err(Refused::Controller { controller: seen.controller.clone() });
    }
    let mut earlier: Vec<&DeploymentSeen> = seen
        .deployments
        .iter()
        .filter(|d| d.status == DeploymentStatus::Successful && d.created_at < watched.created_at)
        .filter(|d| d.target != watched.target)
        .collect();
    earlier.sort_by_key(|d| std::cmp::Reverse(d.created_at));
    let own = earlier.first().ok_or(Refused::NoHistory)?;
    let clean = |d: &&&DeploymentSeen| quarantined.iter().all(|q| q.revision != d.target);
    let good = earlier.iter().find(clean).ok_or(Refused::AllQuarantined)?;
    let way = match &watched.detail {
        _ if !watched.status.stoppable() || own.target != good.target => Way::Update,
        Some(detail) if detail.hook.is_some() => Way::Continue { hook: detail.hook.clone().unwrap_or_default() },
        Some(_) | None => Way::Stop,
    };
    Ok(Choice { good, way })
}

/// Whether a deployment brought what ran before: the same task definition with the same images, as a forced one does.
/// Its revision has a name of its own. What nobody can read is no sameness.
#[must_use]
pub fn brought_nothing(back: &BackSeen, good: &str, running: &str) -> bool {
    let find = |arn: &str| back.revisions.iter().find(|r| r.arn == arn);
    let (Some(good), Some(running)) = (find(good), find(running)) else { return false };
    let images = |r: &RevisionSeen| -> Option<Vec<(String, String)>> {
        r.images.iter().map(|i| Some((i.container.clone(), i.digest.clone()?))).collect()
    };
    let (before, after) = (images(good), images(running));
    good.task_definition == running.task_definition
        && good.rest == running.rest
        && before.is_some_and(|images| !images.is_empty() && Some(images) == after)
}

/// Whether `UpdateService` to the good revision's task definition brings the good revision back (SEMANTICS 7).
///
/// # Errors
/// It would bring back something else, or nobody can tell.
pub fn may_update<'a>(back: &'a BackSeen, good: &str, running: &str) -> Result<&'a RevisionSeen, Refused> {
    let good = revision(back, good, "the revision to return to")?;
    let running = revision(back, running, "the revision that runs")?;
    match &good.active {
        Reading::Known(true) => {}
        Reading::Known(false) => return Err(Refused::Inactive { task_definition: good.task_definition.clone() }),
        other @ (Reading::Absent | Reading::Unreadable(_) | Reading::Stale { .. }) => {
            return Err(Refused::Unseen { what: good.task_definition.clone(), why: other.why() });
        }
    }
    if good.task_definition == running.task_definition {
        return Err(Refused::SameTaskDefinition { task_definition: good.task_definition.clone() });
    }
    let members: Vec<&str> = good
        .rest
        .keys()
        .chain(running.rest.keys())
        .filter(|member| good.rest.get(*member) != running.rest.get(*member))
        .map(String::as_str)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    if !members.is_empty() {
        return Err(Refused::MoreChanged { members: members.join(", ") });
    }
    for image in good.images.iter().filter(|image| !image.pinned()) {
        let unknown = |why: String| Refused::TagUnknown { image: image.image.clone(), why };
        let was = image.digest.as_ref().ok_or_else(|| unknown("ECS recorded no digest of it".to_owned()))?;
        let now = image.now.known().ok_or_else(|| unknown(image.now.why()))?;
        if was != now {
            return Err(Refused::TagMoved {
                container: image.container.clone(),
                image: image.image.clone(),
                was: was.clone(),
                now: now.clone(),
            });
        }
    }
    Ok(good)
}

fn revision<'a>(back: &'a BackSeen, arn: &str, what: &str) -> Result<&'a RevisionSeen, Refused> {
    let found = back.revisions.iter().find(|r| r.arn == arn);
    found.ok_or_else(|| Refused::Unseen { what: what.to_owned(), why: format!("ECS does not show {arn}") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;
    use crate::rollback::deployment::{Detail, ImageSeen};

    fn deployment(n: i64, status: DeploymentStatus) -> DeploymentSeen {
        DeploymentSeen {
            arn: format!("d{n}"),
            status,
            created_at: Timestamp::from_second(n * 10_000).unwrap(),
            finished_at: None,
            target: format!("r{n}"),
            detail: Some(Detail::default()),
        }
    }

    fn seen(deployments: &[DeploymentSeen]) -> DeploymentsSeen {
        DeploymentsSeen {
            service: Reading::Absent,
            controller: ECS.to_owned(),
            deployments: deployments.to_vec(),
            balancer: Reading::Absent,
            numbers: Reading::Absent,
            alarms: Vec::new(),
            needs: Vec::new(),
        }
    }

    fn quarantined(revision: &str) -> Quarantined {
        Quarantined {
            deployment: "d".into(),
            revision: revision.into(),
            task_definition: "t".into(),
            decision: crate::id::DecisionId("D-1".into()),
            at: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        }
    }

    use DeploymentStatus::{InProgress, RollbackSuccessful, Stopped, Successful};

    #[test]
    fn semantics_10_stop_only_where_ecs_would_return_to_the_revision_that_we_choose() {
        let history = [deployment(4, InProgress), deployment(3, Successful), deployment(2, Successful)];
        let seen = seen(&history);
        let way =
            |quarantine: &[Quarantined]| choose(&history[0], &seen, quarantine).map(|c| (c.good.target.clone(), c.way));
        assert_eq!(way(&[]), Ok(("r3".to_owned(), Way::Stop)));
        assert_eq!(way(&[quarantined("r3")]), Ok(("r2".to_owned(), Way::Update)), "ECS would return to the bad one");
        assert_eq!(way(&[quarantined("r3"), quarantined("r2")]), Err(Refused::AllQuarantined));
    }

    #[test]
    fn what_ended_goes_back_by_update_service_and_never_to_what_never_succeeded() {
        let ended = [
            deployment(4, Successful),
            deployment(3, Stopped),
            deployment(2, RollbackSuccessful),
            deployment(1, Successful),
        ];
        let all = seen(&ended);
        let choice = choose(&ended[0], &all, &[]).unwrap();
        assert_eq!((choice.good.target.as_str(), choice.way), ("r1", Way::Update));
        assert_eq!(choose(&ended[0], &seen(&ended[..3]), &[]), Err(Refused::NoHistory));
        let foreign = DeploymentsSeen { controller: "CODE_DEPLOY".into(), ..all };
        assert!(matches!(choose(&ended[0], &foreign, &[]), Err(Refused::Controller { .. })));
    }

    #[test]
    fn a_hook_that_waits_is_answered_instead_of_stopped() {
        let mut history = [deployment(2, InProgress), deployment(1, Successful)];
        history[0].detail = Some(Detail { hook: Some("h".into()), ..Detail::default() });
        let all = seen(&history);
        assert_eq!(choose(&history[0], &all, &[]).unwrap().way, Way::Continue { hook: "h".into() });
    }

    fn revision(arn: &str) -> RevisionSeen {
        RevisionSeen {
            arn: arn.into(),
            task_definition: format!("td-{arn}"),
            active: Reading::Known(true),
            images: vec![ImageSeen {
                container: "web".into(),
                image: "app:prod".into(),
                digest: Some("sha256:a".into()),
                now: Reading::Known("sha256:a".into()),
            }],
            rest: BTreeMap::from([("networkConfiguration".to_owned(), "a".to_owned())]),
        }
    }

    fn judged(change: impl FnOnce(&mut RevisionSeen, &mut RevisionSeen)) -> Result<(), &'static str> {
        let (mut good, mut bad) = (revision("good"), revision("bad"));
        change(&mut good, &mut bad);
        let back = BackSeen { revisions: vec![good, bad], siblings: Reading::Absent, needed: Reading::Absent };
        may_update(&back, "good", "bad").map(|_| ()).map_err(|refused| refused.name())
    }

    #[test]
    fn semantics_9_the_same_images_of_the_same_task_definition_are_nothing_new_whatever_the_revision_is_called() {
        let brought = |change: fn(&mut RevisionSeen)| {
            let mut forced = RevisionSeen { arn: "forced".into(), ..revision("good") };
            change(&mut forced);
            let revisions = vec![revision("good"), forced];
            let back = BackSeen { revisions, siblings: Reading::Absent, needed: Reading::Absent };
            !brought_nothing(&back, "good", "forced")
        };
        assert!(!brought(|_| {}));
        assert!(brought(|forced| forced.images[0].digest = Some("sha256:b".into())), "the tag moved");
        assert!(brought(|forced| forced.images[0].digest = None), "nobody can read it");
        assert!(brought(|forced| forced.task_definition = "td-2".into()));
        assert!(brought(|forced| forced.rest.clear()));
        assert!(brought(|forced| forced.arn = "other".into()));
    }

    #[test]
    fn semantics_7_update_service_only_where_it_brings_the_good_revision_back() {
        assert_eq!(judged(|_, _| {}), Ok(()));
        assert_eq!(judged(|good, _| good.active = Reading::Known(false)), Err("inactive"));
        assert_eq!(judged(|good, _| good.active = Reading::Unreadable("denied".into())), Err("unseen"));
        assert_eq!(judged(|good, _| good.images[0].now = Reading::Known("sha256:b".into())), Err("tag-moved"));
        assert_eq!(judged(|good, _| good.images[0].now = Reading::Unreadable("x".into())), Err("tag-unknown"));
        assert_eq!(judged(|good, _| good.images[0].digest = None), Err("tag-unknown"));
        assert_eq!(judged(|_, bad| bad.rest.clear()), Err("more-changed"));
        assert_eq!(judged(|good, _| good.arn = "other".into()), Err("unseen"));
        assert_eq!(judged(|good, bad| bad.task_definition = good.task_definition.clone()), Err("same-task-definition"));
        let pinned = |good: &mut RevisionSeen, _: &mut RevisionSeen| {
            good.images[0].image = "app@sha256:a".into();
            good.images[0].now = Reading::Unreadable("not asked".into());
        };
        assert_eq!(judged(pinned), Ok(()));
    }
}
