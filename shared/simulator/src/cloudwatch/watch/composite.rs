//! A composite alarm: a rule over other alarms, and the suppression of its actions.

use headroom_core::signal::AlarmState;

use super::put::{PutCompositeAlarm, named};
use super::rule::Rule;
use super::standing::SuppressedBy;
use crate::cloudwatch::CloudWatchError;

/// An alarm with its rule read.
#[derive(Debug, Clone)]
pub(super) struct CompositeAlarm {
    pub(super) put: PutCompositeAlarm,
    pub(super) rule: Rule,
    /// When the present wait or extension ends, in seconds since the epoch.
    pub(super) until: Option<i64>,
    /// It depends on itself: its evaluation stops (API reference, PutCompositeAlarm).
    pub(super) cyclic: bool,
}

impl CompositeAlarm {
    pub(super) fn new(put: PutCompositeAlarm) -> Result<Self, CloudWatchError> {
        named(&put.name)?;
        let rule = Rule::read(&put.rule).map_err(CloudWatchError::Validation)?;
        Ok(Self { put, rule, until: None, cyclic: false })
    }

    /// Name of the suppressor.
    pub(super) fn suppressor(&self) -> Option<&str> {
        self.put.suppressor.as_ref().map(|s| super::name_of(&s.alarm))
    }

    pub(super) fn depends_on(&self, name: &str) -> bool {
        self.rule.children().contains(name) || self.suppressor() == Some(name)
    }

    /// What suppresses the actions from now on. `turned`: the alarm itself has just changed its state.
    ///
    /// CloudWatch User Guide, "Suppressing composite alarm actions", examples 1 to 6: the suppressor in ALARM
    /// suppresses; any change of the alarm itself discards a running wait or extension and begins a new wait; the
    /// suppressor's leaving ALARM begins an extension.
    pub(super) fn suppressed(
        &mut self,
        before: Option<SuppressedBy>,
        suppressor: Option<AlarmState>,
        turned: bool,
        now: i64,
    ) -> Option<SuppressedBy> {
        let Some(by) = &self.put.suppressor else {
            self.until = None;
            return None;
        };
        let period = |length: u32, of: SuppressedBy| (length > 0).then(|| (of, now + i64::from(length)));
        let next = if suppressor == Some(AlarmState::Alarm) {
            self.until = None;
            return Some(SuppressedBy::Alarm);
        } else if turned {
            period(by.wait, SuppressedBy::WaitPeriod)
        } else if before == Some(SuppressedBy::Alarm) {
            period(by.extension, SuppressedBy::ExtensionPeriod)
        } else {
            before.zip(self.until.filter(|until| now < *until))
        };
        self.until = next.map(|(_, until)| until);
        next.map(|(of, _)| of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::watch::put::{Actions, Suppressor};

    const OK: Option<AlarmState> = Some(AlarmState::Ok);
    const ALARM: Option<AlarmState> = Some(AlarmState::Alarm);
    const WAIT: Option<SuppressedBy> = Some(SuppressedBy::WaitPeriod);
    const EXTENSION: Option<SuppressedBy> = Some(SuppressedBy::ExtensionPeriod);
    const BY_ALARM: Option<SuppressedBy> = Some(SuppressedBy::Alarm);

    /// As in the guide's examples: a wait of 2, an extension of 3.
    fn play(steps: &[(i64, bool, Option<AlarmState>, Option<SuppressedBy>)]) {
        let put = PutCompositeAlarm {
            name: "all".into(),
            description: None,
            actions: Actions::default(),
            rule: "ALARM(a)".into(),
            suppressor: Some(Suppressor { alarm: "s".into(), wait: 2, extension: 3 }),
            tags: Vec::new(),
        };
        let (mut alarm, mut now) = (CompositeAlarm::new(put).unwrap(), None);
        for (at, turned, suppressor, expected) in steps {
            now = alarm.suppressed(now, *suppressor, *turned, *at);
            assert_eq!(now, *expected, "at t{at}");
        }
    }

    #[test]
    fn example_1_actions_are_not_suppressed_after_the_wait_period() {
        play(&[
            (2, true, OK, WAIT),
            (3, false, OK, WAIT),
            (4, false, OK, None),
            (6, true, OK, WAIT),
            (8, false, OK, None),
        ]);
    }

    #[test]
    fn example_2_the_suppressor_comes_within_the_wait_period() {
        play(&[(2, true, OK, WAIT), (3, false, ALARM, BY_ALARM), (5, false, ALARM, BY_ALARM)]);
    }

    #[test]
    fn example_3_a_change_within_the_wait_period_begins_a_new_one() {
        play(&[(2, true, OK, WAIT), (3, true, OK, WAIT), (4, false, OK, WAIT), (5, false, OK, None)]);
    }

    #[test]
    fn example_4_the_suppressor_is_in_alarm_already() {
        play(&[(1, false, ALARM, BY_ALARM), (2, true, ALARM, BY_ALARM)]);
    }

    #[test]
    fn example_5_actions_are_not_suppressed_after_the_extension_period() {
        play(&[
            (2, true, OK, WAIT),
            (3, false, ALARM, BY_ALARM),
            (6, false, OK, EXTENSION),
            (8, false, OK, EXTENSION),
            (9, false, OK, None),
        ]);
    }

    #[test]
    fn example_6_a_change_within_the_extension_period_begins_a_wait() {
        play(&[
            (2, true, OK, WAIT),
            (3, false, ALARM, BY_ALARM),
            (6, false, OK, EXTENSION),
            (7, true, OK, WAIT),
            (9, false, OK, None),
        ]);
    }
}
