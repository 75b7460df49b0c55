//! The application behind the server: a request in, what to do about it out. It knows no socket and reads no clock.

use std::path::PathBuf;
use std::time::Duration;

use crate::api::Api;
use crate::clock::Clock;
use crate::delivery::Outbox;
use crate::engine::Engine;
use crate::failure::Failure;
use crate::faults::{Faults, Injected};
use crate::notices::Notices;
use crate::operations::{self, Answer, Call, Operation, Store};
use crate::place::Place;
use crate::protocol::{Decoded, Head, Protocol, Rendered, decode, render};
use crate::receiver::Workspace;
use crate::source::Source;
use crate::state::Journal;
use crate::value::Map;

/// Everything that is served.
#[derive(Debug)]
pub struct App {
    /// The world in time.
    pub(crate) engine: Engine,
    /// What it was made from.
    pub(crate) source: Source,
    /// The two clocks.
    pub(crate) clock: Clock,
    /// Faults and counts.
    pub(crate) faults: Faults,
    /// What is remembered beside the world.
    pub(crate) store: Store,
    /// What changed the world from outside.
    pub(crate) journal: Journal,
    /// Events on their way out.
    pub(crate) outbox: Outbox,
    /// Notices that real functions sent here.
    pub(crate) notices: Notices,
    /// Slack and PagerDuty, for a notifier that is pointed here.
    pub(crate) receiver: Workspace,
    /// Requests so far; their ids are made from it.
    pub(crate) requests: u64,
    /// Where the state is saved, when somebody said so.
    pub(crate) state_file: Option<PathBuf>,
}

/// A request to AWS, read, with what will go wrong with it.
#[derive(Debug)]
pub struct Received {
    request: Result<Request, Refused>,
    injected: Option<Injected>,
    request_id: String,
}

/// A request that can be carried out.
type Request = (Decoded, &'static Operation, Place);
/// One that cannot, and how to say so.
type Refused = (Protocol, Option<Api>, Failure);

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answer(Rendered),
    /// It is reset.
    Reset,
    /// Nothing is ever sent.
    Silence,
}

impl Received {
    /// How long to wait before it is carried out.
    #[must_use]
    pub fn delay(&self) -> Duration {
        match self.injected {
            Some(Injected::Delay(length)) => length,
            Some(Injected::Throttle | Injected::Error500 | Injected::Reset | Injected::ApplyThenTimeOut) | None => {
                Duration::ZERO
            }
        }
    }
}

impl App {
    /// Before the first request.
    #[must_use]
    pub fn new(engine: Engine, source: Source, clock: Clock, faults: Faults, outbox: Outbox) -> Self {
        Self {
            engine: engine.losing(outbox.loses()),
            source,
            clock,
            faults,
            store: Store::default(),
            journal: Journal::default(),
            outbox,
            notices: Notices::default(),
            receiver: Workspace::default(),
            requests: 0,
            state_file: None,
        }
    }

    /// With a file to save the state to at the end.
    #[must_use]
    pub fn saved_to(self, path: PathBuf) -> Self {
        Self { state_file: Some(path), ..self }
    }

    /// Runs the world up to the client's time.
    pub fn tick(&mut self, client: f64) {
        let to = self.clock.now(client, self.engine.now());
        self.advance(to);
    }

    /// Runs the world to a second, and sends what happened on its way.
    pub(crate) fn advance(&mut self, to: i64) {
        while self.engine.now() < to {
            for event in self.engine.second() {
                self.outbox.send(event);
            }
            self.outbox.due(self.engine.now(), &self.clock);
        }
    }

    /// Reads a request to AWS and draws what goes wrong with it.
    pub fn receive(&mut self, head: &Head, authorization: Option<&str>, body: &[u8]) -> Received {
        self.requests += 1;
        let request_id = format!("{:08x}-0000-4000-8000-{:012x}", self.engine.start() as u32, self.requests);
        let request = decode(head, body).and_then(|decoded| {
            let Decoded { protocol, api, .. } = decoded;
            let found = operations::find(api, &decoded.operation).ok_or_else(|| {
                let words = format!("Unknown operation {}.{}", api.name(), decoded.operation);
                (protocol, Some(api), Failure::unknown_operation(words))
            })?;
            let place = Place::of_request(authorization, &self.places());
            Ok((decoded, found, place))
        });
        let second = self.engine.now() - self.engine.start();
        let injected = request.as_ref().ok().and_then(|(decoded, o, _)| self.faults.call(decoded.api, o, second));
        Received { request, injected, request_id }
    }

    /// Carries a request out.
    pub fn carry_out(&mut self, received: Received) -> Outcome {
        let Received { request, injected, request_id } = received;
        let (mut decoded, operation, place) = match request {
            Ok(request) => request,
            Err((protocol, api, failure)) => {
                return Outcome::Answer(render(protocol, api, "Unknown", &Err(failure), &request_id));
            }
        };
        let Decoded { protocol, api, .. } = decoded;
        let answered =
            |answer: &Answer| Outcome::Answer(render(protocol, Some(api), operation.name, answer, &request_id));
        match injected {
            Some(Injected::Throttle) => return answered(&Err(Failure::throttled())),
            Some(Injected::Error500) => return answered(&Err(internal(api))),
            Some(Injected::Reset) => return Outcome::Reset,
            Some(Injected::Delay(_) | Injected::ApplyThenTimeOut) | None => {}
        }
        let now = self.engine.now();
        let clock = if METRICS.contains(&operation.name) { self.clock.of_metrics(now) } else { self.clock };
        clock.request(&mut decoded.input);
        let mut answer = self.apply(api, operation, &place, &decoded.input);
        if injected == Some(Injected::ApplyThenTimeOut) {
            return Outcome::Silence;
        }
        if let Ok(value) = &mut answer {
            clock.answer(value);
        }
        answered(&answer)
    }

    /// Carries an operation out now; a call that may change the world is kept for a saved state.
    pub(crate) fn apply(&mut self, api: Api, operation: &Operation, place: &Place, input: &Map) -> Answer {
        let started = self.engine.start();
        let mut call = Call { world: self.engine.world(), store: &mut self.store, place, started, input };
        let answer = (operation.run)(&mut call);
        if operation.changes && answer.is_ok() {
            self.journal.keep_call(self.engine.now(), api, operation.name, place, input);
        }
        for event in self.engine.world().take_events() {
            self.outbox.send(event);
        }
        answer
    }

    /// Accounts and regions of the world, in the order of their services.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.engine.world().read(|all| {
            let mut places: Vec<Place> = Vec::new();
            for place in all.iter().map(|s| Place::of(&s.spec.id)) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            places
        })
    }
}

/// Operations on whole minutes of metrics: [`Clock::of_metrics`].
const METRICS: [&str; 3] = ["GetMetricData", "GetMetricStatistics", "PutMetricData"];

/// A 500 in the service's own words.
fn internal(api: Api) -> Failure {
    let shape = match api {
        Api::Ecs | Api::Registry => "ServerException",
        Api::Scaling => "InternalServiceException",
        Api::CloudWatch => "InternalServiceFault",
        Api::Balancing => "InternalFailure",
        Api::Quotas => "ServiceException",
        Api::Bus => "InternalException",
    };
    Failure::server(shape, "An internal error has occurred.")
}
