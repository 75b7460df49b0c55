//! Mute rules: they mute actions only; EventBridge still gets every event, with `muteDetail` (AWS_FACTS 3.2).

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::put::named;
use super::standing::stamp;
use crate::cloudwatch::CloudWatchError;

/// Windows last a minute to 15 days (API reference, Schedule).
const LENGTH_MIN: i64 = 60;
const LENGTH_MAX: i64 = 15 * 86_400;
/// Alarms of a rule (API reference, PutAlarmMuteRule).
const TARGETS_MAX: usize = 100;

/// PutAlarmMuteRule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutMuteRule {
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Rule.Schedule.Expression: `cron(0 2 * * *)` or `at(2026-05-10T14:00)`.
    pub expression: String,
    /// Rule.Schedule.Duration: `PT4H`.
    pub duration: String,
    /// Rule.Schedule.Timezone, an IANA name; none: UTC.
    pub timezone: Option<String>,
    /// MuteTargets.AlarmNames.
    pub alarms: Vec<String>,
    /// StartDate, in seconds since the epoch.
    pub start: Option<i64>,
    /// ExpireDate.
    pub expire: Option<i64>,
}

/// A rule with its schedule read.
#[derive(Debug, Clone)]
pub(super) struct MuteRule {
    pub(super) put: PutMuteRule,
    pub(super) updated: i64,
    when: When,
    zone: TimeZone,
    length: i64,
}

#[derive(Debug, Clone, PartialEq)]
enum When {
    At(i64),
    /// Bits of minutes, hours, days of the month, months, days of the week (Sunday 0).
    Cron([u64; 5], [bool; 2]),
}

/// AlarmMuteRuleStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuteStatus {
    /// Between windows.
    Scheduled,
    /// Within one.
    Active,
    /// After ExpireDate, or after the window of an `at` expression.
    Expired,
}

impl MuteStatus {
    /// As AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Active => "ACTIVE",
            Self::Expired => "EXPIRED",
        }
    }
}

impl MuteRule {
    pub(super) fn new(put: PutMuteRule, now: i64) -> Result<Self, CloudWatchError> {
        named(&put.name)?;
        let invalid = |message: String| Err(CloudWatchError::Validation(message));
        if put.alarms.len() > TARGETS_MAX {
            return invalid(format!("MuteTargets has {} alarms, expected at most {TARGETS_MAX}.", put.alarms.len()));
        }
        let zone = put.timezone.as_deref().unwrap_or("UTC");
        let Ok(zone) = TimeZoneDatabase::bundled().get(zone) else {
            return invalid(format!("Timezone is `{zone}`, expected a name like Europe/Berlin."));
        };
        let Some(length) = length(&put.duration).filter(|l| (LENGTH_MIN..=LENGTH_MAX).contains(l)) else {
            return invalid(format!("Duration is `{}`, expected PT1M to P15D.", put.duration));
        };
        let Some(when) = When::read(&put.expression, &zone) else {
            let example = "cron(0 2 * * *) or at(2026-05-10T14:00)";
            return invalid(format!("Expression is `{}`, expected {example}.", put.expression));
        };
        Ok(Self { put, updated: now, when, zone, length })
    }

    /// The window that `now` is in.
    pub(super) fn window(&self, now: i64) -> Option<(i64, i64)> {
        if self.put.start.is_some_and(|start| now < start) || self.put.expire.is_some_and(|end| now >= end) {
            return None;
        }
        let begin = match &self.when {
            When::At(at) => Some(*at).filter(|at| (*at..*at + self.length).contains(&now)),
            When::Cron(fields, any) => {
                let newest = now.div_euclid(60) * 60;
                let minutes = (0..).map(|back| newest - back * 60).take_while(|at| now - at < self.length);
                let mut minutes = minutes;
                minutes.find(|at| fits(fields, *any, *at, &self.zone))
            }
        }?;
        Some((begin, begin + self.length))
    }

