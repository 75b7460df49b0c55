//! Headroom outside of `headroom local`, as its functions are: `outside URL EVENTS MINUTES INVOCATION [TABLE]`.
//!
//! ECS, Application Auto Scaling and CloudWatch are asked and changed by the SDK at URL. The table is in memory; with the word
//! `table` it is DynamoDB's, so that commands can read it, and services at their max are watched, too. The clock is the world's, which this moves a minute at a time through the control API, and notices are
//! posted there. EVENTS is the file to which the world appends what EventBridge would deliver; MINUTES of the world are
//! played; an invocation that takes longer than INVOCATION seconds is dropped where it stands, and its event comes again.
//! Environment: that of a function (`HEADROOM_FLEET`, `AWS_REGION` and so on).
//!
//! Driven by tests/e2e/test_outside.py, which looks at the far side. Prints one document: the entries, what is remembered of
//! each service, and how many invocations were dropped.

mod control;
mod events;
mod ports;

use std::time::Duration;

use control::{Control, Failed};
use events::Events;
use headroom_aws::App;
use headroom_core::fleet::Fleet;
use headroom_core::signal::{Signal, decode};
use headroom_pipeline::{
    Answer, Owed, capacity_pass, on_capacity_payload, on_payload, on_rollback_payload, owed, sweep, watch_pass,
};
use jiff::Timestamp;
use ports::Outside;
use serde_json::{Value as Json, json};

/// Events of these last seconds of a minute are handed over in the next one: they may still be on their way.
const ON_THEIR_WAY: u32 = 2;
const MINUTE: u32 = 60;
/// Lambda tries an asynchronous event twice more (AWS_FACTS 5).
const DELIVERIES: u32 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (four, table) = match arguments.as_slice() {
        [four @ .., word] if word == "table" => (four, true),
        four => (four, false),
    };
    let [url, events, minutes, invocation] = four else {
        return Err("expected URL EVENTS MINUTES INVOCATION [table]".into());
    };
    let App { aws, fleet, .. } = App::start().await?;
    let mut world = Driven {
        ports: Outside::new(aws, Control::at(url)?, table)?,
        fleet,
        events: Events::of(events),
        invocation: Duration::from_secs(invocation.parse()?),
        dropped: 0,
        again: Vec::new(),
        capacity: table,
    };
    for minute in 0..minutes.parse()? {
        world.minute(minute).await?;
    }
    println!("{}", world.told()?);
    Ok(())
}

struct Driven {
    ports: Outside,
    fleet: Fleet,
    events: Events,
    invocation: Duration,
    dropped: u32,
    /// What comes again, with the deliveries so far.
    again: Vec<(Json, u32)>,
    /// Whether services at their max are watched.
    capacity: bool,
}

impl Driven {
    /// A minute of the world, then what woke Headroom in it, then the reconciler.
    async fn minute(&mut self, minute: u32) -> Result<(), Failed> {
        self.ports.advance(MINUTE - ON_THEIR_WAY)?;
        let sent = self.ports.control.events_sent()?;
        self.ports.advance(ON_THEIR_WAY)?;
        self.ports.control.wait_for_delivery(sent)?;
        let mut arrived: Vec<(Json, u32)> = std::mem::take(&mut self.again);
        arrived.extend(self.events.new_ones()?.into_iter().map(|event| (event, 0)));
        for (number, (event, deliveries)) in arrived.into_iter().enumerate() {
            let owner = format!("handler-{minute}-{number}");
            let ended = tokio::time::timeout(self.invocation, self.invoked(&event, &owner)).await;
            self.dropped += u32::from(ended.is_err());
            let failed = ended.map_or(true, |answers| matches!(owed(&answers), Owed::Failure(_)));
            if failed && deliveries + 1 < DELIVERIES {
                self.again.push((event, deliveries + 1));
            }
        }
        let owner = format!("reconciler-{minute}");
        let swept = tokio::time::timeout(self.invocation, sweep(&self.ports, &self.fleet, &owner)).await;
        self.dropped += u32::from(swept.is_err());
        let passed = tokio::time::timeout(self.invocation, watch_pass(&self.ports, &self.fleet)).await;
        self.dropped += u32::from(passed.is_err());
        if self.capacity {
            let polled = tokio::time::timeout(self.invocation, capacity_pass(&self.ports, &self.fleet, &owner)).await;
            self.dropped += u32::from(polled.is_err());
        }
        Ok(())
    }

    /// The functions whose rules select an event: an alarm wakes two, a deployment one, a max that was reached one, and
    /// other events none.
    async fn invoked(&self, event: &Json, owner: &str) -> Vec<Answer> {
        let (alarm, deployment, max) = match decode(event) {
            Ok(Signal::Alarm(_) | Signal::Contributor(_)) => (true, true, false),
            Ok(Signal::Deployment(_) | Signal::Hook(_)) => (false, true, false),
            Ok(Signal::Scaling(_)) => (false, false, self.capacity),
            Ok(_) | Err(_) => (false, false, false),
        };
        let mut answers = Vec::new();
        if alarm {
            answers.extend(on_payload(&self.ports, &self.fleet, event, owner, Timestamp::MAX).await);
        }
        if deployment {
            answers.extend(on_rollback_payload(&self.ports, &self.fleet, event, owner, Timestamp::MAX).await);
        }
        if max {
            answers.extend(on_capacity_payload(&self.ports, &self.fleet, event, owner, Timestamp::MAX).await);
        }
        answers
    }

    fn told(&self) -> Result<Json, Failed> {
        let Some(journal) = &self.ports.journal else { return Ok(json!({ "dropped": self.dropped })) };
        let journal = journal.borrow();
        let entries: Vec<Json> = journal
            .entries()?
            .iter()
            .map(|entry| {
                json!({
                    "decision": entry.decision.0, "service": entry.label, "remedy": entry.remedy,
                    "status": entry.status.name(), "attempts": entry.attempts, "failure": entry.failure,
                    "due": entry.due, "watch": entry.watch,
                })
            })
            .collect();
        let states: Vec<Json> = journal
            .states()?
            .iter()
            .map(|(id, state)| {
                let leases: Vec<&str> = state.live().map(|lease| lease.source.as_str()).collect();
                json!({ "service": id.to_string(), "live_leases": leases, "bounds_kept": state.kept.is_some() })
            })
            .collect();
        Ok(json!({ "entries": entries, "states": states, "dropped": self.dropped }))
    }
}
