//! The all-day events of a calendar file (RFC 5545), as dates on which a window does not open.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

/// A holiday lasts a day or some; what is longer is an entry of another kind.
const EVENT_DAYS_MAX: i32 = 31;
/// Ten years of a place with many holidays.
const DATES_MAX: usize = 1_000;

/// Reads the dates of all-day events, earliest first. Events with a time of day are not whole days and are left out, as
/// are cancelled ones.
///
/// # Errors
/// What is not understood, with its line: a rule of repetition most of all, because a holiday that is left out in
/// silence is found out on that day.
pub(crate) fn dates(text: &str) -> Result<Vec<Date>, String> {
    let mut dates = BTreeSet::new();
    let mut event: Option<Event> = None;
    let mut calendar = false;
    for (number, line) in unfolded(text) {
        let at = |why: String| format!("line {number}: {why}");
        let (name, value) = line.split_once(':').ok_or_else(|| at(format!("`{line}` has no `:`")))?;
        let (name, parameters) = name.split_once(';').unwrap_or((name, ""));
        match (name.to_ascii_uppercase().as_str(), value.trim(), event.as_mut()) {
            ("BEGIN", "VCALENDAR", None) => calendar = true,
            ("BEGIN", "VEVENT", None) => event = Some(Event::default()),
            ("END", "VEVENT", Some(_)) => {
                let days = event.take().unwrap_or_default().days().map_err(at)?;
                dates.extend(days);
            }
            ("RRULE" | "RDATE", _, Some(_)) => {
                return Err(at(format!("{name}: repetitions are not read; write each date as an event of its own")));
            }
            ("STATUS", "CANCELLED", Some(event)) => event.cancelled = true,
            ("DTSTART", value, Some(event)) => event.start = Some(date(value, parameters).map_err(at)?),
            ("DTEND", value, Some(event)) => event.end = Some(date(value, parameters).map_err(at)?),
            _ => {}
        }
        if dates.len() > DATES_MAX {
            return Err(at(format!("more than {DATES_MAX} dates")));
        }
    }
    if !calendar || event.is_some() {
        return Err("no whole calendar: BEGIN:VCALENDAR and an END for each event are wanted".to_owned());
    }
    if dates.is_empty() {
        return Err("no all-day event in it".to_owned());
    }
    Ok(dates.into_iter().collect())
}

/// Dates are of the kind `VALUE=DATE`; anything else has a time of day.
#[derive(Debug, Default)]
struct Event {
    start: Option<Option<Date>>,
    end: Option<Option<Date>>,
    cancelled: bool,
}

impl Event {
    fn days(self) -> Result<Vec<Date>, String> {
        let Some(Some(start)) = self.start.filter(|_| !self.cancelled) else { return Ok(Vec::new()) };
        // DTEND is the day after the last one.
        let end = self.end.flatten().unwrap_or(start).max(start.tomorrow().unwrap_or(start));
        let days: Vec<Date> =
            start.series(1.day()).take_while(|day| *day < end).take(EVENT_DAYS_MAX as usize + 1).collect();
        if days.len() > EVENT_DAYS_MAX as usize {
            return Err(format!("an event of more than {EVENT_DAYS_MAX} days from {start}"));
        }
        Ok(days)
    }
}

fn date(value: &str, parameters: &str) -> Result<Option<Date>, String> {
    let whole = parameters.split(';').any(|p| p.eq_ignore_ascii_case("VALUE=DATE"));
    let digits = value.len() == 8 && value.bytes().all(|b| b.is_ascii_digit());
    match (whole, digits) {
        (false, false) => Ok(None),
        (_, true) => value.parse().map(Some).map_err(|_| format!("`{value}` is no date")),
        (true, false) => Err(format!("`{value}` is no date of eight digits")),
    }
}

/// Long lines are folded: what begins with a space goes on from the line before.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ => lines.push((at + 1, line.to_owned())),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &str) -> Result<Vec<String>, String> {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
        Ok(dates(&text)?.iter().map(Date::to_string).collect())
    }

    fn event(lines: &[&str]) -> String {
        format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", lines.join("\r\n"))
    }

    #[test]
    fn all_day_events_are_dates_and_the_end_is_the_day_after() {
        let one = event(&["SUMMARY:New Ye", " ar", "DTSTART;VALUE=DATE:20270101"]);
        let two = event(&["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"]);
        assert_eq!(read(&format!("{one}{two}{two}")).expect("dates"), ["2026-12-25", "2026-12-26", "2027-01-01"]);
    }

    #[test]
    fn a_meeting_and_what_is_cancelled_are_no_holiday() {
        let meeting = event(&["DTSTART;TZID=Europe/Berlin:20261203T100000", "DTEND:20261203T110000Z"]);
        let cancelled = event(&["DTSTART;VALUE=DATE:20261224", "STATUS:CANCELLED"]);
        let day = event(&["DTSTART;VALUE=DATE:20261225"]);
        assert_eq!(read(&format!("{meeting}{cancelled}{day}")).expect("dates"), ["2026-12-25"]);
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (events, says) in [
            (event(&["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY"]), "line 5: RRULE"),
            (event(&["DTSTART;VALUE=DATE:20260230"]), "line 4: `20260230` is no date"),
            (event(&["DTSTART;VALUE=DATE:2026-12-25"]), "line 4: `2026-12-25`"),
            (event(&["DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20270101"]), "more than 31 days"),
            ("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\n".to_owned(), "no whole calendar"),
            (String::new(), "no all-day event"),
            ("nonsense\r\n".to_owned(), "line 3: `nonsense`"),
        ] {
            let error = read(&events).expect_err(says);
            assert!(error.contains(says), "{error}");
        }
        assert!(dates("").is_err());
    }
}