    pub(super) fn status(&self, now: i64) -> MuteStatus {
        let over = match self.when {
            When::At(at) => now >= at + self.length,
            When::Cron(..) => false,
        };
        if over || self.put.expire.is_some_and(|end| now >= end) {
            MuteStatus::Expired
        } else if self.window(now).is_some() {
            MuteStatus::Active
        } else {
            MuteStatus::Scheduled
        }
    }

    pub(super) fn is_recurring(&self) -> bool {
        matches!(self.when, When::Cron(..))
    }

    /// `detail.muteDetail` of an alarm's event within a window.
    pub(super) fn detail(&self, arn: &str, now: i64) -> Option<serde_json::Value> {
        let (start, end) = self.window(now)?;
        Some(serde_json::json!({
            "mutedByArn": arn,
            "muteWindowStart": stamp(start),
            "muteWindowEnd": stamp(end),
        }))
    }
}

impl When {
    fn read(text: &str, zone: &TimeZone) -> Option<Self> {
        let inner = |kind: &str| text.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(at) = inner("at") {
            let local: jiff::civil::DateTime = at.parse().ok()?;
            return zone.to_timestamp(local).ok().map(|t| Self::At(t.as_second()));
        }
        let fields: Vec<&str> = inner("cron")?.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let months = named_field(months, &MONTHS, 1, 12)?;
        let mut of_week = named_field(weekdays, &DAYS, 0, 7)?;
        // Both 0 and 7 are Sunday.
        of_week |= of_week >> 7 & 1;
        let bits = [named_field(minutes, &[], 0, 59)?, named_field(hours, &[], 0, 23)?, named_field(days, &[], 1, 31)?];
        let [minutes, hours, of_month] = bits;
        Some(Self::Cron([minutes, hours, of_month, months, of_week], [*days == "*", *weekdays == "*"]))
    }
}

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: [&str; 13] = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `*`, `5`, `1-5`, `*/15`, `MON,WED`.
fn named_field(text: &str, names: &[&str], least: u32, most: u32) -> Option<u64> {
    let number = |word: &str| {
        let named = names.iter().position(|n| !n.is_empty() && *n == word).and_then(|i| u32::try_from(i).ok());
        named.or_else(|| word.parse().ok()).filter(|n| (least..=most).contains(n))
    };
    let mut bits = 0_u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|s| *s > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if step > 1 => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        (from..=to).step_by(step).for_each(|n| bits |= 1 << n);
    }
    Some(bits)
}

fn fits(
    [minutes, hours, days, months, weekdays]: &[u64; 5],
    [any_day, any_weekday]: [bool; 2],
    at: i64,
    zone: &TimeZone,
) -> bool {
    let Ok(time) = jiff::Timestamp::from_second(at) else { return false };
    let time = time.to_zoned(zone.clone());
    let has = |bits: &u64, n: i8| bits >> n & 1 == 1;
    if !has(minutes, time.minute()) || !has(hours, time.hour()) || !has(months, time.month()) {
        return false;
    }
    let day = has(days, time.day());
    let weekday = has(weekdays, time.weekday().to_sunday_zero_offset());
    // As cron has it: of two restricted day fields either is enough.
    if any_day || any_weekday { day && weekday } else { day || weekday }
}

