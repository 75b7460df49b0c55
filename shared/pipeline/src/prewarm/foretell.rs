//! What the usual load asks for: read for all floors of a minute at once, before they are granted.

use headroom_core::decide::Decision;
use headroom_core::fleet::Fleet;
use headroom_core::schedule::{Asked, Forecast, Span, Usual, UsualQuestion, reports_fast, usual_question};
use headroom_core::seen::Seen;
use jiff::tz::TimeZone;

use super::ready::Ready;
use crate::ports::{Clock, Ports};

/// One floor that follows the usual load, and the question about it.
struct Open {
    index: usize,
    zone: TimeZone,
    question: UsualQuestion,
}

/// Makes the forecasts of those that are to be granted; what waits is not read for, and whoever has one keeps it.
pub(super) async fn foretell<P: Ports>(ports: &P, fleet: &Fleet, all: &mut [(Ready<'_>, Option<Seen>)]) {
    let mut open = Vec::new();
    for (index, (ready, seen)) in all.iter_mut().enumerate() {
        let Some(seen) = seen else { continue };
        if ready.asked.usual.is_none() || ready.asked.forecast.is_some() {
            continue;
        }
        if !matches!(ready.opening(fleet).decide(seen).decision, Decision::Act(_)) {
            continue;
        }
        let Some(zone) = zone_of(ports, fleet, ready) else { continue };
        match usual_question(&ready.id, &seen.policies, ready.asked.window, &zone) {
            Ok(question) => open.push(Open { index, zone, question }),
            Err(why) => {
                let asked = &ready.asked;
                let window = Span { from: asked.window.opens, until: asked.window.closes };
                let forecast = Forecast::fixed(ready.now, window, asked.fixed, why);
                put(ready, forecast);
            }
        }
    }
    if open.is_empty() {
        return;
    }
    let questions: Vec<UsualQuestion> = open.iter().map(|open| open.question.clone()).collect();
    let answers = ports.usual(&questions).await;
    for (Open { index, zone, question }, read) in open.into_iter().zip(answers) {
        let Some((ready, Some(seen))) = all.get_mut(index) else { continue };
        let read: Vec<_> = question.follows.iter().cloned().zip(read).collect();
        let Asked { window, usual, fixed, .. } = ready.asked;
        let usual = Usual {
            window,
            zone: &zone,
            read: &read,
            percent: usual.unwrap_or(100),
            fixed,
            fast: reports_fast(&seen.load, &seen.service),
            others: &question.others,
            now: ready.now,
        };
        let forecast = usual.forecast();
        put(ready, forecast);
    }
}

fn put(ready: &mut Ready<'_>, forecast: Forecast) {
    ready.asked = ready.asked.clone().with(forecast, ready.now);
}

fn zone_of<C: Clock>(ports: &C, fleet: &Fleet, ready: &Ready<'_>) -> Option<TimeZone> {
    let environment = fleet.environments.iter().find(|e| e.name == ready.service.environment)?;
    ports.time_zone(&environment.timezone)
}
