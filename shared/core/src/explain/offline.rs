//! Judging an event without a table: no earlier lease, cooldown or change is assumed.

use std::convert::Infallible;

use jiff::Timestamp;

use crate::capacity::State;
use crate::control::Control;
use crate::decide::{Ask, Context, Match, Unmatched, decide, match_alarm, question};
use crate::entry::{Entry, Rule};
use crate::fleet::Fleet;
use crate::id::{CaseKey, ServiceId};
use crate::seen::{Question, Seen};
use crate::signal::AlarmEvent;

/// Judges an event by what a file says was seen; the entry is one that nobody writes.
///
/// # Errors
/// The event wakes nothing in this fleet.
pub fn offline(fleet: &Fleet, event: &AlarmEvent, seen: &Seen, now: Timestamp) -> Result<Entry, Unmatched> {
    match judged(fleet, event, now, |_| Ok::<Seen, Infallible>(seen.clone()))? {
        Ok(entry) => Ok(entry),
        Err(never) => match never {},
    }
}

/// Judges an event, looking only where event and table do not suffice.
///
/// # Errors
/// The event wakes nothing in this fleet; inside, what `see` failed with.
pub fn judged<E>(
    fleet: &Fleet,
    event: &AlarmEvent,
    now: Timestamp,
    see: impl FnOnce(&Question) -> Result<Seen, E>,
) -> Result<Result<Entry, E>, Unmatched> {
    looked(fleet, event, now, see, false)
}

/// The same for an event that comes again: by the alarm's present state, whatever the event's age.
///
/// # Errors
/// The event wakes nothing in this fleet; inside, what `see` failed with.
pub fn at_present<E>(
    fleet: &Fleet,
    event: &AlarmEvent,
    now: Timestamp,
    see: impl FnOnce(&Question) -> Result<Seen, E>,
) -> Result<Result<Entry, E>, Unmatched> {
    looked(fleet, event, now, see, true)
}

fn looked<E>(
    fleet: &Fleet,
    event: &AlarmEvent,
    now: Timestamp,
    see: impl FnOnce(&Question) -> Result<Seen, E>,
    later: bool,
) -> Result<Result<Entry, E>, Unmatched> {
    let Match { service, remedy } = match_alarm(fleet, event)?;
    let id = ServiceId::of(service);
    let key = CaseKey::of_alarm(event, &id, &remedy.name);
    let (state, control) = (State::default(), Control::default());
    let context = Context {
        fleet,
        service,
        remedy,
        event,
        key: &key,
        later,
        state: &state,
        control: &control,
        used: (0, 0),
        spent: 0,
        cases: 0,
        came: (now, 0),
        now,
    };
    let (judgement, seen) = match question(&context) {
        Ask::Nothing(judgement) => (*judgement, None),
        Ask::See(question) => match see(&question) {
            Ok(seen) => (decide(&context, &seen), Some(seen)),
            Err(error) => return Ok(Err(error)),
        },
    };
    let mut entry = Entry::new(key.clone(), id, service.label(), remedy.name.clone(), remedy.mode, now);
    entry.rule = Some(Rule::of(fleet, service, remedy));
    entry.event = Some(event.clone());
    entry.seen = seen;
    entry.judgement = Some(judgement);
    Ok(Ok(entry))
}
