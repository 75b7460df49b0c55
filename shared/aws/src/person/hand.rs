//! The five ports with a person's credentials: the same flow as in a function, by hand.

use std::time::Duration;

use headroom_core::at_max::{CapacityQuestion, CapacitySeen, Points, Screened};
use headroom_core::capacity::{Change, State};
use headroom_core::id::{CaseKey, ServiceId};
use headroom_core::notice::Notice;
use headroom_core::remedy::Disrupts;
use headroom_core::schedule::{Stopped, UsualQuestion};
use headroom_core::seen::{Question, Reading, Seen};
use headroom_pipeline::{
    Act, Ask, Capacities, Clock, Disrupted, Due, Journal, Keys, Loaded, Notify, Permit, PortError, Retry, Write,
    Written,
};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Runtime;

use super::caller::Caller;
use super::failure::Failure;
use super::run::runtime;
use crate::aws::Aws;
use crate::journal;

/// As long as a function may take: its lock lasts twice as long, so nothing of it is in flight afterwards (SEMANTICS 6).
const TIME_MAX: Duration = Duration::from_secs(30);

/// IAM actions on the table that every change by hand needs.
pub const REMEMBERING: [&str; 5] = [
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:ConditionCheckItem",
];
/// IAM actions that a yes to raising max needs beside those: what stands at its max is looked at closely.
pub const AT_MAX: [&str; 1] = ["application-autoscaling:DescribeScalingActivities"];
/// IAM actions that change the fleet; which of them, the plan says.
pub const CHANGING: [&str; 3] = ["application-autoscaling:RegisterScalableTarget", "ecs:UpdateService", "ecs:StopTask"];

/// A person's hands.
#[derive(Debug)]
pub struct Hand {
    runtime: Runtime,
    aws: Aws,
}

/// The ports of one change. Notices stay in the outbox of their entry, and the reconciler publishes them in its next
/// minute: a person needs no permission for the topic.
#[derive(Debug)]
pub struct Hands<'a> {
    pub(super) aws: &'a Aws,
    until: Timestamp,
}

impl Hand {
    /// Finds credentials and region; nothing is called yet.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn connect(caller: &Caller, region: Option<&str>, table: &str) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let region = caller.region.clone().or_else(|| region.map(str::to_owned));
        let connected = runtime.block_on(Caller { region, ..caller.clone() }.connect_to_act())?;
        Ok(Self { aws: Aws::of(connected.config, table.to_owned(), String::new()), runtime })
    }

    /// What is remembered of these services, in their order: one call for a hundred. Blocks until it is read.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn states(&self, services: &[ServiceId]) -> Result<Vec<State>, Failure> {
        self.runtime.block_on(journal::states(&self.aws, services)).map_err(Failure::Ask)
    }

    /// Runs a flow to its end, or to the end of its time. Blocks until then.
    ///
    /// # Errors
    /// Why not, in a sentence for a person.
    pub fn run<T>(&self, flow: impl AsyncFnOnce(&Hands<'_>) -> Result<T, PortError>) -> Result<T, Failure> {
        let seconds = TIME_MAX.as_secs();
        let time = SignedDuration::try_from(TIME_MAX).unwrap_or_default();
        let until = self.aws.clock().checked_add(time).unwrap_or(Timestamp::MIN);
        let hands = Hands { aws: &self.aws, until };
        self.runtime.block_on(async {
            match tokio::time::timeout(TIME_MAX, flow(&hands)).await {
                Ok(done) => done.map_err(Failure::Ask),
                Err(_elapsed) => Err(Failure::TooLong { seconds }),
            }
        })
    }
}

impl Hands<'_> {
    /// A laptop that slept between plan and call must not make the call: its lock may be another's by now.
    pub(super) fn in_time(&self) -> Result<(), PortError> {
        if self.now() < self.until {
            return Ok(());
        }
        let cause = "the time for it has passed; the reconciler finishes what is planned".to_owned();
        Err(PortError { place: "change".to_owned(), cause, retry: Retry::Later })
    }
}

impl Clock for Hands<'_> {
    fn now(&self) -> Timestamp {
        self.aws.now()
    }
}

impl Ask for Hands<'_> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<Seen>, PortError> {
        self.aws.ask(questions).await
    }

    async fn usual(&self, questions: &[UsualQuestion]) -> Vec<Vec<Reading<Points>>> {
        self.aws.usual(questions).await
    }

    async fn stopped(&self, service: &ServiceId) -> Reading<Vec<Stopped>> {
        self.aws.stopped(service).await
    }
}

impl Journal for Hands<'_> {
    async fn load(&self, keys: &Keys) -> Result<Loaded, PortError> {
        self.aws.load(keys).await
    }

    async fn due(&self, now: Timestamp) -> Result<Due, PortError> {
        self.aws.due(now).await
    }

    async fn write(&self, write: &Write) -> Result<Written, PortError> {
        self.in_time()?;
        self.aws.write(write).await
    }
}

impl Act for Hands<'_> {
    async fn apply(&self, permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.in_time()?;
        self.aws.apply(permit, service, change).await
    }

    async fn disrupt(&self, permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.in_time()?;
        self.aws.disrupt(permit, service, what).await
    }
}

impl Capacities for Hands<'_> {
    async fn screen(&self, services: &[ServiceId]) -> Result<Screened, PortError> {
        self.aws.screen(services).await
    }

    async fn capacity(&self, question: &CapacityQuestion) -> Result<CapacitySeen, PortError> {
        self.aws.capacity(question).await
    }

    async fn episodes(&self, now: Timestamp) -> Result<Vec<CaseKey>, PortError> {
        self.aws.episodes(now).await
    }
}

impl Notify for Hands<'_> {
    async fn publish(&self, _notice: &Notice) -> Result<(), PortError> {
        let cause = "left to the reconciler".to_owned();
        Err(PortError { place: "notice".to_owned(), cause, retry: Retry::Later })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_of_all_that_remembering_and_acting_call() {
        let of = |permissions: &[crate::permission::Permission]| -> Vec<&str> {
            let mut actions: Vec<&str> = permissions.iter().flat_map(|p| p.actions).copied().collect();
            actions.sort_unstable();
            actions.dedup();
            actions
        };
        let sorted = |mut list: Vec<&'static str>| {
            list.sort_unstable();
            list
        };
        assert_eq!(sorted(REMEMBERING.to_vec()), of(crate::journal::PERMISSIONS));
        assert_eq!(sorted(AT_MAX.to_vec()), of(crate::capacity::PERMISSIONS));
        let acting = [crate::act::PERMISSIONS, crate::disrupt::PERMISSIONS].concat();
        assert_eq!(sorted(CHANGING.to_vec()), of(&acting));
    }
}
