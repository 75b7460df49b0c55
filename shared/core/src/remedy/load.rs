//! The metric of a remedy: which, and how much now.

use crate::decide::{Context, Decision, Look, Waiting};
use crate::fleet::{Metric, Remedy, Sizing, When};
use crate::remedy::Class;
use crate::seen::{Load, LoadQuestion};
use crate::time::{Seconds, after};

/// When a metric that is missing is looked for again: one visit of the reconciler later.
const LOOK_AGAIN: Seconds = Seconds(60);

/// The metric that the fleet file names for a remedy.
pub(crate) fn metric_of(remedy: &Remedy) -> Option<Metric> {
    match &remedy.when {
        When::Metric { metric, .. } => Some(*metric),
        When::Alarm { .. } | When::Contributor { .. } | When::Event { .. } => None,
    }
}

/// The metric to read: of the remedy, in the dimensions of the service or of the alarm itself.
pub(crate) fn question(context: &Context<'_>) -> Option<LoadQuestion> {
    let watched = context.event.metric.as_ref();
    let own = vec![
        ("ClusterName".to_owned(), context.service.cluster.clone()),
        ("ServiceName".to_owned(), context.service.service.clone()),
    ];
    let metric = metric_of(context.remedy);
    let tasks_of = metric.filter(|m| m.proportional()).map(|_| own.clone());
    let (namespace, name, stat, dimensions) = match metric.and_then(Metric::cloudwatch) {
        Some((namespace @ "AWS/ECS", name, stat)) => (namespace, name, stat, own),
        Some((namespace, name, stat)) => {
            (namespace, name, stat, watched.map(|m| m.dimensions.clone()).filter(|d| !d.is_empty())?)
        }
        // The alarm's own metric, when it is one metric and no expression.
        None => watched
            .and_then(|m| Some((m.namespace.as_str(), m.name.as_str(), m.stat.as_deref()?, m.dimensions.clone())))?,
    };
    Some(LoadQuestion {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        stat: stat.to_owned(),
        dimensions,
        tasks_of,
        lowest_of: None,
    })
}

/// The load of the newest minute; else, for a fresh event only, the datapoint that fired the alarm.
pub(crate) fn load(look: &Look<'_>) -> Result<Load, Decision> {
    let Context { event, later, now, remedy, .. } = *look.context;
    let seen = look.seen()?;
    if let Some(load) = seen.load.known() {
        return Ok(*load);
    }
    let adds = matches!(remedy.sizing, Some(Sizing::Add { .. }));
    let numberless = adds || remedy.action.class() == Class::Disrupt;
    let alone = question(look.context).is_none();
    match event.datapoints.last() {
        Some(value) if !later => Ok(Load { value: *value, tasks: None, at: event.at }),
        // A fixed addition needs no number; where there is no metric to read, the alarm alone decides.
        _ if (adds && !later) || (numberless && alone) => Ok(Load { value: 0.0, tasks: None, at: event.at }),
        _ => {
            let why = format!("metric {}", seen.load.why());
            Err(Decision::Wait { until: after(now, LOOK_AGAIN), why: Waiting::MetricMissing { why } })
        }
    }
}
