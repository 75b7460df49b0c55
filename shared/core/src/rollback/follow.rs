//! Following a way back to its end (SEMANTICS 10).

use jiff::Timestamp;

use super::choice::Way;
use super::deployment::{DeploymentSeen, DeploymentStatus, DeploymentsSeen};
use super::end::End;
use super::watch::{Back, By, Watch};
use crate::time::{Seconds, elapsed};

/// A way back that has not ended by then is left to people.
const FOLLOWED_MAX: Seconds = Seconds(3_600);
/// A deployment that began this long before the plan may still be ours: clocks differ.
pub(super) const CLOCKS_DIFFER: Seconds = Seconds(5);

/// What a look at a way back says.
#[derive(Debug, Clone, PartialEq)]
pub enum Followed {
    /// Look again.
    Wait,
    /// Nothing of it is there, and nothing else is: it may be sent.
    NotThere,
    /// It is under way; by our own deployment, when it is one.
    UnderWay {
        /// ARN of our own deployment.
        ours: Option<String>,
    },
    /// The good revision is alone again.
    Done {
        /// Since when.
        since: Timestamp,
        /// ARN of our own deployment.
        ours: Option<String>,
    },
    /// It was asked for, and the deployment ended successful all the same: judged again, and updated once.
    Outran,
    /// It ended otherwise.
    End(End),
}

/// Looks at a way back.
#[must_use]
pub fn follow(watch: &Watch, back: &Back, seen: &DeploymentsSeen, now: Timestamp) -> Followed {
    let late = elapsed(back.planned_at, now) >= FOLLOWED_MAX;
    let minutes = elapsed(back.planned_at, now).0 / 60;
    let Some(watched) = seen.deployments.iter().find(|d| d.arn == watch.deployment) else {
        let status = "no longer shown".to_owned();
        return if late { Followed::End(End::NotFinished { minutes, status }) } else { Followed::Wait };
    };
    let newest = seen.deployments.iter().max_by_key(|d| d.created_at).unwrap_or(watched);
    let followed = match back.way {
        Way::Update => updated(watch, back, seen, watched, newest),
        Way::Stop | Way::Continue { .. } if newest.arn != watched.arn => stood_back(newest),
        Way::Stop | Way::Continue { .. } => stopped(back, watched, now),
    };
    let on_its_way = matches!(followed, Followed::Wait | Followed::NotThere | Followed::UnderWay { .. });
    if on_its_way && late {
        let status = if back.way == Way::Update { newest.status } else { watched.status };
        return Followed::End(End::NotFinished { minutes, status: status.name().to_owned() });
    }
    followed
}

fn stood_back(by: &DeploymentSeen) -> Followed {
    Followed::End(End::StoodBack { by: by.arn.clone() })
}

/// ECS goes back inside the deployment itself.
fn stopped(back: &Back, watched: &DeploymentSeen, now: Timestamp) -> Followed {
    let found = watched.detail.as_ref().and_then(|d| d.rollback_to.as_deref());
    let expected = Some(back.revision.as_str()).filter(|r| !r.is_empty());
    if let (Some(found), Some(expected)) = (found, expected)
        && found != expected
    {
        return Followed::End(End::WrongTarget { expected: expected.to_owned(), found: found.to_owned() });
    }
    match watched.status {
        DeploymentStatus::Pending | DeploymentStatus::InProgress => Followed::NotThere,
        DeploymentStatus::RollbackRequested | DeploymentStatus::RollbackInProgress => Followed::UnderWay { ours: None },
        DeploymentStatus::RollbackSuccessful => {
            Followed::Done { since: watched.finished_at.unwrap_or(now), ours: None }
        }
        DeploymentStatus::Successful if back.by == By::Headroom && !back.second => Followed::Outran,
        DeploymentStatus::Successful => {
            Followed::End(End::NotSent { why: "the deployment ended SUCCESSFUL".to_owned() })
        }
        DeploymentStatus::RollbackFailed => {
            let why = watched.detail.as_ref().and_then(|d| d.rollback_reason.clone()).unwrap_or_default();
            Followed::End(End::Failed { why })
        }
        DeploymentStatus::StopRequested | DeploymentStatus::Stopped => stood_back(watched),
    }
}

