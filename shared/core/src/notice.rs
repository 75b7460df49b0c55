//! Every sentence that a person reads about a decision is built here, channel-neutral.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::capacity::{Bounds, Change, Ended, Grant, Lease, Remark};
use crate::decide::{Judgement, Refusal};
use crate::fleet::{Metric, Service};
use crate::id::DecisionId;
use crate::price;
use crate::release::Judged;
use crate::seen::Seen;
use crate::time::elapsed;

/// How loud a notice is. People can override it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// To the incident's thread.
    Info,
    /// To the chat.
    Warn,
    /// Wakes people.
    Page,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Capacity was added.
    Opened,
    /// Capacity grew while the alarm went on.
    Grown,
    /// The capacity went back; closes what [`Kind::Opened`] opened.
    Closed,
    /// A lease reached its hard end.
    HardEnd,
    /// Somebody wrote the baseline over a living lease.
    PutBack,
    /// Somebody changed bounds during a lease; respected.
    Drift,
    /// Capacity outside its bounds is held by a person.
    Held,
    /// An hour's limit is spent.
    LimitReached,
    /// Actions in a row did not help.
    BreakerOpen,
    /// An action did not help.
    DidNotHelp,
    /// AWS refuses a call of Headroom.
    Denied,
    /// The environment is stopped, and bounds stay off their baseline.
    Stopped,
}

impl Kind {
    /// The word in dedup keys and routes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Grown => "grown",
            Self::Closed => "closed",
            Self::HardEnd => "hard-end",
            Self::PutBack => "put-back",
            Self::Drift => "drift",
            Self::Held => "held",
            Self::LimitReached => "limit-reached",
            Self::BreakerOpen => "breaker",
            Self::DidNotHelp => "did-not-help",
            Self::Denied => "denied",
            Self::Stopped => "stopped",
        }
    }
}

/// What a person reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What it belongs to; one thread each.
    pub incident: String,
    /// What it is about.
    pub kind: Kind,
    /// Grows within an incident: an older revision never overwrites a newer one. Milliseconds of its time.
    pub revision: i64,
    /// How loud.
    pub severity: Severity,
    /// `prod-eu/web`.
    pub service: String,
    /// What people type.
    pub decision: DecisionId,
    /// First line: push preview and e-mail subject, under 100 characters.
    pub title: String,
    /// Labelled lines, in order.
    pub lines: Vec<(String, String)>,
}

/// Amazon SNS takes subjects under 100 characters.
const TITLE_CHARS: usize = 99;
/// Amazon Q takes descriptions of at most 8,000 characters.
const DESCRIPTION_CHARS: usize = 8_000;

impl Notice {
    fn new(kind: Kind, severity: Severity, about: &About<'_>, title: &str) -> Self {
        Self {
            incident: about.incident.to_owned(),
            kind,
            revision: about.now.as_millisecond(),
            severity,
            service: about.label.to_owned(),
            decision: about.decision.clone(),
            title: plain(title, TITLE_CHARS),
            lines: Vec::new(),
        }
    }

    fn line(mut self, label: &str, text: impl Into<String>) -> Self {
        self.lines.push((label.to_owned(), text.into()));
        self
    }

    /// Incident, kind and revision: two copies of one notice have the same, two notices never.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}/{}/{}", self.incident, self.kind.name(), self.revision)
    }

    /// Plain text: for e-mail, and for people at a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for (label, line) in &self.lines {
            text.push_str(label);
            text.push_str(": ");
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("Decision: ");
        text.push_str(&self.decision.0);
        text.push('\n');
        text
    }

    /// The body that Amazon Q in chat renders, with the whole notice inside for readers that take JSON.
    #[must_use]
    pub fn chat(&self) -> Value {
        let description: String = self.lines.iter().map(|(l, t)| format!("*{l}* {t}\n")).collect();
        json!({
            "version": "1.0",
            "source": "custom",
            "id": self.dedup_key(),
            "content": {
                "textType": "client-markdown",
                "title": self.title,
                "description": description.chars().take(DESCRIPTION_CHARS).collect::<String>(),
            },
            "metadata": {
                "threadId": self.incident,
                "summary": self.title,
                "eventType": format!("headroom.{}", self.kind.name()),
                "additionalContext": {
                    "headroom": serde_json::to_string(self).unwrap_or_default(),
                },
                "enableCustomActions": false,
            }
        })
    }
}

