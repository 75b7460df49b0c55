//! Values of a scenario file: numbers with their units, times, ranges.

use crate::random::Lengths;

/// What is wrong with a line: what was found, what is expected, and an example.
pub(super) fn wrong(found: &str, expected: &str, example: &str) -> String {
    format!("found `{found}`, expected {expected}, for example `{example}`")
}

/// A number, not negative.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0);
    number.ok_or_else(|| wrong(text, "a number", "1.5"))
}

/// A whole number.
pub(super) fn whole(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| wrong(text, "a whole number", "2"))
}

/// A number with a unit at its end.
pub(super) fn with_unit(text: &str, unit: &str, example: &str) -> Result<f64, String> {
    let found = text.strip_suffix(unit).map(str::trim_end);
    found.and_then(|n| number(n).ok()).ok_or_else(|| wrong(text, &format!("a number with `{unit}`"), example))
}

/// `500ms`, `90s`, `5m`, `2h` or `1d`, in seconds.
pub(super) fn duration(text: &str) -> Result<f64, String> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];
    let found = units.iter().find_map(|(unit, factor)| Some(number(text.strip_suffix(unit)?).ok()? * factor));
    found.ok_or_else(|| wrong(text, "a length of time in ms, s, m, h or d", "90s"))
}

/// A length of time in whole seconds.
pub(super) fn seconds(text: &str) -> Result<u32, String> {
    let seconds = duration(text)?;
    if seconds.fract() == 0.0 && seconds <= 31.0 * 86_400.0 {
        return Ok(seconds as u32);
    }
    Err(wrong(text, "whole seconds, at most 31d", "90s"))
}

/// `HH:MM`, in seconds after midnight.
pub(super) fn time_of_day(text: &str) -> Result<i64, String> {
    let parts = text.split_once(':').and_then(|(h, m)| Some((h.parse::<i64>().ok()?, m.parse::<i64>().ok()?)));
    match parts {
        Some((h @ 0..24, m @ 0..60)) => Ok(h * 3_600 + m * 60),
        Some(_) | None => Err(wrong(text, "a time of day", "02:10")),
    }
}

/// `02:10` on the first day or `d3/02:10` on the third, in seconds after the first midnight.
pub(super) fn moment(text: &str) -> Result<i64, String> {
    let Some(rest) = text.strip_prefix('d') else { return time_of_day(text) };
    let parts = rest.split_once('/').and_then(|(day, time)| Some((day.parse::<i64>().ok()?, time)));
    let (day, time) = parts.ok_or_else(|| wrong(text, "a day and a time", "d2/02:10"))?;
    if !(1..=31).contains(&day) {
        return Err(wrong(text, "a day from d1 to d31", "d2/02:10"));
    }
    Ok((day - 1) * 86_400 + time_of_day(time)?)
}

/// `a..b`.
pub(super) fn range<T>(text: &str, part: impl Fn(&str) -> Result<T, String>) -> Result<(T, T), String> {
    let (from, to) = text.split_once("..").ok_or_else(|| wrong(text, "a range", "2..10"))?;
    Ok((part(from)?, part(to)?))
}

/// `50s`, `40s..60s`, or `median 45s p95 90s`.
pub(super) fn lengths(words: &[&str]) -> Result<Lengths, String> {
    match words {
        ["median", median, "p95", p95] => {
            let (median, p95) = (duration(median)?, duration(p95)?);
            if median > 0.0 && p95 >= median {
                return Ok(Lengths::LogNormal { median, p95 });
            }
            Err(wrong(&words.join(" "), "a median over 0 and a p95 over it", "median 45s p95 90s"))
        }
        [text] if text.contains("..") => {
            let (least, most) = range(text, seconds)?;
            if least <= most {
                return Ok(Lengths::Uniform { least, most });
            }
            Err(wrong(text, "the shorter first", "40s..60s"))
        }
        [text] => seconds(text).map(|s| Lengths::Uniform { least: s, most: s }),
        other => Err(wrong(&other.join(" "), "a length, a range, or a median with p95", "40s..60s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_their_units_and_anything_else_is_refused_with_an_example() {
        assert_eq!(duration("500ms"), Ok(0.5));
        assert_eq!((seconds("2h"), moment("d2/00:01")), (Ok(7_200), Ok(86_460)));
        assert_eq!(with_unit("70%", "%", "70%"), Ok(70.0));
        for bad in ["90", "s", "-1s", "1.5s", "40d"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        for bad in ["24:00", "2", "a:b", "d0/00:00", "d1"] {
            assert!(moment(bad).is_err(), "{bad}");
        }
        assert!(number("-1").unwrap_err().contains("for example"));
    }

    #[test]
    fn start_times_are_a_length_a_range_or_a_log_normal() {
        assert_eq!(lengths(&["50s"]), Ok(Lengths::Uniform { least: 50, most: 50 }));
        assert_eq!(lengths(&["40s..60s"]), Ok(Lengths::Uniform { least: 40, most: 60 }));
        assert_eq!(lengths(&["median", "45s", "p95", "90s"]), Ok(Lengths::LogNormal { median: 45.0, p95: 90.0 }));
        assert!(lengths(&["60s..40s"]).is_err() && lengths(&["median", "45s"]).is_err());
    }
}
