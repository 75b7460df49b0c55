//! What happened in a life, counted.

use std::collections::BTreeMap;
use std::fmt;

use crate::proof::story::Port;

/// What one day had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Day {
    /// Alarm transitions and acts of people, before any is delivered twice.
    pub(crate) events: u64,
    pub(crate) faults: u64,
    pub(crate) deployments: u64,
}

/// Counts of a life, or of many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    /// Days of trouble, each counted for itself.
    pub(crate) days: Vec<Day>,
    /// Minutes of trouble, and of all, times services.
    pub(crate) minutes: (i64, i64),
    pub(crate) faults: BTreeMap<(&'static str, Port), u64>,
    pub(crate) alarms: u64,
    pub(crate) acts: BTreeMap<&'static str, u64>,
    pub(crate) flows: BTreeMap<&'static str, u64>,
    /// Leases granted or grown; stepped down or ended.
    pub(crate) claims: u64,
    /// Leases granted, by what they claim.
    pub(crate) kinds: BTreeMap<String, u64>,
    /// Transactions that charged money.
    pub(crate) charges: u64,
    pub(crate) returns: BTreeMap<String, u64>,
    pub(crate) calls: u64,
    /// Disruptive calls that reached ECS; minutes that were a storm.
    pub(crate) disruptions: u64,
    pub(crate) storms: u64,
    /// Deliveries beyond the first, late ones, overtaken ones.
    pub(crate) rough: [u64; 3],
    pub(crate) notices: BTreeMap<&'static str, u64>,
    /// Entries at the end, by what was decided.
    pub(crate) decided: BTreeMap<String, u64>,
}

impl Numbers {
    pub(crate) fn add(&mut self, other: &Self) {
        self.days.extend(&other.days);
        self.minutes.0 += other.minutes.0;
        self.minutes.1 += other.minutes.1;
        self.alarms += other.alarms;
        self.claims += other.claims;
        self.charges += other.charges;
        other.kinds.iter().for_each(|(k, n)| *self.kinds.entry(k.clone()).or_default() += n);
        self.calls += other.calls;
        self.disruptions += other.disruptions;
        self.storms += other.storms;
        self.rough.iter_mut().zip(other.rough).for_each(|(mine, theirs)| *mine += theirs);
        other.faults.iter().for_each(|(k, n)| *self.faults.entry(*k).or_default() += n);
        other.returns.iter().for_each(|(k, n)| *self.returns.entry(k.clone()).or_default() += n);
        other.decided.iter().for_each(|(k, n)| *self.decided.entry(k.clone()).or_default() += n);
        for (mine, theirs) in
            [(&mut self.acts, &other.acts), (&mut self.flows, &other.flows), (&mut self.notices, &other.notices)]
        {
            theirs.iter().for_each(|(k, n)| *mine.entry(k).or_default() += n);
        }
    }

    pub(crate) fn service_days(&self) -> f64 {
        self.minutes.0 as f64 / 1_440.0
    }

    /// The fewest events, faults and deployments that any day had.
    pub(crate) fn poorest(&self) -> Day {
        Day {
            events: self.days.iter().map(|d| d.events).min().unwrap_or(0),
            faults: self.days.iter().map(|d| d.faults).min().unwrap_or(0),
            deployments: self.days.iter().map(|d| d.deployments).min().unwrap_or(0),
        }
    }
}

fn list<'k>(pairs: impl Iterator<Item = (String, &'k u64)>) -> String {
    pairs.map(|(what, n)| format!("{what} {n}")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let poorest = self.poorest();
        let words = |of: &BTreeMap<&'static str, u64>| list(of.iter().map(|(k, n)| ((*k).to_owned(), n)));
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        let mut ports: BTreeMap<String, u64> = BTreeMap::new();
        for ((kind, port), n) in &self.faults {
            *kinds.entry(kind).or_default() += n;
            *ports.entry(format!("{port:?}").to_lowercase()).or_default() += n;
        }
        writeln!(f, "service-days {:.0}, world-days {}", self.service_days(), self.days.len())?;
        writeln!(
            f,
            "each day at least {} events, {} faults, {} deployments",
            poorest.events, poorest.faults, poorest.deployments
        )?;
        let [copies, late, overtaken] = self.rough;
        writeln!(f, "alarms       {} transitions; {copies} copies, {late} late, {overtaken} overtaken", self.alarms)?;
        writeln!(f, "acts         {}", words(&self.acts))?;
        writeln!(f, "faults       {}", list(kinds.iter().map(|(k, n)| ((*k).to_owned(), n))))?;
        writeln!(f, "  by port    {}", list(ports.iter().map(|(k, n)| (k.clone(), n))))?;
        writeln!(f, "invocations  {}", words(&self.flows))?;
        writeln!(
            f,
            "claims       {} ({}), charged {} times, returns {}",
            self.claims,
            list(self.kinds.iter().map(|(k, n)| (k.clone(), n))),
            self.charges,
            list(self.returns.iter().map(|(k, n)| (k.clone(), n)))
        )?;
        let Self { calls, disruptions, storms, .. } = self;
        writeln!(f, "calls        {calls} that changed bounds, {disruptions} that replaced tasks; {storms} storms")?;
        writeln!(f, "notices      {}", words(&self.notices))?;
        write!(f, "decided      {}", list(self.decided.iter().map(|(k, n)| (k.clone(), n))))
    }
}
