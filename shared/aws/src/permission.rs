//! What each port may call: the statement stands beside the code that makes the call, and IAM is generated
//! from it.

/// A group of IAM actions on one kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Name of the statement, letters and digits.
    pub sid: &'static str,
    /// IAM actions, `service:Operation`.
    pub actions: &'static [&'static str],
    /// What they may be used on.
    pub on: Resource,
    /// Whether it changes the fleet: granted in mode `act` only (invariant 7).
    pub mutates_fleet: bool,
    /// Why it is needed; for an action that AWS checks and we never call, that too.
    pub reason: &'static str,
}

/// What a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The journal's table.
    Table,
    /// The journal's `due` index.
    TableIndex,
    /// The journal's index of entries, which people and the notifier read.
    EntriesIndex,
    /// Secrets under `headroom/`.
    Secrets,
    /// Topics that notices go to by routes: Headroom's own of mail, and others whose name begins with `headroom-`.
    ChannelTopics,
    /// The queue behind the notices topic.
    NoticesQueue,
    /// The dead letters.
    DeadLetters,
    /// The notices topic.
    Topic,
    /// ECS services of the account and region.
    EcsServices,
    /// ECS services with their deployments and revisions, of the account and region.
    Deployments,
    /// Deployments of ECS services of the account and region. IAM knows no tag of theirs: they have none of their own,
    /// and no page says that their service's stand for them.
    ServiceDeployments,
    /// Image repositories of the account and region.
    Repositories,
    /// Tasks of ECS clusters of the account and region; IAM cannot narrow them to a service.
    EcsTasks,
    /// Scalable targets of the account and region; their ids are opaque.
    ScalableTargets,
    /// The default event bus of the account and region, for events of our own source.
    DefaultBus,
    /// `*`: AWS allows nothing narrower for these actions.
    Any,
}

/// A function of Headroom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Answers alarms.
    AlarmHandler,
    /// Tells people.
    Notifier,
    /// The reconciler.
    ScheduledPrewarm,
    /// Watches deployments and takes the bad one back.
    ErrorRateRollback,
    /// Tells of services at their max, and raises it where the fleet file says so.
    MaxCapacityNotifier,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 5] = [
        Self::AlarmHandler,
        Self::Notifier,
        Self::ScheduledPrewarm,
        Self::ErrorRateRollback,
        Self::MaxCapacityNotifier,
    ];

    /// Name of its binary.
    #[must_use]
    pub fn binary(self) -> &'static str {
        match self {
            Self::AlarmHandler => "alarm-handler",
            Self::Notifier => "notifier",
            Self::ScheduledPrewarm => "scheduled-prewarm",
            Self::ErrorRateRollback => "error-rate-rollback",
            Self::MaxCapacityNotifier => "max-capacity-notifier",
        }
    }

    /// What it may call: the statements of every port that it uses.
    #[must_use]
    pub fn permissions(self) -> Vec<Permission> {
        match self {
            Self::Notifier => crate::speak::PERMISSIONS.to_vec(),
            // Both read, remember, act and tell: an alarm's plan may be finished by either.
            Self::AlarmHandler | Self::ScheduledPrewarm => [
                crate::journal::PERMISSIONS,
                crate::ask::PERMISSIONS,
                crate::act::PERMISSIONS,
                crate::disrupt::PERMISSIONS,
                crate::notify::PERMISSIONS,
            ]
            .concat(),
            // It scales where the fleet file lets it raise max; it replaces and deploys nothing.
            Self::MaxCapacityNotifier => [
                crate::journal::PERMISSIONS,
                crate::ask::PERMISSIONS,
                crate::capacity::PERMISSIONS,
                crate::act::PERMISSIONS,
                crate::notify::PERMISSIONS,
            ]
            .concat(),
            // It neither scales nor stops tasks.
            Self::ErrorRateRollback => [
                crate::journal::PERMISSIONS,
                crate::ask::PERMISSIONS,
                crate::rollback::PERMISSIONS,
                crate::notify::PERMISSIONS,
            ]
            .concat(),
        }
    }
}
