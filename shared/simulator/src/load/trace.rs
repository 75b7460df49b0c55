//! Load that was recorded: a CSV file of times and counts.

use jiff::civil::DateTime;

use super::demand::Demand;

/// A recording of a year by the minute; more is no load of a run.
const POINTS_MAX: usize = 527_040;

/// A recorded series; the last count holds when it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    points: Vec<(i64, f64)>,
    work_ms: f64,
}

impl Trace {
    /// Reads `timestamp,value` lines after a header; a value counts the requests of `every` seconds.
    ///
    /// # Errors
    /// The first line that is not right, with its number.
    pub fn read(text: &str, every: f64, scale: f64, work_ms: f64) -> Result<Self, String> {
        let mut points: Vec<(i64, f64)> = Vec::new();
        let mut begun = None;
        for (number, line) in text.lines().enumerate().skip(1).filter(|(_, l)| !l.trim().is_empty()) {
            let wrong = || format!("line {}: `{line}`, expected `2014-04-10 00:04:00,94.0`", number + 1);
            let (at, value) = line.trim().split_once(',').ok_or_else(wrong)?;
            let at = at.parse::<DateTime>().map_err(|_| wrong())?;
            let at = at.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?.timestamp().as_second();
            let value: f64 = value.trim().parse().map_err(|_| wrong())?;
            let second = at - *begun.get_or_insert(at);
            let sorted = points.last().is_none_or(|(before, _)| *before < second);
            if !value.is_finite() || value < 0.0 || !sorted || points.len() >= POINTS_MAX {
                return Err(format!("{}; times rise, counts are not negative, at most {POINTS_MAX}", wrong()));
            }
            points.push((second, value * scale * 60.0 / every));
        }
        if points.is_empty() { Err("no line after the header".to_owned()) } else { Ok(Self { points, work_ms }) }
    }

    /// The demand at a second of the run.
    #[must_use]
    pub fn at(&self, second: i64) -> Demand {
        let index = self.points.partition_point(|(at, _)| *at <= second).saturating_sub(1);
        let requests = self.points.get(index).map_or(0.0, |(_, count)| *count);
        Demand { requests, work_ms: self.work_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_replayed_from_its_first_line_per_minute() {
        let text = "timestamp,value\n2014-04-10 00:04:00,100.0\n2014-04-10 00:09:00,50\n";
        let trace = Trace::read(text, 300.0, 2.0, 5.0).unwrap();
        assert_eq!(
            [trace.at(0), trace.at(299), trace.at(300), trace.at(9_999)].map(|d| d.requests),
            [40.0, 40.0, 20.0, 20.0]
        );
    }

    #[test]
    fn a_line_that_is_not_right_is_named() {
        for bad in ["h\nx,1", "h\n2014-04-10 00:04:00,-1", "h\n2014-04-10 00:04:00", "h\n"] {
            assert!(Trace::read(bad, 60.0, 1.0, 5.0).is_err(), "{bad}");
        }
        let error = Trace::read("h\n2014-04-10 00:04:00,1\n2014-04-10 00:04:00,1\n", 60.0, 1.0, 5.0).unwrap_err();
        assert!(error.starts_with("line 3"), "{error}");
    }
}