/// `P2DT12H`, `PT30M`, `P1W`, in seconds.
fn length(text: &str) -> Option<i64> {
    let (days, times) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, times)) => (days, times),
        None => (text.strip_prefix('P')?, ""),
    };
    let sum = |text: &str, units: &[(char, i64)]| {
        let (mut rest, mut total) = (text, 0_i64);
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, after) = rest.split_at(end);
            let unit = after.chars().next()?;
            let (_, seconds) = units.iter().find(|(name, _)| *name == unit)?;
            total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
            rest = after.get(1..)?;
        }
        Some(total)
    };
    Some(sum(days, &[('W', 604_800), ('D', 86_400)])? + sum(times, &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(expression: &str, duration: &str) -> Result<MuteRule, CloudWatchError> {
        let put = PutMuteRule {
            name: "nights".into(),
            description: None,
            expression: expression.into(),
            duration: duration.into(),
            timezone: None,
            alarms: vec!["a".into()],
            start: None,
            expire: None,
        };
        MuteRule::new(put, 0)
    }

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_window_begins_by_its_schedule_and_lasts_its_duration() {
        for (expression, duration, time, expected) in [
            ("cron(0 2 * * *)", "PT4H", "2026-11-23T02:00:00Z", Some("2026-11-23T02:00:00Z")),
            ("cron(0 2 * * *)", "PT4H", "2026-11-23T05:59:59Z", Some("2026-11-23T02:00:00Z")),
            ("cron(0 2 * * *)", "PT4H", "2026-11-23T06:00:00Z", None),
            ("cron(0 18 * * FRI)", "P2DT12H", "2026-11-22T12:00:00Z", Some("2026-11-20T18:00:00Z")),
            ("cron(0 18 * * FRI)", "P2DT12H", "2026-11-23T06:00:00Z", None),
            ("cron(*/15 0-5 1 JAN,FEB *)", "PT5M", "2027-02-01T05:33:00Z", Some("2027-02-01T05:30:00Z")),
            ("at(2026-11-23T10:00)", "PT2H", "2026-11-23T11:59:00Z", Some("2026-11-23T10:00:00Z")),
            ("at(2026-11-23T10:00)", "PT2H", "2026-11-23T12:00:00Z", None),
        ] {
            let window = rule(expression, duration).unwrap().window(at(time));
            assert_eq!(window.map(|(start, _)| start), expected.map(at), "{expression} {duration} {time}");
        }
    }

    #[test]
    fn a_rule_is_scheduled_active_and_expired() {
        let once = rule("at(2026-11-23T10:00)", "PT2H").unwrap();
        let status = |time| once.status(at(time)).name();
        assert_eq!(status("2026-11-23T09:00:00Z"), "SCHEDULED");
        assert_eq!(status("2026-11-23T10:00:00Z"), "ACTIVE");
        assert_eq!(status("2026-11-23T12:00:00Z"), "EXPIRED");
        let mut daily = rule("cron(0 2 * * *)", "PT4H").unwrap();
        daily.put.expire = Some(at("2026-11-24T03:00:00Z"));
        assert_eq!(daily.status(at("2026-11-24T02:30:00Z")).name(), "ACTIVE");
        assert_eq!(daily.status(at("2026-11-24T03:00:00Z")).name(), "EXPIRED");
        daily.put.start = Some(at("2026-11-23T03:00:00Z"));
        assert_eq!(daily.status(at("2026-11-23T02:30:00Z")).name(), "SCHEDULED");
    }

    #[test]
    fn a_schedule_that_aws_would_refuse_is_refused() {
        for (expression, duration) in [
            ("cron(0 2 * *)", "PT4H"),
            ("cron(60 2 * * *)", "PT4H"),
            ("cron(0 22-5 * * *)", "PT4H"),
            ("rate(1 day)", "PT4H"),
            ("at(tomorrow)", "PT4H"),
            ("cron(0 2 * * *)", "PT30S"),
            ("cron(0 2 * * *)", "P16D"),
            ("cron(0 2 * * *)", "4h"),
            ("cron(0 2 * * *)", "PT"),
        ] {
            assert!(rule(expression, duration).is_err(), "{expression} {duration}");
        }
        let zoned = PutMuteRule { timezone: Some("Mars/Base".into()), ..rule("cron(0 2 * * *)", "PT4H").unwrap().put };
        assert!(MuteRule::new(zoned, 0).is_err());
    }

    #[test]
    fn a_schedule_is_in_its_own_time_zone() {
        for (expression, begins) in
            [("cron(0 2 * * *)", "2026-11-22T17:00:00Z"), ("at(2026-11-23T02:00)", "2026-11-22T17:00:00Z")]
        {
            let put = PutMuteRule { timezone: Some("Asia/Tokyo".into()), ..rule(expression, "PT1H").unwrap().put };
            let tokyo = MuteRule::new(put, 0).unwrap();
            let window = tokyo.window(at("2026-11-22T17:30:00Z"));
            assert_eq!(window.map(|(start, _)| start), Some(at(begins)), "{expression}");
        }
    }
}
