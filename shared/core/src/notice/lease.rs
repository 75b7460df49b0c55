//! Notices of a lease: opened, grown, closed.

use serde_json::json;

use super::kind::{Kind, Severity};
use super::notice::{About, Notice};
use super::words::{cause, measured};
use crate::at_max::Topic;
use crate::capacity::{Bounds, Claimed, Ended, Grant, Kept, Lease};
use crate::decide::Judgement;
use crate::fleet::{Metric, Service};
use crate::price;
use crate::release::Judged;
use crate::schedule::schedule_of;
use crate::seen::Seen;
use crate::time::elapsed;

/// Capacity was added.
#[must_use]
pub fn opened(about: &About<'_>, service: &Service, grant: &Grant, judgement: &Judgement, seen: &Seen) -> Notice {
    let lease = &grant.lease;
    let claim = Claimed::of(lease);
    if claim != Claimed::Floor {
        return opened_other(about, service, grant, claim);
    }
    let floor = lease.floor.unwrap_or(0);
    let from = grant.expected.min;
    let title = format!("{}: minimum {from} -> {floor} for {}", about.label, cause(lease.metric));
    let tasks = judgement.need.map(|n| n.running).or_else(|| seen.service.known().map(|s| s.running));
    let mut notice = Notice::new(Kind::Opened, Severity::Info, about, &title);
    let value = judgement.need.map(|n| n.value).or_else(|| seen.load.known().map(|l| l.value));
    if let (Some(value), Some(tasks)) = (value, tasks) {
        notice = notice.line("Seen", format!("{} on {tasks} tasks", measured(lease.metric, value)));
    }
    notice = notice.line("Done", format!("min {from} -> {floor}, max {}", grant.expected.max));
    let why = match (&judgement.need, &judgement.native) {
        (Some(need), Some(policy)) => format!("{need}. Scaling policy {policy} had its turn first."),
        (Some(need), None) => format!("{need}. No scaling policy of this service watches this metric."),
        (None, _) => format!("{floor}: a fixed addition; this metric does not say how many."),
    };
    notice = notice.line("Why", why);
    notice = notice.line(
        "Next",
        format!(
            "kept while the load needs it, looked at again at {:.0}; then min returns to {} by itself",
            lease.renew_at, grant.base_min
        ),
    );
    if let (Some(need), None) = (&judgement.need, &judgement.native) {
        notice = notice.line("Cure", cure(service, lease.metric, need.target));
    }
    if let Some(task) = &service.task {
        let usd = price::task_hour(task) * f64::from(floor.saturating_sub(grant.base_min));
        notice = notice.line("Cost", format!("at most {usd:.2} USD/h ({})", price::source(task)));
    }
    notice
}

/// What a floor is for, in words: its metric, or its schedule.
fn reason(lease: &Lease) -> &str {
    match lease.window {
        Some(_) => schedule_of(&lease.source).unwrap_or(&lease.source),
        None => cause(lease.metric),
    }
}

/// A raised max, or suspended scale-in.
fn opened_other(about: &About<'_>, service: &Service, grant: &Grant, claim: Claimed) -> Notice {
    let lease = &grant.lease;
    let (max, raise) = (grant.expected.max, lease.raise.unwrap_or(0));
    let (title, done, back) = match claim {
        Claimed::Raise => (
            format!("{}: maximum {max} -> {raise}, {}", about.label, why(lease)),
            format!("max {max} -> {raise}, ceiling {}", grant.ceiling),
            "until desired has stayed at or under the baseline's max; then max returns by itself",
        ),
        Claimed::Hold | Claimed::Floor => (
            format!("{}: scale-in suspended, alarm {} fires", about.label, lease.alarm),
            "dynamic scale-in suspended; scale-out and scheduled scaling as they were".to_owned(),
            "until the alarm has stayed quiet; then scale-in is resumed by itself",
        ),
    };
    let notice = Notice::new(Kind::Opened, Severity::Info, about, &title)
        .line("Done", done)
        .line("Next", format!("kept {back}; looked at again at {:.0}", lease.renew_at));
    match &service.task {
        Some(task) if claim == Claimed::Raise => {
            let usd = price::task_hour(task) * f64::from(raise.saturating_sub(max));
            notice.line("Cost", format!("at most {usd:.2} USD/h ({})", price::source(task)))
        }
        Some(_) | None => notice,
    }
}

/// What asked for it: an alarm, or max itself.
fn why(lease: &Lease) -> String {
    if lease.alarm == Topic::AtMax.name() {
        "which was reached".to_owned()
    } else {
        format!("alarm {} fires", lease.alarm)
    }
}

/// The scaling policy that makes this remedy idle, as a command to copy. The predefined metric for requests needs the
/// load balancer's resource label, which nobody here knows: that one is named, not written out.
fn cure(service: &Service, metric: Metric, target: f64) -> String {
    let name = metric.name();
    let says = format!("a target-tracking policy on {name} at {target:.0} would have done this without Headroom");
    if metric != Metric::Cpu {
        return says;
    }
    let configuration = json!({
        "TargetValue": target,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        "ScaleOutCooldown": service.scaling.cooldown_scale_out,
        "ScaleInCooldown": service.scaling.cooldown_scale_in,
    });
    format!(
        "{says}: aws application-autoscaling put-scaling-policy --region {} --service-namespace ecs \
         --scalable-dimension ecs:service:DesiredCount --resource-id {} --policy-name {}-cpu-tracking-policy \
         --policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration '{configuration}'",
        service.region,
        service.resource_id(),
        service.service
    )
}

