//! Following a way back, and counting the errors after it.

use std::collections::BTreeMap;

use headroom_core::entry::{Entry, Status};
use headroom_core::rollback::{
    Back, BackQuestion, BackSeen, DeploymentsSeen, End, Followed, RollbackEvent, Stage, Watch, Way, chart, follow,
    verify,
};
use headroom_core::time::{Seconds, after};
use jiff::Timestamp;

use super::act::{begun, send_again, under_way};
use super::context::{Ruled, before};
use super::ports::RollbackPorts;
use super::visit::again;
use super::write::{end, put};
use crate::ports::PortError;

/// A way back is looked at each minute.
pub(super) const EACH_MINUTE: Seconds = Seconds(60);

/// Looks at a way back that was sent, or is under way.
pub(super) async fn follow_up<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    mut entry: Entry,
    mut watch: Watch,
    revision: u64,
    seen: &DeploymentsSeen,
) -> Result<(), PortError> {
    let now = ports.now();
    let Some(back) = watch.back.clone() else { return Ok(()) };
    let sent = watch.stage == Stage::Sent;
    match follow(&watch, &back, seen, now) {
        Followed::NotThere if sent => send_again(ports, ruled, entry, watch, revision, now).await,
        Followed::Wait | Followed::NotThere => wait(ports, entry, watch, revision, now).await,
        Followed::UnderWay { ours } => {
            watch.back = Some(Back { ours: ours.or(back.ours), ..back });
            if sent {
                under_way(ports, entry, watch, revision, now).await
            } else {
                wait(ports, entry, watch, revision, now).await
            }
        }
        Followed::Done { since, ours } => {
            let ours = ours.or_else(|| back.ours.clone());
            if back.way == Way::Update
                && let Some(other) = other_image(ports, ruled, &watch, &back, seen, ours.as_deref()).await?
            {
                return end(ports, entry, watch, revision, other).await;
            }
            watch.back = Some(Back { ours, ..back });
            // It ended before anybody saw it under way: people still hear that it began.
            let told = if sent { begun(&mut entry, &watch) } else { None };
            watch.stage = Stage::Verifying { since };
            watch.back_since = Some(since);
            entry.status = Status::Acted;
            entry.due = Some(after(now, EACH_MINUTE));
            entry.watch = Some(Box::new(watch));
            put(ports, entry, revision, told).await
        }
        Followed::Outran => {
            // Judged again; what is chosen then is the second and last way of this case (SEMANTICS 10).
            if !sent {
                entry.events.push(RollbackEvent::outran(&entry, &watch, now));
            }
            watch.stage = Stage::Watching;
            entry.attempts = 0;
            entry.status = Status::Watching;
            again(ports, entry, watch, revision, None, now).await
        }
        Followed::End(ended) => end(ports, entry, watch, revision, ended).await,
    }
}

async fn wait<P: RollbackPorts>(
    ports: &P,
    mut entry: Entry,
    watch: Watch,
    revision: u64,
    now: Timestamp,
) -> Result<(), PortError> {
    entry.due = Some(after(now, EACH_MINUTE));
    entry.watch = Some(Box::new(watch));
    put(ports, entry, revision, None).await
}

/// Whether our own deployment runs other images than the revision that was to come back (SEMANTICS 7).
async fn other_image<P: RollbackPorts>(
    ports: &P,
    ruled: Ruled<'_>,
    watch: &Watch,
    back: &Back,
    seen: &DeploymentsSeen,
    ours: Option<&str>,
) -> Result<Option<End>, PortError> {
    let ours = seen.deployments.iter().find(|d| Some(d.arn.as_str()) == ours).map(|d| d.target.clone());
    let Some(ours) = ours.filter(|target| *target != back.revision) else { return Ok(None) };
    let question = BackQuestion {
        service: headroom_core::id::ServiceId::of(ruled.service),
        revisions: vec![back.revision.clone(), ours.clone()],
        balancer: None,
        from: before(watch.created_at),
        beside: Vec::new(),
        needed: Vec::new(),
    };
    Ok(compared(&ports.back(&question).await?, &back.revision, &ours))
}

fn compared(seen: &BackSeen, good: &str, ours: &str) -> Option<End> {
    let digests = |arn: &str| -> BTreeMap<String, String> {
        let revision = seen.revisions.iter().find(|r| r.arn == arn);
        let images = revision.into_iter().flat_map(|r| &r.images);
        images.filter_map(|i| Some((i.container.clone(), i.digest.clone()?))).collect()
    };
    let (good, ours) = (digests(good), digests(ours));
    let differs = |(container, expected): (&String, &String)| {
        let found = ours.get(container).filter(|found| *found != expected)?;
        Some(End::OtherImage { container: container.clone(), expected: expected.clone(), found: found.clone() })
    };
    good.iter().find_map(differs)
}

/// Counts errors since the good revision is alone again.
pub(super) async fn verify_it<P: RollbackPorts>(
    ports: &P,
    entry: Entry,
    mut watch: Watch,
    revision: u64,
    since: Timestamp,
    seen: &DeploymentsSeen,
) -> Result<(), PortError> {
    let now = ports.now();
    if let Some(numbers) = seen.numbers.known() {
        watch.chart = chart(numbers, now);
    }
    match verify(&watch, since, seen, now) {
        Some(ended) => end(ports, entry, watch, revision, ended).await,
        None => wait(ports, entry, watch, revision, now).await,
    }
}
