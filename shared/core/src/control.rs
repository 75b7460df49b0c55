//! What people switched in an environment: stopped, or paused in part (SEMANTICS 12).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The switches of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Control {
    /// No mutating call at all, restores included.
    #[serde(default)]
    pub stopped: bool,
    /// What begins nothing for now; what was granted before is still given back.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Bumped with each change of the pauses: a plan holds for the one that it saw.
    #[serde(default)]
    pub revision: u64,
    /// Who changed them, and what they said; the newest [`SWITCHED_KEPT`], oldest first. Nothing is decided on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switched: Vec<Switched>,
}

/// So many changes of the switches are remembered.
pub const SWITCHED_KEPT: usize = 20;

/// One change of the switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// When.
    pub at: Timestamp,
    /// Who, by the name that they gave.
    pub by: String,
    /// What, as it was typed: `pause prod-eu web`.
    pub what: String,
}

/// A pause: no new grant and no disruption for what it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Name of the service in the fleet file; every service of the environment when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Name of the remedy; every remedy when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// When it ends by itself; absent: when somebody resumes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who paused.
    pub by: String,
}

impl Control {
    /// The pause that holds for a remedy of a service now; of several the one that ends last.
    #[must_use]
    pub fn pause_of(&self, service: &str, remedy: &str, now: Timestamp) -> Option<&Pause> {
        let names = |named: &Option<String>, name: &str| named.as_ref().is_none_or(|n| n == name);
        let holds = |p: &&Pause| {
            names(&p.service, service) && names(&p.remedy, remedy) && p.until.is_none_or(|until| until > now)
        };
        self.pauses.iter().filter(holds).max_by_key(|p| p.until.unwrap_or(Timestamp::MAX))
    }

    /// Who pulled the stop switch, as far as that is remembered: by hand, nobody is.
    #[must_use]
    pub fn stopped_by(&self) -> Option<&Switched> {
        let stops = |s: &&Switched| s.what.starts_with("stop ");
        self.switched.iter().rev().find(stops).filter(|_| self.stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pause(service: Option<&str>, remedy: Option<&str>, until: Option<i64>) -> Pause {
        let owned = |name: Option<&str>| name.map(str::to_owned);
        Pause { service: owned(service), remedy: owned(remedy), until: until.map(at), by: "ana".into() }
    }

    #[test]
    fn a_pause_holds_for_what_it_names_and_until_it_ends() {
        for (pause, service, remedy, now, holds) in [
            (pause(None, None, None), "web", "slow", 9, true),
            (pause(Some("web"), None, None), "web", "slow", 9, true),
            (pause(Some("web"), None, None), "api", "slow", 9, false),
            (pause(None, Some("slow"), None), "web", "cpu", 9, false),
            (pause(Some("web"), Some("slow"), Some(10)), "web", "slow", 9, true),
            (pause(Some("web"), Some("slow"), Some(10)), "web", "slow", 10, false),
        ] {
            let control = Control { pauses: vec![pause.clone()], ..Control::default() };
            assert_eq!(
                control.pause_of(service, remedy, at(now)).is_some(),
                holds,
                "{pause:?} {service}/{remedy} {now}"
            );
        }
    }

    #[test]
    fn of_two_pauses_the_one_that_ends_last_is_waited_for() {
        let control =
            Control { pauses: vec![pause(None, None, Some(20)), pause(None, None, None)], ..Control::default() };
        assert_eq!(control.pause_of("web", "slow", at(9)).and_then(|p| p.until), None);
    }
}
