//! What the observer knows of each service and each invocation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use headroom_core::capacity::ServiceState;
use headroom_core::fleet::{Fleet, Mode, Remedy};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::{Kind, Notice};
use headroom_core::seen::{Question, Seen};
use headroom_core::signal::AlarmEvent;
use headroom_pipeline::Handled;
use headroom_simulator::world::{Look, World};

use super::bounds::Side;
use super::numbers::{Day, Numbers};
use crate::proof::flows::{End, Job};
use crate::proof::story::{Act, DAY, Kind as Fault, Plan, Port, SECRET, Story, clock};

/// Lines kept for a failure's timeline.
const LINES_MAX: usize = 400;

/// Twice a writer's lock: nothing of a plan is under way after it.
const PLANS_KEPT: i64 = 120;

/// Something that must not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Seconds after the start.
    pub(crate) at: i64,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

/// A look of an invocation at a service.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub(super) at: i64,
    pub(super) question: Question,
    pub(super) seen: Seen,
}

/// One service from outside.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) label: String,
    pub(super) environment: String,
    pub(super) ceiling: u32,
    pub(super) min: Side,
    pub(super) max: Side,
    pub(super) suspended: headroom_core::seen::Suspended,
    /// What the table holds.
    pub(super) state: ServiceState,
    /// When a lease was granted and when it must end, by source.
    pub(super) leases: BTreeMap<String, super::leases::Life>,
    /// The invocation that may be writing, since its plan was stored.
    pub(super) writer: Option<(u32, i64)>,
    /// When Headroom last wrote min, and what.
    pub(super) wrote_min: Option<(i64, u32)>,
    /// Since when no remedy of it may act; 0 is always.
    pub(super) quiet_since: Option<i64>,
    /// Since when somebody pauses it.
    pub(super) paused_since: Option<i64>,
}

/// The observer.
pub(crate) struct Observer {
    pub(super) start: i64,
    pub(super) fleet: Fleet,
    pub(super) watches: BTreeMap<ServiceId, Watch>,
    pub(super) looks: BTreeMap<u32, Vec<Looked>>,
    pub(super) sweeps: BTreeSet<u32>,
    /// When each invocation's newest plan for a service was stored.
    pub(super) planned: BTreeMap<(u32, ServiceId), i64>,
    pub(super) stopped: BTreeMap<String, i64>,
    /// What was charged, by UTC day, in the units of the table.
    pub(super) spent: BTreeMap<i64, u64>,
    /// Claims by scope and UTC hour.
    pub(super) claims: BTreeMap<(String, i64), u32>,
    /// Transitions that were handled: ARN, time, firing.
    pub(super) handled: BTreeSet<(String, i64, bool)>,
    /// Cases by key, and which of them each invocation is about to send.
    pub(super) cases: BTreeMap<CaseKey, super::disrupts::Case>,
    pub(super) sending: BTreeMap<(u32, ServiceId), CaseKey>,
    /// Cases of an environment in a minute, and when they became a storm.
    pub(super) came: BTreeMap<(String, i64), u32>,
    pub(super) storms: BTreeMap<(String, i64), i64>,
    /// Seconds in which nothing is replaced.
    pub(super) freeze: Option<(i64, i64)>,
    /// Incidents that people were told of.
    pub(super) opened: BTreeSet<String>,
    pub(crate) violation: Option<Violation>,
    pub(crate) lines: VecDeque<String>,
    pub(crate) numbers: Numbers,
}

pub(super) fn acts(fleet: &Fleet, id: &ServiceId) -> bool {
    let service = fleet.services.iter().find(|s| ServiceId::of(s) == *id);
    service.is_some_and(|s| s.remedies.iter().any(|r| r.mode == Mode::Act))
}

