//! A story: everything that happens in one world. The same story gives the same life, and it can be cut.

use std::fmt;

use headroom_core::fleet::Mode;
use headroom_core::id::ServiceId;
use headroom_simulator::delivery::Chances;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// After the longest hard end: two looks of the reconciler, a lock of a dead writer, a cooldown's rest.
const REST_MINUTES: i64 = 15;

/// What happens in one world.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Story {
    /// Of start times, noise, deliveries and interleavings.
    pub(crate) seed: u64,
    /// Minutes of trouble; afterwards it is quiet until everything must be back.
    pub(crate) minutes: i64,
    pub(crate) services: Vec<Plan>,
    /// Changes per hour: of a service, of an environment.
    pub(crate) limits: (u32, u32),
    /// Modes of the two environments at the start.
    pub(crate) modes: [Mode; 2],
    pub(crate) acts: Vec<Happens>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) chances: Chances,
    /// Minutes in which nothing that runs may be replaced, from and until.
    pub(crate) freeze: Option<(i64, i64)>,
    /// USD that leases may cost in a day.
    pub(crate) cost: Option<&'static str>,
    /// vCPU that each account may run at a time, while there is trouble; a task has one.
    pub(crate) quota: Option<u32>,
}

/// One service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Stays when other services are dropped.
    pub(crate) number: u32,
    pub(crate) environment: usize,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) ceiling: u32,
    pub(crate) tasks: u32,
    /// Lines of the scenario: policies, schedules, noise, alarms, load.
    pub(crate) lines: Vec<String>,
    pub(crate) remedies: Vec<Cure>,
    /// Whether it needs what the alarm of the first service stands for.
    pub(crate) depends: bool,
}

/// One remedy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cure {
    pub(crate) name: String,
    /// As the fleet file has it.
    pub(crate) yaml: String,
    pub(crate) hard_end_minutes: i64,
}

/// Something that somebody does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happens {
    /// Seconds after the start.
    pub(crate) at: i64,
    /// Number of the service.
    pub(crate) service: u32,
    pub(crate) act: Act,
}

/// What others than Headroom do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Act {
    /// A person sets MinCapacity, MaxCapacity or both.
    Bounds { min: Option<u32>, max: Option<u32> },
    /// Terraform writes the bounds of its file again.
    PutBack,
    /// A person sets the desired count.
    Desired(u32),
    /// A person sets a desired count inside the bounds again.
    Unpark,
    /// Metrics stop arriving, or arrive again.
    Silence(bool),
    /// GetMetricData is refused for the service, or answers again; its alarms go on.
    Blind(bool),
    /// Somebody stops Headroom in the service's environment, or lets it go on.
    Stop(bool),
    /// Somebody pauses the service, or lets it go on.
    Pause(bool),
    /// Somebody sets every alarm of the service's environment to ALARM; the next evaluation sets them back.
    Ring,
    /// A fleet file with another mode for the service's environment is rolled out.
    Mode(Mode),
    /// A new revision is deployed.
    Deploy(Build),
    /// So many healthy tasks crash.
    Kill(u32),
    /// The reconciler wakes a second time: EventBridge Scheduler delivers at least once.
    Sweep,
}

/// What is in a new revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    Sound,
    /// It answers with errors.
    Errors,
    /// Each request costs more.
    Heavy,
    Crashes,
    Unhealthy,
    NoImage,
}

/// How a call through a port goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Refused for now; no effect.
    Throttled,
    /// 5xx; no effect, but nobody can know.
    Unavailable,
    /// The connection breaks; no effect.
    Reset,
    /// The answer comes so many seconds late.
    Slow(u8),
    /// It takes effect and fails all the same.
    TimedOut,
    /// The process dies before it takes effect.
    Died,
    /// It takes effect and the process dies.
    DiedAfter,
    /// The process dies, and the call takes effect so many seconds later.
    Lands(u8),
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "5xx",
            Self::Reset => "reset",
            Self::Slow(_) => "slow",
            Self::TimedOut => "timed-out",
            Self::Died => "died",
            Self::DiedAfter => "died-after",
            Self::Lands(_) => "lands-late",
        }
    }
}

/// Which calls a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Port {
    Any,
    Ask,
    Load,
    Due,
    Write,
    Apply,
    Publish,
}

/// The n-th call of a port from a time on goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Seconds after the start.
    pub(crate) from: i64,
    pub(crate) port: Port,
    /// 1 is the next.
    pub(crate) nth: u32,
    pub(crate) kind: Kind,
}

/// Names and accounts of the environments.
const ENVIRONMENTS: [(&str, &str, &str); 2] =
    [("e0", "222222222222", "eu-west-1"), ("e1", "333333333333", "us-west-2")];
/// What no notice and no entry may hold: the reference to a secret that the fleet file names.
pub(crate) const SECRET: &str = "secretsmanager:proof/never-tell";

impl Plan {
    pub(crate) fn environment(&self) -> &'static str {
        ENVIRONMENTS[self.environment].0
    }

    pub(crate) fn id(&self) -> ServiceId {
        let (environment, account, region) = ENVIRONMENTS[self.environment];
        ServiceId {
            account: account.into(),
            region: region.into(),
            cluster: format!("{environment}-cluster"),
            service: format!("{environment}-s{}", self.number),
        }
    }
}

