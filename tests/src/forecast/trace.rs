//! A load over weeks: read from a file, or drawn.

use std::collections::BTreeMap;
use std::path::Path;

use headroom_core::at_max::Points;
use headroom_core::time::Seconds;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// As CloudWatch keeps what is older than 15 days.
pub(super) const PERIOD: i64 = 300;
pub(super) const DAY: i64 = 86_400;
/// Names a folder of files with the columns `timestamp,value`: times without a zone, taken as UTC.
pub(super) const FOLDER: &str = "HEADROOM_TRACES";

/// A load in means of five minutes.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) name: String,
    pub(super) points: Points,
}

impl Trace {
    pub(super) fn new(name: &str, values: BTreeMap<i64, f64>) -> Self {
        Self { name: name.to_owned(), points: Points { period: Seconds(300), values } }
    }

    /// First moment of its first whole day, and of the day after its last whole one.
    pub(super) fn days(&self) -> (i64, i64) {
        let first = self.points.values.keys().next().copied().unwrap_or_default();
        let last = self.points.values.keys().next_back().copied().unwrap_or_default();
        ((first + DAY - 1).div_euclid(DAY) * DAY, (last + PERIOD).div_euclid(DAY) * DAY)
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (n, line) in text.lines().enumerate().skip(1) {
            let row = line.split_once(',').and_then(|(time, value)| {
                let at = time.replace(' ', "T").parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?;
                Some((at.timestamp().as_second(), value.trim().parse::<f64>().ok()?))
            });
            let (at, value) = row.unwrap_or_else(|| panic!("{}:{}: `{line}`", path.display(), n + 1));
            let (sum, count) = sums.entry(at.div_euclid(PERIOD) * PERIOD).or_default();
            *sum += value;
            *count += 1.0;
        }
        let values = sums.into_iter().map(|(at, (sum, count))| (at, sum / count)).collect();
        Self::new(path.file_stem().and_then(|name| name.to_str()).unwrap_or_default(), values)
    }

    /// The traces of the folder that the environment names, by name; `None` when it names none.
    pub(super) fn given() -> Option<Vec<Self>> {
        let folder = std::env::var_os(FOLDER)?;
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{FOLDER}={}: {e}", folder.display()));
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "csv"));
        paths.sort();
        assert!(!paths.is_empty(), "{FOLDER}={}: no file ends in .csv", folder.display());
        Some(paths.iter().map(|path| Self::read(path)).collect())
    }
}
