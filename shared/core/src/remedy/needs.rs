//! What a service needs and Headroom does not scale: while it is high, more tasks make it worse (TRAPS 18).

use crate::fleet::{Dependency, Fleet, Service, Watch, WhileHigh};
use crate::seen::{LoadQuestion, NeedQuestion, NeedSeen};
use crate::signal::AlarmState;

/// The dependencies that hold something back while they are high.
fn holding<'f>(fleet: &'f Fleet, service: &'f Service, what: WhileHigh) -> impl Iterator<Item = &'f Dependency> {
    fleet.dependencies_of(service).filter(move |d| d.while_high.contains(&what))
}

/// What to ask before tasks are added, or a deployment is rolled back.
#[must_use]
pub fn questions(fleet: &Fleet, service: &Service, what: WhileHigh) -> Vec<NeedQuestion> {
    let question = |dependency: &Dependency| match &dependency.watch {
        Watch::Alarm { alarm } => {
            NeedQuestion { name: dependency.name.clone(), load: None, alarm: Some(alarm.clone()) }
        }
        Watch::Metric { namespace, metric, dimensions, lasting, .. } => NeedQuestion {
            name: dependency.name.clone(),
            load: Some(LoadQuestion {
                namespace: namespace.clone(),
                name: metric.clone(),
                stat: "Average".to_owned(),
                dimensions: dimensions.clone().into_iter().collect(),
                tasks_of: None,
                lowest_of: Some((lasting.0 / 60).max(1)),
            }),
            alarm: None,
        },
    };
    holding(fleet, service, what).map(question).collect()
}

/// What was found: the name of one that is high, else those that cannot be read. Silence is not high: a missing
/// metric of a cache must not leave a burning service alone.
///
/// # Errors
/// The first that is high.
pub fn none_high(fleet: &Fleet, service: &Service, what: WhileHigh, needs: &[NeedSeen]) -> Result<Vec<String>, String> {
    let mut unread = Vec::new();
    for dependency in holding(fleet, service, what) {
        let found = needs.iter().find(|need| need.name == dependency.name);
        let high = found.and_then(|need| match &dependency.watch {
            Watch::Alarm { .. } => need.alarm.known().map(|alarm| alarm.state == AlarmState::Alarm),
            Watch::Metric { above, .. } => need.load.known().map(|load| load.value > above.value),
        });
        match high {
            Some(true) => return Err(dependency.name.clone()),
            Some(false) => {}
            None => unread.push(dependency.name.clone()),
        }
    }
    Ok(unread)
}
