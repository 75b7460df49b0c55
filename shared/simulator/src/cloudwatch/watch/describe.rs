//! DescribeAlarms and ListAlarmMuteRules.

use headroom_core::signal::AlarmState;

use super::entry::{Entry, Kind, name_of};
use super::mute::{MuteStatus, PutMuteRule};
use super::put::{PutCompositeAlarm, PutMetricAlarm};
use super::standing::Standing;
use super::store::Alarms;
use crate::cloudwatch::{CloudWatchError, Place};

/// MaxRecords: up to 100, by default 50 (API reference, DescribeAlarms).
const RECORDS_MAX: usize = 100;
const RECORDS_DEFAULT: usize = 50;

/// What DescribeAlarms asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmFilter {
    /// AlarmNames; empty: all.
    pub names: Vec<String>,
    /// AlarmNamePrefix.
    pub prefix: Option<String>,
    /// AlarmTypes has CompositeAlarm.
    pub composite: bool,
    /// AlarmTypes is absent or has MetricAlarm; the default of this type is neither, a caller sets one.
    pub metric: bool,
    /// StateValue.
    pub state: Option<AlarmState>,
    /// ActionPrefix.
    pub action_prefix: Option<String>,
    /// ChildrenOfAlarmName.
    pub children_of: Option<String>,
    /// ParentsOfAlarmName.
    pub parents_of: Option<String>,
    /// MaxRecords.
    pub max_records: Option<usize>,
    /// NextToken.
    pub next_token: Option<String>,
}

impl AlarmFilter {
    /// As a request without parameters: metric alarms only.
    #[must_use]
    pub fn metric_alarms() -> Self {
        Self { metric: true, ..Self::default() }
    }
}

/// What was put.
#[derive(Debug, Clone, PartialEq)]
pub enum AlarmKind {
    /// A metric alarm, with the period of its datapoints.
    Metric(PutMetricAlarm),
    /// A composite alarm.
    Composite(PutCompositeAlarm),
}

/// An alarm as DescribeAlarms shows it.
///
/// EvaluationState is absent: it says that data could not be got or that the setup is wrong, which does not happen to an
/// alarm that this world accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmView {
    /// AlarmName.
    pub name: String,
    /// AlarmArn.
    pub arn: String,
    /// AlarmConfigurationUpdatedTimestamp, in seconds since the epoch.
    pub configured: i64,
    /// State, reason, times, suppression.
    pub standing: Standing,
    /// Its tags now.
    pub tags: Vec<(String, String)>,
    /// What was put; ActionsEnabled is the present value.
    pub kind: AlarmKind,
}

/// A page of alarms, sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// The alarms.
    pub alarms: Vec<AlarmView>,
    /// NextToken.
    pub next_token: Option<String>,
}

/// A mute rule as GetAlarmMuteRule shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteView {
    /// AlarmMuteRuleArn.
    pub arn: String,
    /// What was put.
    pub put: PutMuteRule,
    /// Status.
    pub status: MuteStatus,
    /// MuteType is RECURRING, otherwise ONE_TIME.
    pub recurring: bool,
    /// LastUpdatedTimestamp.
    pub updated: i64,
}

impl Alarms {
    /// DescribeAlarms.
    pub(crate) fn describe(&self, place: &Place, filter: &AlarmFilter) -> Result<Described, CloudWatchError> {
        let AlarmFilter { names, prefix, state, action_prefix, max_records, next_token, .. } = filter;
        if !names.is_empty() && prefix.is_some() {
            let message = "AlarmNames and AlarmNamePrefix cannot be specified together.";
            return Err(CloudWatchError::InvalidParameterCombination(message.to_owned()));
        }
        let most = max_records.unwrap_or(RECORDS_DEFAULT);
        if !(1..=RECORDS_MAX).contains(&most) {
            return Err(CloudWatchError::Validation(format!("MaxRecords is {most}, expected 1 to {RECORDS_MAX}.")));
        }
        let related = self.related(place, filter)?;
        let wanted = |entry: &Entry| {
            let type_fits = match entry.kind {
                Kind::Metric(_) => filter.metric,
                Kind::Composite(_) => filter.composite,
            };
            let actions = entry.actions();
            let acts = |with: &String| {
                let all = actions.ok.iter().chain(&actions.alarm).chain(&actions.insufficient_data);
                all.into_iter().any(|action| action.starts_with(with.as_str()))
            };
            (type_fits || related.is_some())
                && related.as_ref().is_none_or(|r| r.contains(&entry.name))
                && (names.is_empty() || names.contains(&entry.name))
                && prefix.as_ref().is_none_or(|p| entry.name.starts_with(p.as_str()))
                && state.is_none_or(|s| entry.standing.value == s)
                && action_prefix.as_ref().is_none_or(acts)
        };
        // The token is the last name of the page before.
        let after = |entry: &&Entry| next_token.as_ref().is_none_or(|last| entry.name > *last);
        let mut alarms = Vec::new();
        let mut rest = self.in_place(place).filter(after).filter(|e| wanted(e));
        alarms.extend(rest.by_ref().take(most).map(view));
        let more = rest.next().is_some();
        let next_token = alarms.last().filter(|_| more).map(|last| last.name.clone());
        Ok(Described { alarms, next_token })
    }

    fn related(&self, place: &Place, filter: &AlarmFilter) -> Result<Option<Vec<String>>, CloudWatchError> {
        match (&filter.children_of, &filter.parents_of) {
            (Some(_), Some(_)) => {
                let message = "ChildrenOfAlarmName and ParentsOfAlarmName cannot be specified together.";
                Err(CloudWatchError::InvalidParameterCombination(message.to_owned()))
            }
            (Some(parent), None) => {
                let parent = self.by_name(place, name_of(parent)).and_then(Entry::composite);
                Ok(Some(parent.map(|p| p.rule.children().iter().cloned().collect()).unwrap_or_default()))
            }
            (None, Some(child)) => {
                let has = |e: &&Entry| e.composite().is_some_and(|c| c.rule.children().contains(name_of(child)));
                Ok(Some(self.in_place(place).filter(has).map(|e| e.name.clone()).collect()))
            }
            (None, None) => Ok(None),
        }
    }
}

pub(super) fn view(entry: &Entry) -> AlarmView {
    let kind = match &entry.kind {
        Kind::Metric(alarm) => AlarmKind::Metric(alarm.put.clone()),
        Kind::Composite(alarm) => AlarmKind::Composite(alarm.put.clone()),
    };
    AlarmView {
        name: entry.name.clone(),
        arn: entry.arn.clone(),
        configured: entry.configured,
        standing: entry.standing.clone(),
        tags: entry.tags.clone(),
        kind,
    }
}