impl Observer {
    pub(crate) fn new(story: &Story, fleet: &Fleet, world: &World) -> Self {
        let watches = story.services.iter().filter_map(|plan| {
            let (id, look) = (plan.id(), world.look(&plan.id())?);
            let watch = Watch {
                label: format!("{}/s{}", plan.environment(), plan.number),
                environment: plan.environment().to_owned(),
                ceiling: plan.ceiling,
                min: Side::at(look.min),
                max: Side::at(look.max),
                suspended: headroom_core::seen::Suspended::default(),
                state: ServiceState::default(),
                leases: BTreeMap::new(),
                writer: None,
                wrote_min: None,
                quiet_since: (!acts(fleet, &id)).then_some(0),
                paused_since: None,
            };
            Some((id, watch))
        });
        let days = usize::try_from(story.minutes * 60 / DAY).unwrap_or(0);
        let services = story.services.len() as i64;
        let numbers = Numbers {
            days: vec![Day::default(); days],
            minutes: (story.minutes * services, story.service_minutes()),
            ..Numbers::default()
        };
        Self {
            start: world.seconds(),
            fleet: fleet.clone(),
            watches: watches.collect(),
            looks: BTreeMap::new(),
            sweeps: BTreeSet::new(),
            planned: BTreeMap::new(),
            stopped: BTreeMap::new(),
            spent: BTreeMap::new(),
            claims: BTreeMap::new(),
            handled: BTreeSet::new(),
            cases: BTreeMap::new(),
            sending: BTreeMap::new(),
            came: BTreeMap::new(),
            storms: BTreeMap::new(),
            freeze: story.freeze.map(|(from, until)| (world.seconds() + from * 60, world.seconds() + until * 60)),
            opened: BTreeSet::new(),
            violation: None,
            lines: VecDeque::new(),
            numbers,
        }
    }

