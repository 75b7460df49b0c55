//! One notice of every kind, built by the code that builds it in the flow; what opens and closes is the Langfuse
//! night's own.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use headroom_core::capacity::{Bounds, Ended, Lease, Remark};
use headroom_core::channel::{Around, Card, Digest, Member};
use headroom_core::decide::{Decision, Plan, Refusal};
use headroom_core::entry::Entry;
use headroom_core::id::DecisionId;
use headroom_core::notice::{self, About, Kind, Notice, Severity};
use headroom_core::release::Judged;
use headroom_core::remedy::{Disrupts, Sick};
use headroom_core::schedule::Window;
use headroom_core::signal::AlarmState;
use headroom_core::signal::alarm::WatchedMetric;
use headroom_core::time::Seconds;
use headroom_simulator::deploy::{Release, digest_of};
use headroom_simulator::ecs::Update;

use crate::at_max::scenarios;
use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web};
use crate::night;
use crate::releases::play::Play;

/// What the night told, and the entry behind it.
pub(crate) struct Story {
    messages: Vec<Notice>,
    opening: Entry,
}

impl Story {
    pub(crate) async fn of_the_night() -> Self {
        let (world, _) = night::played().await;
        let mut messages = world.messages();
        messages.extend(ROLLBACKS.get_or_init(rollbacks).iter().cloned());
        messages.extend(EPISODES.get_or_init(scenarios::one_of_each).iter().cloned());
        let opened = messages.iter().find(|m| m.kind == Kind::Opened).expect("the night opens an incident");
        let opening = world.entries().into_iter().find(|e| e.decision == opened.decision).expect("its entry");
        // CloudWatch names the metric and sends a datapoint for each period that it evaluated; the night's events are
        // shorter.
        let mut opening = opening;
        let event = opening.event.as_mut().expect("an alarm's case");
        event.datapoints = vec![88.0, 95.0];
        event.metric = Some(cpu());
        Self { opening, messages }
    }

    fn plan(&self) -> &Plan {
        match &self.opening.judgement.as_ref().expect("judged").decision {
            Decision::Act(plan) => plan,
            Decision::Wait { .. } | Decision::Refuse(_) => panic!("the night acts"),
        }
    }

    fn lease(&self) -> &Lease {
        &self.plan().grant().expect("a lease").lease
    }

    fn first(&self, kind: Kind) -> Notice {
        self.messages.iter().find(|m| m.kind == kind).cloned().expect("the night tells it")
    }

    /// The notice of a kind; a digest is a card of its own.
    pub(crate) fn notice(&self, kind: Kind) -> Option<Notice> {
        let decision = &self.opening.decision;
        let incident = self.lease().incident.as_str();
        let about = About { incident, label: "prod-eu/web", decision, now: at(FIRES + 600) };
        let whole = DecisionId("D-00000".to_owned());
        let environment =
            About { incident: "prod-eu/storm@2026-11-23T02:00Z", label: "prod-eu", decision: &whole, ..about };
        let itself = About { incident: "headroom/self/dead-letters", label: "headroom", decision: &whole, ..about };
        let bounds = |min, max| Bounds { min, max, scale_in_suspended: false };
        let found = |remark| notice::remarked(&about, &remark);
        Some(match kind {
            Kind::Opened
            | Kind::Closed
            | Kind::RollingBack
            | Kind::RolledBack
            | Kind::Inconclusive
            | Kind::NotRolledBack
            | Kind::Quarantined
            | Kind::NearMax
            | Kind::AtMax
            | Kind::AtMaxGoesOn
            | Kind::AtMaxPaged
            | Kind::AtMaxBlocked
            | Kind::ScalingFailed
            | Kind::StillHigh
            | Kind::Flapping
            | Kind::EpisodeOver => self.first(kind),
            Kind::Grown => {
                let need = self.opening.judgement.as_ref().and_then(|j| j.need);
                let judged = Judged::Renewed { from: 3, to: 5, need, until: at(FIRES + 3_600) };
                notice::grown(&about, self.lease(), &judged)?
            }
            Kind::HardEnd => {
                let judged = Judged::Ended { why: Ended::HardEnd, need: None, age: Seconds(14_400) };
                notice::closed(&about, self.lease(), bounds(2, 10), None, Ended::HardEnd, &judged)
            }
            Kind::PutBack => found(Remark::PutBack { found: bounds(2, 10) })?,
            Kind::Drift => {
                let member = "min".to_owned();
                found(Remark::ForeignRespected { member, found: bounds(4, 10), scheduled: false, again: true })?
            }
            Kind::Held => found(Remark::HeldByPerson { desired: 14, found: bounds(2, 10) })?,
            Kind::LimitReached => {
                let refusal = Refusal::LimitReached { scope: "prod-eu/web".to_owned(), used: 6, limit: 6 };
                notice::refused(&about, "cpu-high", &refusal)?
            }
            Kind::BreakerOpen => notice::refused(&about, "cpu-high", &Refusal::CircuitBreaker { times: 3 })?,
            Kind::DidNotHelp => notice::did_not_help(&about, "cpu-high", "CPU 93 %"),
            Kind::Denied => {
                let error = "ecs DescribeServices: AccessDeniedException: User: arn:aws:sts::222222222222:assumed-role/\
                             headroom is not authorized to perform: ecs:DescribeServices (HTTP 400)";
                notice::denied(&about, error)
            }
            Kind::Stopped => notice::stopped(&about, bounds(2, 10), bounds(3, 10)),
            Kind::Disrupted => {
                let task = "arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/0f3a".to_owned();
                notice::disrupted(&about, &Disrupts::StopTask { task, sick: Sick::OutOfMemory }, "prod-eu-web-oom", 2)
            }
            Kind::Failed => notice::failed(&about, "stop-task 0f3a", "ClusterNotFoundException: Cluster not found."),
            Kind::Suggested => {
                let judgement = self.opening.judgement.as_ref().expect("judged");
                notice::suggested(&about, "cpu-high", self.plan(), judgement, at(FIRES + 1_800))
            }
            Kind::WouldAct => {
                let judgement = self.opening.judgement.as_ref().expect("judged");
                notice::would_act(&about, "cpu-high", self.plan(), judgement)
            }
            Kind::Told => notice::told(&about, "cpu-high", self.opening.event.as_ref()?),
            Kind::Storm => notice::storm(&environment, 37),
            Kind::PrewarmLate | Kind::PrewarmComplete => {
                let window = Window { opens: at(FIRES + 300), closes: at(FIRES + 36_300) };
                let (source, floor) = ("schedule/office-hours".to_owned(), 6);
                let lease = Lease { source: source.clone(), window: Some(window), ..self.lease().clone() };
                let remark = if kind == Kind::PrewarmLate {
                    Remark::Short {
                        source,
                        why: vec![
                            "(service prod-eu-web) was unable to place a task. Reason: Capacity is unavailable at this \
                             time. Please try again later or in a different availability zone."
                                .to_owned(),
                        ],
                        stopped: Vec::new(),
                        running: 4,
                        healthy: None,
                        targets: None,
                        floor,
                    }
                } else {
                    Remark::Whole { source, after: Seconds(540), running: 6, floor }
                };
                notice::proved("prod-eu/web", &lease, &remark, bounds(6, 10), Severity::Page, about.now)?
            }
            Kind::Itself => {
                let mut alarm = cpu_alarm(AlarmState::Alarm, at(FIRES), 1.0);
                alarm.name = "headroom-dead-letters".to_owned();
                alarm.reason =
                    Some("Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).".to_owned());
                notice::itself(&itself, &alarm, true)
            }
            Kind::Digest => return None,
        })
    }