/// One line without control characters, at most so long.
fn plain(text: &str, chars: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(chars).collect()
}

/// What a notice is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Incident.
    pub incident: &'a str,
    /// `prod-eu/web`.
    pub label: &'a str,
    /// The decision.
    pub decision: &'a DecisionId,
    /// Now.
    pub now: Timestamp,
}

/// A metric's value with its unit and name, as people say it.
#[must_use]
pub fn measured(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Cpu => format!("CPU {value:.0} %"),
        Metric::Memory => format!("memory {value:.0} %"),
        Metric::RequestsPerTarget => format!("{value:.0} requests per target and minute"),
        Metric::ResponseTimeAvg => format!("response time {value:.2} s"),
        Metric::ResponseTimeP95 => format!("response time p95 {value:.2} s"),
        Metric::ErrorRate => format!("errors {value:.2} %"),
    }
}

fn cause(metric: Metric) -> &'static str {
    match metric {
        Metric::Cpu => "high CPU",
        Metric::Memory => "high memory",
        Metric::RequestsPerTarget => "many requests",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 => "slow responses",
        Metric::ErrorRate => "errors",
    }
}

/// Capacity was added.
#[must_use]
pub fn opened(about: &About<'_>, service: &Service, grant: &Grant, judgement: &Judgement, seen: &Seen) -> Notice {
    let lease = &grant.lease;
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
        notice = notice.line("Cost", format!("at most {usd:.2} USD/h ({})", price::SOURCE));
    }
    notice
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

/// The capacity went back.
#[must_use]
pub fn closed(about: &About<'_>, lease: &Lease, min: u32, why: Ended, judged: &Judged) -> Notice {
    let age = elapsed(lease.granted, about.now);
    let highest = lease.floor_highest;
    let title = format!("{}: back to min {min} after {age} (was {highest} for {})", about.label, cause(lease.metric));
    let (kind, severity) = match why {
        Ended::HardEnd => (Kind::HardEnd, Severity::Page),
        Ended::LoadGone | Ended::LeftTheFleet | Ended::ServiceRecreated | Ended::ServiceGone => {
            (Kind::Closed, Severity::Info)
        }
    };
    let reason = match (why, judged) {
        (Ended::LoadGone, Judged::Ended { need: Some(need), .. }) => format!("{need}, the baseline"),
        (Ended::LoadGone, _) => "the alarm stayed quiet with fresh data".to_owned(),
        (Ended::HardEnd, _) => {
            "the lease reached its hard end while it was still needed: the baseline is too low".into()
        }
        (Ended::LeftTheFleet, _) => "the service or the remedy left the fleet file".to_owned(),
        (Ended::ServiceGone, _) => "the service or its scalable target is gone; there is nothing to restore".to_owned(),
        (Ended::ServiceRecreated, _) => "the service was created anew; its bounds were left as found".to_owned(),
    };
    Notice::new(kind, severity, about, &title).line("Why", reason)
}

/// What a remark of a pass tells people; most tell nothing.
#[must_use]
pub fn remarked(about: &About<'_>, remark: &Remark) -> Option<Notice> {
    let label = about.label;
    match remark {
        Remark::HeldByPerson { desired, found } => Some(
            Notice::new(
                Kind::Held,
                Severity::Warn,
                about,
                &format!("{label}: desired {desired} lies outside {found}; left alone"),
            )
            .line("Why", "somebody set this capacity; any call would force it back into the bounds")
            .line("Next", "looked at each minute; leases are applied once desired is inside the bounds again"),
        ),
        Remark::ForeignRespected { member, found, scheduled, again } => Some(
            Notice::new(
                Kind::Drift,
                if *again { Severity::Page } else { Severity::Warn },
                about,
                &format!("{label}: {member} changed by somebody, now {found}; respected"),
            )
            .line(
                "Why",
                if *scheduled { "one of the target's own scheduled actions" } else { "changed during a lease" },
            )
            .line("Next", "this is the baseline now; older leases claim no more for it"),
        ),
        Remark::PutBack { found } => Some(
            Notice::new(
                Kind::PutBack,
                Severity::Warn,
                about,
                &format!("{label}: bounds put back to {found} during a lease; written once more"),
            )
            .line("Cure", "in Terraform: lifecycle { ignore_changes = [min_capacity, max_capacity] }")
            .line("Next", "a second time it is respected, and somebody is paged"),
        ),
        Remark::LongLived { source, age } => Some(
            Notice::new(
                Kind::HardEnd,
                Severity::Page,
                about,
                &format!("{label}: a capacity lease is needed since {age}: the baseline is too low"),
            )
            .line("Lease", source.clone())
            .line("Cure", "raise capacity.min in the fleet file and in Terraform"),
        ),
        Remark::Judged { .. } | Remark::Repaired { .. } | Remark::Recreated | Remark::Restored { .. } => None,
    }
}

