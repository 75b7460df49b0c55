//! The mute rules of the store.

use std::collections::BTreeMap;

use super::describe::MuteView;
use super::mute::{MuteRule, PutMuteRule};
use super::store::Alarms;
use crate::cloudwatch::{CloudWatchError, Place};

/// Mute rules (AWS_FACTS 3.3).
const MUTES_MAX: usize = 2_000;

impl Alarms {
    /// PutAlarmMuteRule.
    pub(crate) fn put_mute(&mut self, place: &Place, put: PutMuteRule, now: i64) -> Result<(), CloudWatchError> {
        let rule = MuteRule::new(put, now)?;
        if let Some(unknown) = rule.put.alarms.iter().find(|a| self.by_name(place, a).is_none()) {
            return Err(CloudWatchError::Validation(format!("Alarm {unknown} does not exist.")));
        }
        let here = self.mutes.entry(place.clone()).or_default();
        if here.len() >= MUTES_MAX && !here.contains_key(&rule.put.name) {
            return Err(CloudWatchError::LimitExceeded(format!("At most {MUTES_MAX} alarm mute rules.")));
        }
        here.insert(rule.put.name.clone(), rule);
        Ok(())
    }

    /// DeleteAlarmMuteRule; an unknown one is passed over.
    pub(crate) fn delete_mute(&mut self, place: &Place, name: &str) {
        if let Some(here) = self.mutes.get_mut(place) {
            here.remove(name);
        }
    }

    /// ListAlarmMuteRules, by name.
    pub(crate) fn mutes(&self, place: &Place, now: i64) -> Vec<MuteView> {
        let view = |rule: &MuteRule| MuteView {
            arn: mute_arn(place, &rule.put.name),
            put: rule.put.clone(),
            status: rule.status(now),
            recurring: rule.is_recurring(),
            updated: rule.updated,
        };
        self.mutes.get(place).into_iter().flat_map(BTreeMap::values).map(view).collect()
    }
}

pub(super) fn mute_arn(place: &Place, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm-mute-rule:{name}", place.region, place.account)
}