    /// The card of a kind.
    pub(crate) fn card(&self, kind: Kind) -> Card {
        let Some(notice) = self.notice(kind) else { return digest() };
        let (severity, fleet) = (notice.severity, langfuse_web());
        let service = (notice.service == "prod-eu/web").then_some(&fleet.services[0]);
        let entry = service.map(|_| &self.opening);
        Card::of(&notice, severity, Around { service, entry, redact: false })
    }
}

/// What services at their max tell, played once for all tests.
static EPISODES: OnceLock<Vec<Notice>> = OnceLock::new();

/// Played once for all suites.
static ROLLBACKS: OnceLock<Vec<Notice>> = OnceLock::new();

/// What days with bad deployments tell.
fn rollbacks() -> Vec<Notice> {
    let told = |play: &Play, kinds: &[Kind]| -> Vec<Notice> {
        kinds.iter().filter_map(|kind| play.told(*kind).first().map(|&notice| notice.clone())).collect()
    };
    let mut again = Play::with(&[("web", 2_000)], |fleet| {
        fleet.limits.rollbacks_per_day_service = 5;
        fleet.limits.rollbacks_per_day_environment = 5;
    });
    again.deploy("bad", 8.0);
    again.minutes(60);
    let bad = Update { task_definition: Some("prod-eu-web:2".into()), ..Update::default() };
    again.world().update_service(0, bad).expect("a service");
    again.minutes(60);
    let mut two = Play::new(2_000);
    two.deploy("first", 8.0);
    two.minutes(2);
    two.deploy("second", 8.0);
    two.minutes(30);
    let mut moved = Play::new(2_000);
    moved.deploy("two", 0.0);
    moved.minutes(40);
    moved.deploy("bad", 8.0);
    let bad = Release { errors_percent: 8.0, ..Release::sound(&digest_of("bad")) };
    moved.world().push_image("prod-eu-web:two", bad);
    moved.minutes(20);
    let mut all = told(&again, &[Kind::RollingBack, Kind::RolledBack, Kind::Quarantined]);
    all.extend(told(&two, &[Kind::Inconclusive]));
    all.extend(told(&moved, &[Kind::NotRolledBack]));
    all
}

pub(super) fn cpu() -> WatchedMetric {
    WatchedMetric {
        namespace: "AWS/ECS".to_owned(),
        name: "CPUUtilization".to_owned(),
        stat: Some("Average".to_owned()),
        period: Some(60),
        dimensions: Vec::new(),
        account: None,
    }
}

fn digest() -> Card {
    let digest =
        Digest { environment: "prod-eu".to_owned(), since: at(FIRES - 31), until: at(FIRES + 29), quiet: false };
    let told = (0..980).map(|n| Member { severity: Severity::Warn, kind: Kind::Told, key: n.to_string() });
    let denied = Member { severity: Severity::Page, kind: Kind::Denied, key: "d".to_owned() };
    let members: BTreeSet<String> = told.chain([denied]).map(|member| member.text()).collect();
    digest.card(&members)
}
