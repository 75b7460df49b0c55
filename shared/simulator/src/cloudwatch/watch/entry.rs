//! One alarm of the store.

use serde_json::Value;

use super::composite::CompositeAlarm;
use super::detail;
use super::metric::MetricAlarm;
use super::put::Actions;
use super::standing::Standing;
use crate::cloudwatch::Place;

/// An alarm with what all alarms have.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) tags: Vec<(String, String)>,
    /// AlarmConfigurationUpdatedTimestamp.
    pub(super) configured: i64,
    pub(super) standing: Standing,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Metric(Box<MetricAlarm>),
    Composite(Box<CompositeAlarm>),
}

impl Entry {
    pub(super) fn new(place: &Place, name: &str, tags: Vec<(String, String)>, kind: Kind, now: i64) -> Self {
        let arn = format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", place.region, place.account);
        let standing = Standing::new(now);
        Self { place: place.clone(), name: name.to_owned(), arn, tags, configured: now, standing, kind }
    }

    pub(super) fn actions(&self) -> &Actions {
        match &self.kind {
            Kind::Metric(alarm) => &alarm.put.actions,
            Kind::Composite(alarm) => &alarm.put.actions,
        }
    }

    pub(super) fn actions_mut(&mut self) -> &mut Actions {
        match &mut self.kind {
            Kind::Metric(alarm) => &mut alarm.put.actions,
            Kind::Composite(alarm) => &mut alarm.put.actions,
        }
    }

    pub(super) fn composite(&self) -> Option<&CompositeAlarm> {
        match &self.kind {
            Kind::Composite(alarm) => Some(alarm),
            Kind::Metric(_) => None,
        }
    }

    pub(super) fn composite_mut(&mut self) -> Option<&mut CompositeAlarm> {
        match &mut self.kind {
            Kind::Composite(alarm) => Some(alarm),
            Kind::Metric(_) => None,
        }
    }

    /// `detail.configuration` of a configuration change.
    pub(super) fn configuration(&self) -> Value {
        detail::whole_configuration(self)
    }
}

/// The name in a name or an ARN.
pub(super) fn name_of(name: &str) -> &str {
    match name.strip_prefix("arn:").and_then(|rest| rest.split_once(":alarm:")) {
        Some((_, name)) => name,
        None => name,
    }
}