/// Our own deployment is the newest one, and its task definition is the one that we asked for.
fn updated(
    watch: &Watch,
    back: &Back,
    seen: &DeploymentsSeen,
    watched: &DeploymentSeen,
    newest: &DeploymentSeen,
) -> Followed {
    if newest.arn == watched.arn {
        return Followed::NotThere;
    }
    let primary = seen.service.known().and_then(|s| s.primary.as_ref());
    let known = back.ours.as_ref().is_some_and(|ours| *ours == newest.arn);
    let young = newest.created_at.as_second() + i64::from(CLOCKS_DIFFER.0) >= back.planned_at.as_second();
    let asked_for = primary.is_some_and(|p| p.task_definition == back.task_definition);
    if !(known || young && asked_for && back.ours.is_none()) {
        return stood_back(newest);
    }
    let Some(detail) = &newest.detail else { return Followed::Wait };
    // Tasks that ran before the deployment may still end while ours begins.
    let before = watched.detail.as_ref().map(|d| d.sources.as_slice()).unwrap_or_default();
    let expected = |source: &String| *source == watch.target || *source == back.revision || before.contains(source);
    if let Some(other) = detail.sources.iter().find(|source| !expected(source)) {
        return Followed::End(End::Overtook { expected: watch.target.clone(), found: other.clone() });
    }
    let ours = Some(newest.arn.clone());
    match newest.status {
        DeploymentStatus::Pending | DeploymentStatus::InProgress => Followed::UnderWay { ours },
        DeploymentStatus::Successful => Followed::Done { since: newest.finished_at.unwrap_or(newest.created_at), ours },
        status @ (DeploymentStatus::StopRequested
        | DeploymentStatus::Stopped
        | DeploymentStatus::RollbackRequested
        | DeploymentStatus::RollbackInProgress
        | DeploymentStatus::RollbackSuccessful
        | DeploymentStatus::RollbackFailed) => Followed::End(End::Undone { status: status.name().to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollback::deployment::Detail;
    use crate::seen::{Primary, Reading, ServiceSeen};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn deployment(n: i64, status: DeploymentStatus, sources: &[&str]) -> DeploymentSeen {
        let sources = sources.iter().map(|s| (*s).to_owned()).collect();
        DeploymentSeen {
            arn: format!("d{n}"),
            status,
            created_at: at(n * 1_000),
            finished_at: None,
            target: format!("r{n}"),
            detail: Some(Detail { sources, ..Detail::default() }),
        }
    }

    fn seen(deployments: Vec<DeploymentSeen>) -> DeploymentsSeen {
        let primary = Primary { id: "ecs-svc/9".into(), task_definition: "web:1".into() };
        DeploymentsSeen {
            service: Reading::Known(ServiceSeen {
                arn: "arn".into(),
                created_at: None,
                desired: 2,
                running: 2,
                deployments_in_progress: 0,
                daemon: false,
                troubles: Vec::new(),
                target_groups: Vec::new(),
                primary: Some(primary),
            }),
            controller: "ECS".into(),
            deployments,
            balancer: Reading::Absent,
            numbers: Reading::Absent,
            alarms: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// `r2` is watched, the way back leads to `r1` of `web:1`, planned when the third deployment begins.
    fn followed(way: Way, deployments: Vec<DeploymentSeen>, now: i64) -> Followed {
        let watch = Watch::new("d2".into(), at(2_000), "r2".into(), "web:2".into(), 2);
        let back = Back {
            by: By::Headroom,
            way,
            revision: "r1".into(),
            task_definition: "web:1".into(),
            good_since: None,
            planned_at: at(3_000),
            primary: String::new(),
            ours: None,
            second: false,
        };
        follow(&watch, &back, &seen(deployments), at(now))
    }

    use DeploymentStatus::{InProgress, RollbackFailed, RollbackSuccessful, Successful};

    #[test]
    fn semantics_10_each_status_of_a_stopped_deployment_has_its_end() {
        let stopped = |status| followed(Way::Stop, vec![deployment(2, status, &["r1"])], 3_060);
        assert_eq!(stopped(InProgress), Followed::NotThere);
        assert_eq!(stopped(DeploymentStatus::RollbackInProgress), Followed::UnderWay { ours: None });
        assert!(matches!(stopped(RollbackSuccessful), Followed::Done { .. }));
        assert_eq!(stopped(Successful), Followed::Outran);
        assert!(matches!(stopped(RollbackFailed), Followed::End(End::Failed { .. })));
        let mut other = deployment(2, RollbackSuccessful, &["r1"]);
        other.detail = Some(Detail { rollback_to: Some("r0".into()), ..Detail::default() });
        assert!(matches!(followed(Way::Stop, vec![other], 3_060), Followed::End(End::WrongTarget { .. })));
    }

    #[test]
    fn semantics_18_our_deployment_began_from_what_it_was_to_replace_or_we_overtook_somebody() {
        let updated = |sources: &[&str]| {
            let watched = deployment(2, Successful, &["r1", "r0"]);
            followed(Way::Update, vec![deployment(3, Successful, sources), watched], 3_060)
        };
        assert!(matches!(updated(&["r2"]), Followed::Done { .. }));
        assert!(matches!(updated(&["r2", "r0"]), Followed::Done { .. }), "its tasks were still ending");
        assert!(matches!(updated(&["r7"]), Followed::End(End::Overtook { .. })));
    }

    #[test]
    fn no_way_back_is_followed_for_ever() {
        let hours_later = 3_000 + 3_600;
        let nothing = || vec![deployment(2, Successful, &["r1"])];
        assert_eq!(followed(Way::Update, nothing(), hours_later - 1), Followed::NotThere);
        for (way, deployments) in
            [(Way::Update, nothing()), (Way::Stop, vec![deployment(2, InProgress, &["r1"])]), (Way::Stop, Vec::new())]
        {
            let end = followed(way, deployments, hours_later);
            assert!(matches!(end, Followed::End(End::NotFinished { .. })), "{end:?}");
        }
    }
}
