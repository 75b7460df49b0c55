//! Two remedies of one service that one alarm would wake: nobody could say which is meant, so none would act. Two that
//! roll back: each would watch the same deployment and take it back, one from under the other.

use super::compiled::{Action, Remedy, Service, When};
use super::problem::Findings;
use super::remedy::RemedyFile;

/// Refuses every pair of remedies that ties for this service.
pub(crate) fn refuse(service: &Service, files: &[RemedyFile], f: &mut Findings) {
    for (index, second) in service.remedies.iter().enumerate() {
        let Some((first, shared)) =
            service.remedies[..index].iter().find_map(|first| Some((first, tie(service, first, second)?)))
        else {
            continue;
        };
        let Some(file) = files.iter().find(|file| file.name == second.name) else { continue };
        let found = format!("`{}` and `{}` of {}: {shared} wakes both", first.name, second.name, service.label());
        let expected =
            "one remedy for each alarm: another threshold or alarm, or one of the two left out of the service";
        let left: Vec<&str> =
            service.remedies.iter().map(|r| r.name.as_str()).filter(|name| *name != second.name).collect();
        f.problem(&file.place, found, expected, &format!("{}: {{ remedies: [{}] }}", service.name, left.join(", ")));
    }
}

/// What wakes both, in words. An alarm finds its remedy by its name, else by metric and threshold.
fn tie(service: &Service, first: &Remedy, second: &Remedy) -> Option<String> {
    if first.action == Action::Rollback && second.action == Action::Rollback {
        return Some("a deployment".to_owned());
    }
    let (name, other) = (alarm(service, first), alarm(service, second));
    if name.is_some() && name == other {
        return name.map(|name| format!("the alarm `{name}`"));
    }
    match (&first.when, &second.when) {
        (When::Metric { metric, above, .. }, When::Metric { metric: other, above: same, .. }) => (metric == other
            && (above - same).abs() < f64::EPSILON)
            .then(|| format!("an alarm on {} above {above}", metric.name())),
        (When::Event { event }, When::Event { event: other }) => (event == other).then(|| format!("the event {event}")),
        (When::Contributor { alarm }, When::Contributor { alarm: other }) => {
            let alarm = alarm.of(service);
            (alarm == other.of(service)).then(|| format!("a contributor of the alarm `{alarm}`"))
        }
        (When::Metric { .. } | When::Alarm { .. } | When::Contributor { .. } | When::Event { .. }, _) => None,
    }
}

/// The name of the alarm that wakes it.
fn alarm(service: &Service, remedy: &Remedy) -> Option<String> {
    match &remedy.when {
        When::Metric { .. } => Some(format!("{}-{}", service.service, remedy.name)),
        When::Alarm { alarm } => Some(alarm.of(service)),
        When::Contributor { .. } | When::Event { .. } => None,
    }
}
