//! The whole state as JSON and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::journal::{Entry, Journal};
use crate::api::Api;
use crate::app::App;
use crate::clock::Clock;
use crate::control;
use crate::faults::Counted;
use crate::notices::Notices;
use crate::operations;
use crate::place::Place;
use crate::source::Source;

/// A year of the world; loading it runs through all of it.
const SECONDS_MAX: i64 = 366 * 86_400;
/// Another version's state is refused: its world would not be the same.
pub const VERSION: u32 = 1;

/// A saved state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// [`VERSION`].
    pub version: u32,
    /// What the world was made from.
    pub source: Source,
    /// The second that the world had reached.
    pub reached: i64,
    /// The client's time of that second.
    pub client: String,
    /// Calls that changed it.
    pub journal: Vec<Entry>,
    /// Requests so far.
    pub requests: u64,
    /// What was counted.
    pub counted: BTreeMap<String, Counted>,
    /// How often each rule of the fault plan happened.
    pub fired: Vec<u64>,
    /// Notices that were received.
    pub notices: Notices,
}

impl Saved {
    /// Of an application.
    ///
    /// # Errors
    /// Too much happened to be saved.
    pub fn of(app: &App) -> Result<Self, String> {
        let reached = app.engine.now();
        Ok(Self {
            version: VERSION,
            source: app.source.clone(),
            reached,
            client: app.clock.to_client(reached as f64).to_string(),
            journal: app.journal.entries()?.to_vec(),
            requests: app.requests,
            counted: app.faults.counted().clone(),
            fired: app.faults.fired().to_vec(),
            notices: app.notices.clone(),
        })
    }

    /// JSON.
    ///
    /// # Errors
    /// A value cannot be written.
    pub fn text(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|e| format!("cannot write the state: {e}"))
    }

    /// From JSON.
    ///
    /// # Errors
    /// It is not a state of this version.
    pub fn read(text: &str) -> Result<Self, String> {
        let saved: Self = serde_json::from_str(text).map_err(|e| format!("no saved state: {e}"))?;
        if saved.version != VERSION {
            return Err(format!("a state of version {}, expected {VERSION}", saved.version));
        }
        Ok(saved)
    }

    /// A second that is out of order or far away would never be reached.
    fn in_order(&self, start: i64) -> Result<(), String> {
        let times = self.journal.iter().map(|entry| entry.at).chain([self.reached]);
        let seconds: Vec<i64> = std::iter::once(start).chain(times).collect();
        let far = self.reached.saturating_sub(start) > SECONDS_MAX;
        match seconds.windows(2).find(|pair| pair[0] > pair[1]) {
            None if !far => Ok(()),
            Some(_) | None => Err(format!("seconds out of order, or more than {SECONDS_MAX} after the start")),
        }
    }

    /// Makes the world anew and carries every call out again, in place of what an application had. The client's
    /// clock goes on from `client` at the second that the world had reached; at speed 0, from where it stood.
    ///
    /// # Errors
    /// The world cannot be made, or a call cannot be carried out as it was.
    pub fn restore(self, app: &mut App, client: f64) -> Result<(), String> {
        let engine = self.source.engine().map_err(|problems| problems.join("\n"))?;
        self.in_order(engine.start())?;
        let stood = self.client.parse().map_err(|_| format!("`{}` is no time", self.client))?;
        let mut again = App::new(engine, self.source, app.clock, app.faults.begun_again(), app.outbox.begun_again());
        again.clock = if app.clock.speed > 0.0 {
            Clock::starting(self.reached, client, app.clock.speed)
        } else {
            Clock { world_start: self.reached, client_start: stood, speed: 0.0 }
        };
        for entry in &self.journal {
            again.advance(entry.at);
            repeat(&mut again, entry)?;
        }
        again.advance(self.reached);
        again.journal = Journal::of(self.journal);
        again.faults.resume(self.counted, self.fired);
        again.requests = self.requests;
        again.notices = self.notices;
        again.outbox.open();
        again.state_file = app.state_file.take();
        *app = again;
        Ok(())
    }
}

fn repeat(app: &mut App, entry: &Entry) -> Result<(), String> {
    let Entry { at, to, operation, place, input } = entry;
    let failed = |why: &str| format!("the call of {to} at {at} cannot be carried out again: {why}");
    let Some(operation) = operation else {
        return control::repeat(app, to, input).map_err(|why| failed(&why));
    };
    let api = Api::ALL.into_iter().find(|api| api.name() == to).ok_or_else(|| failed("no such service"))?;
    let operation = operations::find(api, operation).ok_or_else(|| failed("no such operation"))?;
    let (account, region) = place.clone().ok_or_else(|| failed("without account and region"))?;
    let input = entry.members().ok_or_else(|| failed("its members are none"))?;
    let answer = app.apply(api, operation, &Place { account, region }, &input);
    answer.map(|_| ()).map_err(|failure| failed(&failure.message))
}