/// A lease grew while its alarm went on.
#[must_use]
pub fn grown(about: &About<'_>, lease: &Lease, judged: &Judged) -> Option<Notice> {
    let Judged::Renewed { from, to, need, .. } = judged else { return None };
    let (bound, goes_on) = match Claimed::of(lease) {
        Claimed::Floor => ("minimum", reason(lease).to_owned()),
        Claimed::Raise | Claimed::Hold => ("maximum", format!("alarm {}", lease.alarm)),
    };
    let title = format!("{}: {bound} {from} -> {to}, {goes_on} goes on", about.label);
    let forecast = lease.forecast.as_ref().and_then(|forecast| forecast.asking(*to, about.now));
    let why = match (need, lease.window) {
        (Some(need), _) => need.to_string(),
        (None, Some(_)) if forecast.is_some() => forecast.map(ToString::to_string).unwrap_or_default(),
        (None, Some(_)) => "the schedule asks for more".to_owned(),
        (None, None) => "the alarm is still firing".to_owned(),
    };
    Some(Notice::new(Kind::Grown, Severity::Info, about, &title).line("Why", why))
}

/// Whether the end was asked for: then a desired count that we set goes back, too.
fn asked(why: Ended) -> bool {
    match why {
        Ended::LoadGone | Ended::WindowClosed | Ended::TimeUp | Ended::Released => true,
        Ended::HardEnd | Ended::LeftTheFleet | Ended::ServiceRecreated | Ended::ServiceGone | Ended::TargetAppeared => {
            false
        }
    }
}

/// For whose, or what's, sake the capacity was added.
fn sake(lease: &Lease) -> &str {
    lease.operator.as_deref().unwrap_or_else(|| reason(lease))
}

/// A person took capacity for a time.
#[must_use]
pub fn taken(
    about: &About<'_>,
    by: &str,
    lease: &Lease,
    found: Bounds,
    usd_hour: Option<(f64, &'static str)>,
) -> Notice {
    let Bounds { min, max, .. } = found;
    let what = match Claimed::of(lease) {
        Claimed::Floor => format!("minimum {min} -> {}", lease.floor.unwrap_or(min).max(min)),
        Claimed::Raise => format!("maximum {max} -> {}", lease.raise.unwrap_or(max).max(max)),
        Claimed::Hold => "scale-in suspended".to_owned(),
    };
    let notice = Notice::new(Kind::Opened, Severity::Info, about, &format!("{}: {what} by {by}", about.label))
        .line("Next", format!("until {:.0}, then it goes back by itself", lease.hard_end))
        .line("Take back", format!("headroom undo {}", about.decision));
    match usd_hour {
        Some((usd, source)) => notice.line("Cost", format!("at most {usd:.2} USD/h ({source})")),
        None => notice,
    }
}

/// The capacity went back. `kept` as it was before: where the lease held, or caused, a desired count, that count is not
/// taken away at an end that nobody asked for.
#[must_use]
pub fn closed(
    about: &About<'_>,
    lease: &Lease,
    to: Bounds,
    kept: Option<&Kept>,
    why: Ended,
    judged: &Judged,
) -> Notice {
    let age = elapsed(lease.granted, about.now);
    let highest = lease.floor_highest;
    let (Bounds { min, max, .. }, label) = (to, about.label);
    let title = match Claimed::of(lease) {
        Claimed::Floor if kept.is_some_and(|kept| kept.by_desired) && !asked(why) => {
            format!("{label}: desired count stays as it is after {age} (was {highest} for {})", sake(lease))
        }
        Claimed::Floor => format!("{label}: back to min {min} after {age} (was {highest} for {})", sake(lease)),
        Claimed::Raise => format!("{label}: back to max {max} after {age} (was {})", lease.raise.unwrap_or(max)),
        Claimed::Hold => format!("{label}: scale-in resumed after {age}"),
    };
    let (kind, severity) = match why {
        Ended::HardEnd => (Kind::HardEnd, Severity::Page),
        Ended::LoadGone
        | Ended::LeftTheFleet
        | Ended::ServiceRecreated
        | Ended::ServiceGone
        | Ended::TargetAppeared
        | Ended::WindowClosed
        | Ended::TimeUp
        | Ended::Released => (Kind::Closed, Severity::Info),
    };
    let reason = match (why, judged) {
        (Ended::LoadGone, Judged::Ended { need: Some(need), .. }) => format!("{need}, the baseline"),
        (Ended::LoadGone, _) if lease.raise.is_some() => "desired stayed at or under the baseline's max".to_owned(),
        (Ended::LoadGone, _) if lease.alarm.is_empty() => "what it was taken for is over".to_owned(),
        (Ended::LoadGone, _) => "the alarm stayed quiet with fresh data".to_owned(),
        (Ended::HardEnd, _) => {
            "the lease reached its hard end while it was still needed: the baseline is too low".into()
        }
        (Ended::LeftTheFleet, _) => "the service or the remedy left the fleet file".to_owned(),
        (Ended::ServiceGone, _) => "the service or its scalable target is gone; there is nothing to restore".to_owned(),
        (Ended::TargetAppeared, _) => {
            "the service got a scalable target: its desired count is Application Auto Scaling's now".to_owned()
        }
        (Ended::WindowClosed, _) => "its window is over".to_owned(),
        (Ended::TimeUp, _) => "the time that was asked for is over".to_owned(),
        (Ended::Released, _) => "a person ended it".to_owned(),
        (Ended::ServiceRecreated, _) => "the service was created anew; its bounds were left as found".to_owned(),
    };
    let unasked = matches!(why, Ended::HardEnd | Ended::LeftTheFleet);
    let caused = unasked && kept.is_some_and(|kept| kept.caused.is_some());
    let stays = if caused { "; the desired count that it caused stays as it is" } else { "" };
    Notice::new(kind, severity, about, &title).line("Why", format!("{reason}{stays}"))
}
