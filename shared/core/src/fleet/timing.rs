//! The lengths of time of a remedy, each with its default and the reason for it.

use crate::time::Seconds;

use super::duration::Range;
use super::node::Fields;
use super::problem::Findings;
use super::schema::Key;

/// The keys, in the file and in an overrides file.
pub(crate) const KEYS: [Key; 5] = [
    Key("lease", "Length of a lease and of each renewal.", || LEASES.schema_or(LEASE)),
    Key("release_delay", "How long the need stays at the baseline before capacity goes back.", || {
        DELAYS.schema_or(RELEASE_DELAY)
    }),
    Key("cooldown", "The least time between two grants for one service.", || COOLDOWNS.schema_or(COOLDOWN)),
    Key("native_first", "How long a scaling policy that watches the same metric gets first.", || {
        DELAYS.schema_or(NATIVE_FIRST)
    }),
    Key("hard_end", "A lease ends, and pages, at this age whatever is read.", || LEASES.schema_or(HARD_END)),
];

/// Long enough that a lease is renewed a few times in an incident, short enough that a forgotten one is cheap.
const LEASE: Seconds = Seconds(30 * 60);
/// Five datapoints of one minute: a dip between two waves of load gives nothing back.
const RELEASE_DELAY: Seconds = Seconds(5 * 60);
/// A task is healthy and seen in the metrics within five minutes; an earlier second grant would count it as missing.
const COOLDOWN: Seconds = Seconds(5 * 60);
/// Target tracking acts within three datapoints of one minute and its own cooldown; after five minutes it did not.
const NATIVE_FIRST: Seconds = Seconds(5 * 60);
/// A load that lasts half a working day is no incident: the baseline is too low, and a person is told.
const HARD_END: Seconds = Seconds(4 * 60 * 60);

/// From the demo's 30 s up to a day; longer needs are a schedule or another baseline.
const LEASES: Range = Range { least: "10s", most: "1d", example: "30m" };
/// 0s gives back at the first look that allows it.
const DELAYS: Range = Range { least: "0s", most: "1d", example: "5m" };
/// Never 0: it is also the pause between two looks at a lease.
const COOLDOWNS: Range = Range { least: "5s", most: "1d", example: "5m" };

/// What one place says about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    lease: Option<Seconds>,
    release_delay: Option<Seconds>,
    cooldown: Option<Seconds>,
    native_first: Option<Seconds>,
    hard_end: Option<Seconds>,
}

/// All of them, defaults filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) lease: Seconds,
    pub(crate) release_delay: Seconds,
    pub(crate) cooldown: Seconds,
    pub(crate) native_first: Seconds,
    pub(crate) hard_end: Seconds,
}

impl Timing {
    /// Reads the keys of an overrides file, which may name some of them only.
    pub(crate) fn read_part(fields: &Fields<'_>, f: &mut Findings) -> Self {
        Self {
            lease: fields.read(f, "lease", |n, f| LEASES.read(n, f)),
            release_delay: fields.read(f, "release_delay", |n, f| DELAYS.read(n, f)),
            cooldown: fields.read(f, "cooldown", |n, f| COOLDOWNS.read(n, f)),
            native_first: fields.read(f, "native_first", |n, f| DELAYS.read(n, f)),
            hard_end: fields.read(f, "hard_end", |n, f| LEASES.read(n, f)),
        }
    }

    /// Reads the keys of a remedy and checks them against each other.
    pub(crate) fn read(fields: &Fields<'_>, f: &mut Findings) -> Self {
        let timing = Self::read_part(fields, f);
        let times = timing.resolve();
        if times.hard_end < times.lease
            && let Some(entry) = fields.entry("hard_end").or_else(|| fields.entry("lease"))
        {
            let found = format!("hard_end {} before the end of a lease of {}", times.hard_end, times.lease);
            f.problem(&entry.at, found, "hard_end at least as long as lease", "lease: 30m, hard_end: 4h");
        }
        timing
    }

    /// Puts an overriding place over this one.
    pub(crate) fn apply(&mut self, nearer: Self) {
        self.lease = nearer.lease.or(self.lease);
        self.release_delay = nearer.release_delay.or(self.release_delay);
        self.cooldown = nearer.cooldown.or(self.cooldown);
        self.native_first = nearer.native_first.or(self.native_first);
        self.hard_end = nearer.hard_end.or(self.hard_end);
    }

    pub(crate) fn resolve(self) -> Times {
        Times {
            lease: self.lease.unwrap_or(LEASE),
            release_delay: self.release_delay.unwrap_or(RELEASE_DELAY),
            cooldown: self.cooldown.unwrap_or(COOLDOWN),
            native_first: self.native_first.unwrap_or(NATIVE_FIRST),
            hard_end: self.hard_end.unwrap_or(HARD_END),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<Times, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let fields = node.mapping(&mut f, &KEYS, "").expect("mapping");
        let times = Timing::read(&fields, &mut f).resolve();
        if f.problems.is_empty() { Ok(times) } else { Err(f.problems.into_iter().map(|p| p.path).collect()) }
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let times = read("{ lease: 1h }").expect("reads");
        let all = [times.lease, times.release_delay, times.cooldown, times.native_first, times.hard_end];
        assert_eq!(all.map(|s| s.0), [3_600, 300, 300, 300, 14_400]);
    }

    #[test]
    fn a_lease_fits_into_its_hard_end() {
        for bad in ["{ hard_end: 10m }", "{ lease: 2h, hard_end: 1h }"] {
            assert_eq!(read(bad), Err(vec!["hard_end".to_owned()]), "{bad}");
        }
        assert_eq!(read("{ lease: 5h }"), Err(vec!["lease".to_owned()]));
        for bad in ["{ lease: 30 }", "{ lease: 5s }", "{ lease: 2d }"] {
            assert_eq!(read(bad), Err(vec!["lease".to_owned()]), "{bad}");
        }
    }
}
