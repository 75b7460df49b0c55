//! Scheduled actions: min, max or both at a time (AWS_FACTS 2.5).

use super::expression::Schedule;
use super::refused::Refused;
use super::target::Target;

/// Quota: scheduled actions of a scalable target (AWS_FACTS 2.8).
const SCHEDULED_MAX: usize = 200;

/// A scheduled action.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// ScheduledActionName.
    pub name: String,
    /// Schedule and Timezone.
    pub schedule: Schedule,
    /// StartTime, in seconds since the epoch; UTC whatever the time zone is.
    pub start: Option<i64>,
    /// EndTime, likewise.
    pub end: Option<i64>,
    /// New MinCapacity.
    pub min: Option<u32>,
    /// New MaxCapacity.
    pub max: Option<u32>,
    /// CreationTime.
    pub created: i64,
}

/// Members of a PutScheduledAction call. Of an action that is there what is omitted stays, except the times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PutScheduled {
    /// ScheduledActionName.
    pub name: String,
    /// Schedule; required of a new action.
    pub schedule: Option<String>,
    /// Timezone.
    pub zone: Option<String>,
    /// StartTime.
    pub start: Option<i64>,
    /// EndTime.
    pub end: Option<i64>,
    /// MinCapacity and MaxCapacity of ScalableTargetAction; required of a new action, one of them at least.
    pub action: Option<(Option<u32>, Option<u32>)>,
}

impl Scheduled {
    /// Whether it is due in the minute that begins then. A recurring one with a StartTime is performed at that time
    /// too, and not after EndTime (Application Auto Scaling User Guide, "Schedule recurring scaling actions").
    fn due(&self, minute: i64) -> bool {
        let inside = self.start.is_none_or(|start| minute + 59 >= start) && self.end.is_none_or(|end| minute <= end);
        let at_start = self.start.is_some_and(|start| (minute..minute + 60).contains(&start)) && self.schedule.recurs();
        inside && (at_start || self.schedule.due(minute, self.start.unwrap_or(self.created)))
    }
}

impl Target {
    /// PutScheduledAction: creates or updates. An update without StartTime or EndTime deletes the old values
    /// (AWS_FACTS 2.5).
    ///
    /// # Errors
    /// No scalable target, a new action without a schedule or sizes, a schedule that is none, EndTime before
    /// StartTime, min over max, or a 201st action.
    pub fn put_scheduled(&mut self, call: PutScheduled, now: i64) -> Result<(), Refused> {
        self.registered()?;
        let old = self.scheduled.iter().position(|s| s.name == call.name);
        let known = old.and_then(|i| self.scheduled.get(i));
        if call.name.is_empty() || call.name.len() > 256 {
            return Err(Refused::validation("ScheduledActionName must have 1 to 256 characters"));
        }
        if known.is_none() && self.scheduled.len() >= SCHEDULED_MAX {
            return Err(Refused::limit(format!("at most {SCHEDULED_MAX} scheduled actions per scalable target")));
        }
        let text = call.schedule.as_deref().or(known.map(|s| s.schedule.text()));
        let text = text.ok_or_else(|| Refused::validation("Schedule is required for a new scheduled action"))?;
        let zone = call.zone.as_deref().or(known.and_then(|s| s.schedule.zone()));
        let (min, max) = call
            .action
            .or(known.map(|s| (s.min, s.max)))
            .filter(|(min, max)| min.is_some() || max.is_some())
            .ok_or_else(|| Refused::validation("ScalableTargetAction needs MinCapacity, MaxCapacity or both"))?;
        if min.zip(max).is_some_and(|(min, max)| min > max) {
            return Err(Refused::validation("MinCapacity may not be over MaxCapacity"));
        }
        if call.start.zip(call.end).is_some_and(|(start, end)| end <= start) {
            return Err(Refused::validation("EndTime must be after StartTime"));
        }
        let action = Scheduled {
            schedule: Schedule::read(text, zone).map_err(Refused::validation)?,
            created: known.map_or(now, |s| s.created),
            name: call.name,
            start: call.start,
            end: call.end,
            min,
            max,
        };
        match old.and_then(|i| self.scheduled.get_mut(i)) {
            Some(known) => *known = action,
            None => self.scheduled.push(action),
        }
        Ok(())
    }

    /// DeleteScheduledAction. Bounds that it set stay.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn delete_scheduled(&mut self, name: &str) -> Result<(), Refused> {
        let found = self.scheduled.iter().position(|s| s.name == name);
        let index = found.ok_or_else(|| Refused::not_found(format!("No scheduled action found named {name}")))?;
        self.scheduled.remove(index);
        Ok(())
    }

    /// Carries out what is due in this minute, in order; capacity is forced into the new bounds whatever cools
    /// down. While scheduled scaling is suspended nothing happens, and nothing is caught up later (AWS_FACTS 2.1).
    pub fn on_schedule(&mut self, minute: i64, desired: u32) -> Option<u32> {
        if self.suspended.scheduled || self.scheduled.is_empty() {
            return None;
        }
        let due: Vec<Scheduled> = self.scheduled.iter().filter(|s| s.due(minute)).cloned().collect();
        let mut to = None;
        for action in due {
            let (min, max) = (action.min.unwrap_or(self.min), action.max.unwrap_or(self.max));
            // AWS does not say what a min over max does; here the action fails, as RegisterScalableTarget would.
            if min <= max {
                self.set_bounds(&action.name, min, max, minute);
                to = self.force(&action.name, to.unwrap_or(desired), minute).or(to);
            }
        }
        to
    }
}

#[cfg(test)]
mod tests;
