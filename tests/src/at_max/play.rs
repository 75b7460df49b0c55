//! A service of the Langfuse fleet that comes to its max, and what people hear of it: in the world and with the engine
//! that `headroom local --headroom` serves.

use std::collections::BTreeSet;

use headroom_core::at_max::{Episode, Topic};
use headroom_core::entry::Entry;
use headroom_core::fleet::{self, Action, Connections, Dependency, Fleet, Mode, Watch, WhileHigh};
use headroom_core::notice::{Kind, Notice, Severity};
use headroom_local::engine::Engine;
use headroom_simulator::run::Loses;
use headroom_simulator::scenario;
use headroom_simulator::world::World;
use jiff::Timestamp;

/// Load that asks for two tasks, and load that asks for nine.
pub(crate) const CALM: &str = "1600/min 60ms";
pub(crate) const SURGE: &str = "8400/min 60ms";
const POLICIES: &str = "  track requests 1000 out 60s in 300s\n";

/// What differs from one play to another.
pub(crate) struct Setting<'a> {
    /// Lines of the scenario before its service.
    pub(crate) account: &'a str,
    pub(crate) tasks: u32,
    pub(crate) bounds: (u32, u32),
    pub(crate) policies: &'a str,
    /// `table` jumps from row to row, `table linear` climbs.
    pub(crate) shape: &'a str,
    /// Lines after it: other services.
    pub(crate) others: &'a str,
    /// Rows of the load, each a time of day and a demand.
    pub(crate) load: &'a [(&'a str, &'a str)],
    /// Whether events of Application Auto Scaling arrive.
    pub(crate) events: bool,
    pub(crate) mode: Mode,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self {
            account: "",
            tasks: 2,
            bounds: (2, 6),
            policies: POLICIES,
            others: "",
            shape: "table",
            load: &[("00:00", CALM), ("01:00", SURGE), ("02:00", CALM)],
            events: true,
            mode: Mode::Suggest,
        }
    }
}

pub(crate) struct Play {
    engine: Engine,
    told: Vec<(i64, Notice)>,
}

impl Play {
    pub(crate) fn new(setting: &Setting<'_>, change: impl FnOnce(&mut Fleet)) -> Self {
        let mut fleet = fleet(setting.mode);
        change(&mut fleet);
        let percent = if setting.events { 0 } else { 100 };
        let engine = Engine::new(world(setting), Some(fleet), true).losing(Loses { percent, seed: 1 });
        Self { engine, told: Vec::new() }
    }

    /// The same world; Headroom is called by the test.
    pub(crate) fn unwatched(setting: &Setting<'_>) -> Self {
        Self { engine: Engine::new(world(setting), None, false), told: Vec::new() }
    }

    pub(crate) fn world(&self) -> &World {
        self.engine.world()
    }

    pub(crate) fn minutes(mut self, minutes: i64) -> Self {
        (0..minutes * 60).for_each(|_| drop(self.engine.second()));
        assert_eq!(self.engine.failed(), 0, "flows of Headroom that failed");
        self.told.extend(self.engine.world().take_notices());
        self
    }

    pub(crate) fn told(&self, kind: Kind) -> usize {
        self.told.iter().filter(|(_, notice)| notice.kind == kind).count()
    }

    /// Threads that a kind was told in.
    pub(crate) fn incidents(&self, kind: Kind) -> usize {
        let of_kind = self.told.iter().filter(|(_, notice)| notice.kind == kind);
        of_kind.map(|(_, notice)| &notice.incident).collect::<BTreeSet<_>>().len()
    }

    /// Minutes after the start at which a kind was first told.
    pub(crate) fn first(&self, kind: Kind) -> Option<i64> {
        let found = self.told.iter().find(|(_, notice)| notice.kind == kind);
        found.map(|(at, _)| at.rem_euclid(86_400) / 60)
    }

    /// Oldest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut all = self.world().entries().unwrap();
        all.sort_by_key(|entry| entry.at);
        all
    }

    pub(crate) fn episodes(&self, topic: Topic) -> Vec<Episode> {
        let all = self.entries().into_iter().filter_map(|entry| entry.episode).map(|episode| *episode);
        all.filter(|episode| episode.topic == topic).collect()
    }

    /// The newest notice of a kind.
    pub(crate) fn newest(&self, kind: Kind) -> Notice {
        let found = self.told.iter().rev().find(|(_, notice)| notice.kind == kind);
        found
            .map(|(_, notice)| notice.clone())
            .unwrap_or_else(|| panic!("no {} in\n{}", kind.name(), self.transcript()))
    }

    /// Max of the scalable target now.
    pub(crate) fn max(&self) -> u32 {
        self.world().read(|all| all[0].target.max)
    }

    /// Every notice with its time, its first line, how loud it is, and the lines under it.
    pub(crate) fn transcript(&self) -> String {
        let mut text = String::new();
        for (at, notice) in &self.told {
            let time = Timestamp::from_second(*at).unwrap().strftime("%H:%M");
            let (kind, severity) = (notice.kind.name(), notice.severity.name());
            text.push_str(&format!("{time} {severity} {kind}  {}\n", notice.title));
            for (label, line) in &notice.lines {
                text.push_str(&format!("      {label}: {line}\n"));
            }
        }
        text
    }
}

fn world(setting: &Setting<'_>) -> World {
    let Setting { account, tasks, bounds: (min, max), policies, others, shape, load, .. } = setting;
    let rows: String = load.iter().map(|(at, demand)| format!("    {at} {demand}\n")).collect();
    let text = format!(
        "scenario at max\nstart 2026-11-23T00:00:00Z\ndays 1\n{account}service web\n  \
         ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web\n  target_group prod-eu-web\n  task 2 vcpu 4 GiB\n  \
         tasks {tasks}\n  starts 30s\n  healthy 10s\n  drain 20s\n  bounds {min}..{max}\n{policies}  load {shape}\n{rows}{others}"
    );
    scenario::read(&text, &|path| Err(path.to_owned())).unwrap().build().unwrap().world
}

/// Langfuse's prod-eu with nothing but its remedy at max.
pub(crate) fn fleet(mode: Mode) -> Fleet {
    let text = include_str!("../../../examples/langfuse/headroom.yaml");
    let mut fleet = fleet::parse(text, "examples/langfuse/headroom.yaml").unwrap();
    fleet.services.retain(|s| s.environment == "prod-eu");
    for service in &mut fleet.services {
        let own = service.remedies.iter().filter(|r| r.action == Action::RaiseMax).cloned();
        service.remedies = own.map(|remedy| fleet::Remedy { mode, ..remedy }).collect();
    }
    fleet
}

/// The same with a database of so many connections, 25 a task, on which these services depend.
pub(crate) fn with_database(fleet: &mut Fleet, max: u32, users: &[&str]) {
    fleet.dependencies = vec![Dependency {
        environment: "prod-eu".into(),
        name: "database".into(),
        line: 1,
        watch: Watch::Alarm { alarm: "database-cpu".into() },
        while_high: vec![WhileHigh::NoScaleOut],
        severity: Severity::Warn,
        connections: Some(Connections { per_task: 25, max }),
    }];
    for service in fleet.services.iter_mut().filter(|service| users.contains(&service.name.as_str())) {
        service.depends_on = vec!["database".to_owned()];
    }
}
