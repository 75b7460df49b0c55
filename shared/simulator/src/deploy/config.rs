//! `deploymentConfiguration` of a service.

/// What a deployment does to its tasks and to traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Replaces tasks a few at a time; both revisions serve meanwhile.
    #[default]
    Rolling,
    /// A whole second set, then traffic moves at once, then the old set stays for a while (AWS_FACTS 1.4).
    BlueGreen {
        /// bakeTimeInMinutes, in seconds.
        bake: u32,
    },
    /// As blue/green, but traffic moves in equal steps.
    Linear {
        /// stepPercent, in tenths of a percent.
        step: u32,
        /// stepBakeTimeInMinutes, in seconds: between two steps.
        step_bake: u32,
        /// bakeTimeInMinutes, in seconds: after the last one.
        bake: u32,
    },
    /// As blue/green, but a small share of the traffic goes first.
    Canary {
        /// canaryPercent, in tenths of a percent.
        share: u32,
        /// canaryBakeTimeInMinutes, in seconds: before the rest follows.
        share_bake: u32,
        /// bakeTimeInMinutes, in seconds: after it.
        bake: u32,
    },
}

/// All production traffic, in tenths of a percent.
pub(super) const ALL_TRAFFIC: u32 = 1_000;

impl Strategy {
    /// Seconds that both sets stay after all traffic has moved.
    #[must_use]
    pub fn bake(self) -> u32 {
        match self {
            Self::Rolling => 0,
            Self::BlueGreen { bake } | Self::Linear { bake, .. } | Self::Canary { bake, .. } => bake,
        }
    }

    /// The share that the new set gets when it has so much, in tenths of a percent, and for how many seconds.
    pub(super) fn next_share(self, has: u32) -> (u32, u32) {
        let (share, wait) = match self {
            Self::Rolling | Self::BlueGreen { .. } => (ALL_TRAFFIC, 0),
            Self::Linear { step, step_bake, .. } => (has.saturating_add(step.max(1)), step_bake),
            Self::Canary { share, share_bake, .. } if has == 0 => (share.max(1), share_bake),
            Self::Canary { .. } => (ALL_TRAFFIC, 0),
        };
        (share.min(ALL_TRAFFIC), wait)
    }
}

/// The deployment circuit breaker (AWS_FACTS 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Whether it rolls back.
    pub rollback: bool,
}

/// Deployment alarms (AWS_FACTS 1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentAlarms {
    /// Alarm names.
    pub names: Vec<String>,
    /// Whether one in ALARM rolls back.
    pub rollback: bool,
}

/// A stage of a blue/green deployment, in order (AWS_FACTS 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// RECONCILE_SERVICE
    ReconcileService,
    /// PRE_SCALE_UP
    PreScaleUp,
    /// SCALE_UP
    ScaleUp,
    /// POST_SCALE_UP
    PostScaleUp,
    /// TEST_TRAFFIC_SHIFT
    TestTrafficShift,
    /// POST_TEST_TRAFFIC_SHIFT
    PostTestTrafficShift,
    /// PRODUCTION_TRAFFIC_SHIFT
    ProductionTrafficShift,
    /// POST_PRODUCTION_TRAFFIC_SHIFT
    PostProductionTrafficShift,
    /// BAKE_TIME
    BakeTime,
    /// CLEAN_UP
    CleanUp,
}

impl Lifecycle {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    pub(super) fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }
}

/// A PAUSE hook: holds the deployment until somebody answers (ContinueServiceDeployment), or its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Where.
    pub stage: Lifecycle,
    /// timeoutInMinutes.
    pub timeout_minutes: u32,
    /// Whether its time-out rolls back, as by default, or continues.
    pub rollback: bool,
}

impl Pause {
    /// With AWS's defaults: a day, then back (AWS_FACTS 1.4).
    #[must_use]
    pub fn at(stage: Lifecycle) -> Self {
        Self { stage, timeout_minutes: 1_440, rollback: true }
    }
}

/// A service's deployment configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// minimumHealthyPercent.
    pub healthy_percent_min: u32,
    /// maximumPercent.
    pub percent_max: u32,
    /// Circuit breaker, when it is on.
    pub breaker: Option<Breaker>,
    /// Alarms, when they are on.
    pub alarms: Option<DeploymentAlarms>,
    /// Strategy.
    pub strategy: Strategy,
    /// PAUSE hooks, for blue/green.
    pub pauses: Vec<Pause>,
}

impl Default for Config {
    /// AWS's defaults for a replica service: 100 and 200 percent, rolling, nothing watched.
    fn default() -> Self {
        Self {
            healthy_percent_min: 100,
            percent_max: 200,
            breaker: None,
            alarms: None,
            strategy: Strategy::Rolling,
            pauses: Vec::new(),
        }
    }
}

impl Config {
    /// Healthy tasks that a rolling deployment keeps: rounded up, as ECS does.
    #[must_use]
    pub fn healthy_min(&self, desired: u32) -> u32 {
        let least = (u64::from(desired) * u64::from(self.healthy_percent_min)).div_ceil(100);
        u32::try_from(least).unwrap_or(u32::MAX)
    }

    /// Tasks that may run or start at a time: rounded down, as ECS does.
    #[must_use]
    pub fn tasks_max(&self, desired: u32) -> u32 {
        let most = u64::from(desired) * u64::from(self.percent_max) / 100;
        u32::try_from(most).unwrap_or(u32::MAX).max(desired)
    }

    /// Failed tasks that trip the circuit breaker (AWS_FACTS 1.2).
    #[must_use]
    pub fn failures_max(desired: u32) -> u32 {
        desired.div_ceil(2).clamp(3, 200)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_circuit_breakers_threshold_is_half_of_desired_but_3_to_200() {
        assert_eq!([1, 6, 7, 100, 1_000].map(Config::failures_max), [3, 3, 4, 50, 200]);
    }

    #[test]
    fn traffic_moves_at_once_in_equal_steps_or_a_small_share_first() {
        let shares = |strategy: Strategy| {
            let next = |has: &u32| Some(strategy.next_share(*has).0).filter(|_| *has < ALL_TRAFFIC);
            std::iter::successors(Some(0), next).skip(1).collect::<Vec<_>>()
        };
        assert_eq!(shares(Strategy::BlueGreen { bake: 60 }), [1_000]);
        assert_eq!(shares(Strategy::Linear { step: 300, step_bake: 60, bake: 60 }), [300, 600, 900, 1_000]);
        assert_eq!(shares(Strategy::Canary { share: 50, share_bake: 60, bake: 60 }), [50, 1_000]);
    }

    #[test]
    fn minimum_healthy_rounds_up_and_maximum_percent_down() {
        let config = Config { healthy_percent_min: 50, percent_max: 150, ..Config::default() };
        assert_eq!((config.healthy_min(3), config.tasks_max(3)), (2, 4));
    }

    #[test]
    fn stages_follow_one_another_to_the_end() {
        let mut stage = Lifecycle::ReconcileService;
        let mut seen = 1;
        while let Some(next) = stage.next() {
            (stage, seen) = (next, seen + 1);
        }
        assert_eq!((stage, seen), (Lifecycle::CleanUp, Lifecycle::ALL.len()));
    }
}