impl Story {
    /// The fleet file, with these modes of the environments.
    pub(crate) fn fleet(&self, modes: [Mode; 2]) -> String {
        let mut text = String::from("version: 1\nfleet: proof\nmode: observe\nenvironments:\n");
        for ((name, account, region), mode) in ENVIRONMENTS.iter().zip(modes) {
            text += &format!("  - {{ name: {name}, account: \"{account}\", region: {region}, mode: {mode} }}\n");
        }
        text += "defaults:\n  cluster: \"{environment}-cluster\"\n  service: \"{environment}-{name}\"\n";
        text += "  target_group: \"{environment}-{name}\"\n  scaling: { cpu: 70%, requests_per_target: 600 }\n";
        text += "  task: { vcpu: 1, memory_gib: 2, architecture: x86_64 }\n";
        text += "services:\n";
        for plan in &self.services {
            let Plan { number, min, max, ceiling, .. } = plan;
            let names: Vec<&str> = plan.remedies.iter().map(|c| c.name.as_str()).collect();
            text += &format!("  s{number}: {{ capacity: {{ min: {min}, max: {max}, ceiling: {ceiling} }}, ");
            let depends = if plan.depends { "depends_on: [shared], " } else { "" };
            text += &format!("{depends}remedies: [{}] }}\n", names.join(", "));
        }
        if self.services.iter().any(|p| !p.remedies.is_empty()) {
            text += "remedies:\n";
        }
        for cure in self.services.iter().flat_map(|p| &p.remedies) {
            text += &format!("  {}: {}\n", cure.name, cure.yaml);
        }
        if self.services.iter().any(|p| p.depends) {
            text += "dependencies:\n  shared: { alarm: \"{environment}-s0-burning\", while_high: [no-scale-out] }\n";
        }
        if let Some((from, until)) = self.freeze {
            let moment = |minute: i64| {
                format!("2026-11-{}T{:02}:{:02}:00+00:00", 23 + minute / 1_440, minute / 60 % 24, minute % 60)
            };
            text += &format!("freezes:\n  hands-off: {{ from: \"{}\", until: \"{}\" }}\n", moment(from), moment(until));
        }
        let (service, environment) = self.limits;
        let cost = self.cost.map(|usd| format!(", added_cost_per_day: {usd} USD")).unwrap_or_default();
        text +=
            &format!("limits: {{ changes_per_hour: {{ service: {service}, environment: {environment} }}{cost} }}\n");
        text += &format!("channels:\n  ops: {{ kind: slack, channel: \"#ops\", token: \"{SECRET}\" }}\n");
        text + "routes:\n  - { to: [ops] }\n"
    }

    /// The world as a scenario file.
    pub(crate) fn scenario(&self) -> String {
        let mut text =
            format!("scenario proof {}\nstart 2026-11-23T00:00:00Z\ndays 1\nseed {}\n", self.seed, self.seed);
        if let Some(vcpu) = self.quota {
            text += &format!("quota {vcpu} vcpu\n");
        }
        for plan in &self.services {
            let id = plan.id();
            let Plan { number, min, max, tasks, .. } = plan;
            text += &format!("service s{number}\n  ecs {} {} {}/{}\n", id.account, id.region, id.cluster, id.service);
            text += &format!("  target_group {}\n  bounds {min}..{max}\n  tasks {tasks}\n", id.service);
            text += &plan.lines.iter().map(|l| format!("  {l}\n")).collect::<String>();
            // When the trouble ends, so does the load.
            text += &format!("    ramp {}..{} x0.02\n", hours(self.minutes), hours(self.minutes + 2));
        }
        text + "headroom headroom.yaml\n"
    }

    /// When everything must be back, in minutes after the start.
    pub(crate) fn rest_at(&self) -> i64 {
        let longest = self.services.iter().flat_map(|p| &p.remedies).map(|c| c.hard_end_minutes).max();
        self.minutes + longest.unwrap_or(0) + REST_MINUTES
    }

    /// Service-days that a life of it simulates, in service-minutes.
    pub(crate) fn service_minutes(&self) -> i64 {
        self.rest_at() * self.services.len() as i64
    }
}

/// `d2/14:03`.
fn hours(minute: i64) -> String {
    format!("d{}/{:02}:{:02}", minute / 1_440 + 1, minute / 60 % 24, minute % 60)
}

/// `d2/14:03:10`.
pub(crate) fn clock(second: i64) -> String {
    let (day, of_day) = (second.div_euclid(DAY) + 1, second.rem_euclid(DAY));
    format!("d{day}/{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

impl fmt::Display for Story {
    /// Everything that is needed to live it again by hand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {} minutes of trouble, deliveries {:?}", self.minutes, self.chances)?;
        writeln!(f, "{}\n# headroom.yaml\n{}", self.scenario(), self.fleet(self.modes))?;
        for happens in &self.acts {
            writeln!(f, "{} s{} {:?}", clock(happens.at), happens.service, happens.act)?;
        }
        for Fault { from, port, nth, kind } in &self.faults {
            writeln!(f, "{} call {nth} of {port:?} from then on: {kind:?}", clock(*from))?;
        }
        Ok(())
    }
}