    pub(super) fn line(&mut self, now: i64, text: &str) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{} {text}", clock(now - self.start)));
    }

    pub(super) fn violated(&mut self, now: i64, rule: &'static str, what: String) {
        if self.violation.is_none() {
            self.line(now, &format!("VIOLATED {rule}: {what}"));
            self.violation = Some(Violation { at: now - self.start, rule, what });
        }
    }

    fn day(&mut self, now: i64) -> Option<&mut Day> {
        let day = usize::try_from((now - self.start) / DAY).ok()?;
        self.numbers.days.get_mut(day)
    }

    /// The remedy behind a lease, as the fleet file now has it.
    pub(super) fn remedy(&self, id: &ServiceId, name: &str) -> Option<&Remedy> {
        let service = self.fleet.services.iter().find(|s| ServiceId::of(s) == *id)?;
        service.remedies.iter().find(|r| r.name == name)
    }

    /// The newest look of an invocation at a service.
    pub(super) fn look_of(&self, flow: u32, id: &ServiceId) -> Option<&Looked> {
        self.looks.get(&flow)?.iter().rev().find(|l| l.question.service == *id)
    }

    /// An invocation is the reconciler's.
    pub(crate) fn sweeping(&mut self, flow: u32) {
        self.sweeps.insert(flow);
    }

    pub(crate) fn alarm(&mut self, now: i64, event: &AlarmEvent) {
        self.numbers.alarms += 1;
        if let Some(day) = self.day(now) {
            day.events += 1;
        }
        self.line(now, &format!("alarm {} {}", event.name, event.state.name()));
    }

    /// `now` counts from the start.
    pub(crate) fn fault(&mut self, now: i64, port: Port, kind: Fault) {
        let now = now + self.start;
        if let Some(day) = self.day(now) {
            day.faults += 1;
        }
        self.line(now, &format!("fault {port:?} {kind:?}"));
    }

    pub(crate) fn acted(&mut self, now: i64, plan: &Plan, act: Act, fleet: &Fleet) {
        let name = match act {
            Act::Bounds { .. } => "bounds",
            Act::PutBack => "put-back",
            Act::Desired(_) => "desired",
            Act::Unpark => "unpark",
            Act::Silence(_) => "silence",
            Act::Blind(_) => "blind",
            Act::Stop(stopped) => {
                if stopped {
                    self.stopped.entry(plan.environment().to_owned()).or_insert(now);
                } else {
                    self.stopped.remove(plan.environment());
                }
                "stop"
            }
            Act::Pause(paused) => {
                if let Some(watch) = self.watches.get_mut(&plan.id()) {
                    watch.paused_since = paused.then(|| watch.paused_since.unwrap_or(now));
                }
                "pause"
            }
            Act::Ring => "ring",
            Act::Mode(_) => {
                self.fleet = fleet.clone();
                for (id, watch) in &mut self.watches {
                    let quiet = !acts(fleet, id);
                    watch.quiet_since = if quiet { watch.quiet_since.or(Some(now)) } else { None };
                }
                "mode"
            }
            Act::Deploy(_) => {
                if let Some(day) = self.day(now) {
                    day.deployments += 1;
                }
                "deploy"
            }
            Act::Kill(_) => "kill",
            Act::Sweep => "second-sweep",
        };
        *self.numbers.acts.entry(name).or_default() += 1;
        if !matches!(act, Act::Sweep)
            && let Some(day) = self.day(now)
        {
            day.events += 1;
        }
        self.line(now, &format!("act {}/s{} {act:?}", plan.environment(), plan.number));
    }

    /// Bounds as they are: what changed since the last write of Headroom is foreign.
    pub(crate) fn looked(&mut self, now: i64, id: &ServiceId, look: Look, who: &str) {
        let Some(watch) = self.watches.get_mut(id) else { return };
        let at_rest = watch.state.kept.is_none();
        let min = watch.min.others_wrote(look.min, now, at_rest);
        let max = watch.max.others_wrote(look.max, now, at_rest);
        if min || max {
            let text = format!("{who} {} bounds {}..{} desired {}", watch.label, look.min, look.max, look.desired);
            self.line(now, &text);
        }
    }

    pub(crate) fn asked(&mut self, now: i64, flow: u32, questions: &[Question], seen: &[Seen]) {
        let looks = self.looks.entry(flow).or_default();
        for (question, seen) in questions.iter().zip(seen) {
            looks.push(Looked { at: now, question: question.clone(), seen: seen.clone() });
        }
    }

    pub(crate) fn told(&mut self, now: i64, notice: &Notice) {
        *self.numbers.notices.entry(notice.kind.name()).or_default() += 1;
        self.line(now, &format!("notice {} {}", notice.kind.name(), notice.title));
        if matches!(notice.kind, Kind::Opened | Kind::Disrupted) {
            self.opened.insert(notice.incident.clone());
        }
        let holds = notice.lines.iter().any(|(label, text)| label.contains(SECRET) || text.contains(SECRET));
        if holds || notice.title.contains(SECRET) || notice.incident.contains(SECRET) {
            self.violated(now, "a notice holds no secret", notice.title.clone());
        }
    }

    pub(crate) fn ended(&mut self, now: i64, flow: u32, job: &Job, end: &End, again: bool) {
        self.looks.remove(&flow);
        self.sweeps.remove(&flow);
        // A call of a dead sender may still land.
        self.planned.retain(|_, at| now - *at < PLANS_KEPT);
        self.sending.retain(|(of, _), _| *of != flow);
        let word = match (job, end) {
            (Job::Alarm { event, .. }, End::Handled(handled)) => match handled {
                Handled::Unmatched(_) => "unmatched",
                Handled::Duplicate(..) | Handled::Recorded(..) => {
                    self.handled.insert((event.arn.clone(), event.at.as_millisecond(), event.firing()));
                    if matches!(handled, Handled::Duplicate(..)) { "duplicate" } else { "recorded" }
                }
            },
            (Job::Alarm { .. }, _) if again => "tried again",
            (Job::Alarm { .. }, _) => "dead-lettered",
            (Job::Sweep, End::Swept(_)) => "swept",
            (Job::Sweep, _) => "sweep failed",
        };
        *self.numbers.flows.entry(word).or_default() += 1;
        if word != "swept" {
            self.line(now, &format!("flow {flow} {word}: {end:?}"));
        }
    }
}