/// A refusal that people must hear of.
#[must_use]
pub fn refused(about: &About<'_>, remedy: &str, refusal: &Refusal) -> Option<Notice> {
    let (kind, title) = match refusal {
        Refusal::LimitReached { .. } => (Kind::LimitReached, format!("{}: {remedy} not done: {refusal}", about.label)),
        Refusal::CircuitBreaker { .. } => (Kind::BreakerOpen, format!("{}: {remedy} not done: {refusal}", about.label)),
        Refusal::NotFiring
        | Refusal::NotAnEdge
        | Refusal::Superseded { .. }
        | Refusal::NothingToRelease
        | Refusal::Overridden { .. }
        | Refusal::DeferredTooLong { .. }
        | Refusal::LeftTheFleet
        | Refusal::AlreadyComing { .. }
        | Refusal::NoRoom { .. }
        | Refusal::NothingRuns
        | Refusal::NoLongerBreaching { .. }
        | Refusal::Unseen { .. }
        | Refusal::NothingScalesIn
        | Refusal::NoScalableTarget
        | Refusal::NotInThisRelease { .. } => return None,
    };
    Some(Notice::new(kind, Severity::Page, about, &title).line("Next", "people must look; Headroom stops here"))
}

/// A lease grew while its alarm went on.
#[must_use]
pub fn grown(about: &About<'_>, lease: &Lease, judged: &Judged) -> Option<Notice> {
    let Judged::Renewed { from, to, need, .. } = judged else { return None };
    let title = format!("{}: minimum {from} -> {to}, {} goes on", about.label, cause(lease.metric));
    let why = need.map_or_else(|| "the alarm is still firing".to_owned(), |n| n.to_string());
    Some(Notice::new(Kind::Grown, Severity::Info, about, &title).line("Why", why))
}

/// A person holds capacity that a grant would have moved.
#[must_use]
pub fn held(about: &About<'_>, desired: u32, found: Bounds) -> Option<Notice> {
    remarked(about, &Remark::HeldByPerson { desired, found })
}

/// An action did not help.
#[must_use]
pub fn did_not_help(about: &About<'_>, remedy: &str, value: &str) -> Notice {
    let title = format!("{}: {remedy} did not help: {value} after 10 minutes", about.label);
    Notice::new(Kind::DidNotHelp, Severity::Page, about, &title)
        .line("Next", "people must look: more tasks may not be the cure; after three in a row Headroom stops")
}

/// The environment is stopped while a lease stands.
#[must_use]
pub fn stopped(about: &About<'_>, base: Bounds, stands: Bounds) -> Notice {
    let title = format!("{}: stopped at {stands}, the baseline is {base}", about.label);
    Notice::new(Kind::Stopped, Severity::Warn, about, &title)
        .line("Why", "the environment is stopped: no call is made, and nothing is given back")
        .line("Next", "said again every 15 minutes until it is resumed; then the lease is judged by its load")
}

/// AWS refuses a call.
#[must_use]
pub fn denied(about: &About<'_>, error: &str) -> Notice {
    let title = format!("{}: AWS refuses a call of Headroom", about.label);
    Notice::new(Kind::Denied, Severity::Page, about, &title)
        .line("Error", plain(error, 1_000))
        .line("Next", "tried again each minute; the plan stands until it can be carried out")
}

/// The changes as one sentence.
#[must_use]
pub fn sentence(changes: &[Change]) -> String {
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
