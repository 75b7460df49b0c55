//! A scene: everything that one decision stands on.

use std::fmt::Write;

use headroom_core::capacity::State;
use headroom_core::control::Control;
use headroom_core::decide::{Context, Decision, Guard, Judgement, decide_by, match_alarm};
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::CaseKey;
use headroom_core::quota::VcpuQuota;
use headroom_core::seen::{
    AlarmSeen, Load, PolicySeen, Primary, Reading, Seen, ServiceSeen, Suspended, TargetSeen, TaskSeen,
};
use headroom_core::signal::{AlarmEvent, AlarmState};
use jiff::Timestamp;

use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web};

/// Everything that one decision stands on.
pub(super) struct Scene {
    pub(super) fleet: Fleet,
    pub(super) event: AlarmEvent,
    pub(super) state: State,
    pub(super) seen: Seen,
    pub(super) used: (u32, u32),
    pub(super) spent: u32,
    pub(super) cases: u32,
    pub(super) beside: u32,
    pub(super) control: Control,
    pub(super) later: bool,
    pub(super) now: Timestamp,
}

/// The remedies that this release decides on.
pub(super) fn decided() -> impl Iterator<Item = Action> {
    Action::ALL.into_iter().filter(|action| *action != Action::Rollback)
}

/// The night with this action behind `cpu-high`, in which it acts.
pub(super) fn acts(action: Action) -> Scene {
    let mut scene = night();
    let remedy = &mut scene.fleet.services[0].remedies[0];
    remedy.action = action;
    match action {
        Action::ScaleOut | Action::Rollback => return scene,
        Action::RaiseMax => {
            scene.service(|s| (s.desired, s.running) = (10, 10));
            scene.seen.load = Reading::Known(Load { value: 95.0, tasks: Some(10), at: at(FIRES - 60) });
        }
        Action::StopTask => {
            let tasks = (1..=5).map(|n| TaskSeen { unhealthy: n == 3, ..well(n) }).collect();
            scene.seen.tasks = Reading::Known(tasks);
        }
        Action::SuspendScaleIn | Action::ForceNewDeployment | Action::NotifyOnly => {}
    }
    scene.fleet.services[0].remedies[0].sizing = None;
    scene
}

/// A task that runs since an hour.
pub(super) fn well(n: u32) -> TaskSeen {
    TaskSeen {
        arn: format!("arn:aws:ecs:eu-west-1:222222222222:task/prod-eu-cluster/{n}"),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        unhealthy: false,
        out_of_memory: false,
        protected: false,
        created: Some(at(FIRES - 3_600)),
    }
}

fn with_cost_limit() -> Fleet {
    let mut fleet = langfuse_web();
    fleet.limits.added_cost_per_day_usd = Some(50.0);
    fleet
}

fn night() -> Scene {
    let primary = Primary { id: "ecs-svc/1".into(), task_definition: "task-definition/prod-eu-web:41".into() };
    Scene {
        fleet: with_cost_limit(),
        event: cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0),
        state: State::default(),
        seen: Seen {
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
            target: Reading::Known(TargetSeen { min: 2, max: 10, suspended: Suspended::default(), by_desired: false }),
            policies: Reading::Known(vec![policy("ALBRequestCountPerTarget")]),
            load: Reading::Known(Load { value: 95.0, tasks: Some(2), at: at(FIRES - 60) }),
            alarm: Reading::Known(AlarmSeen { state: AlarmState::Alarm, actions_enabled: true }),
            scheduled: Vec::new(),
            tasks: Reading::Known((1..=2).map(well).collect()),
            needs: Vec::new(),
            quota: Reading::Known(VcpuQuota { used: 138.0, limit: 200.0 }),
            at_max: None,
        },
        used: (0, 0),
        spent: 11_800,
        cases: 0,
        beside: 0,
        control: Control::default(),
        later: false,
        now: at(FIRES + 1),
    }
}

pub(super) fn policy(tracks: &str) -> PolicySeen {
    PolicySeen {
        name: "p".into(),
        tracks: Some(tracks.into()),
        target: Some(70.0),
        scales_in: true,
        label: None,
        predictive: false,
    }
}

impl Scene {
    pub(super) fn service(&mut self, change: impl FnOnce(&mut ServiceSeen)) {
        if let Reading::Known(service) = &mut self.seen.service {
            change(service);
        }
    }

    pub(super) fn target(&mut self, change: impl FnOnce(&mut TargetSeen)) {
        if let Reading::Known(target) = &mut self.seen.target {
            change(target);
        }
    }

    /// Decides by the remedy's own guards, without one of them where it is taken away.
    pub(super) fn decide(&self, without: Option<Guard>) -> Judgement {
        let matched = match_alarm(&self.fleet, &self.event).unwrap();
        let key = CaseKey("k".into());
        let context = Context {
            fleet: &self.fleet,
            service: matched.service,
            remedy: matched.remedy,
            event: &self.event,
            key: &key,
            later: self.later,
            state: &self.state,
            control: &self.control,
            used: self.used,
            spent: self.spent,
            cases: self.cases,
            came: (self.event.at, self.cases.max(self.beside)),
            now: self.now,
        };
        let guards = matched.remedy.action.guards().iter().copied().filter(|g| Some(*g) != without);
        decide_by(&guards.collect::<Vec<_>>(), &context, &self.seen)
    }
}

/// What a decision is called in the journal.
pub(super) fn name(decision: &Decision) -> &'static str {
    match decision {
        Decision::Act(_) => "act",
        Decision::Wait { why, .. } => why.name(),
        Decision::Refuse(why) => why.name(),
    }
}

/// The script's text: what each guard answered, and the decision.
pub(super) fn text(title: &str, judgement: &Judgement) -> String {
    let mut text = format!("== {title}\n");
    for answer in &judgement.guards {
        let stop = if answer.passed { "    " } else { "STOP" };
        writeln!(text, "{stop} {:<13} {}", answer.guard.name(), answer.saw).unwrap();
    }
    let need = judgement.need.map(|need| format!(": {need}")).unwrap_or_default();
    match &judgement.decision {
        Decision::Act(plan) => writeln!(text, "ACT {plan}{need}"),
        Decision::Wait { until, why } => writeln!(text, "WAIT until {until:.0}: {why}{need}"),
        Decision::Refuse(why) => writeln!(text, "REFUSE {}: {why}{need}", why.name()),
    }
    .unwrap();
    text
}
