//! Pausing, stopping and resuming: what becomes of an environment's switches (SEMANTICS 12).

use std::fmt;

use jiff::Timestamp;

use crate::control::{Control, Pause, SWITCHED_KEPT, Switched};

/// What a pause is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Name of the environment.
    pub environment: String,
    /// Name of the service; every service when absent.
    pub service: Option<String>,
    /// Name of the remedy; every remedy when absent.
    pub remedy: Option<String>,
}

/// What a person switches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// No new grant and no disruption; what was granted is still given back.
    Pause {
        /// Of what.
        scope: Scope,
        /// When it ends by itself; absent: when somebody resumes it.
        until: Option<Timestamp>,
    },
    /// No mutating call at all in an environment, restores included.
    Stop {
        /// Its name.
        environment: String,
    },
    /// The pause of exactly this ends; of a whole environment its stop, too.
    Resume {
        /// Of what.
        scope: Scope,
    },
}

impl Switch {
    /// Whose switches they are.
    #[must_use]
    pub fn environment(&self) -> &str {
        match self {
            Self::Pause { scope, .. } | Self::Resume { scope } => &scope.environment,
            Self::Stop { environment } => environment,
        }
    }

    /// The switches afterwards; `None` when they are so already. A pause of the same scope takes the place of the one
    /// before it; pauses that have ended are forgotten.
    #[must_use]
    pub fn switched(&self, control: &Control, by: &str, now: Timestamp) -> Option<Control> {
        let mut next = control.clone();
        let changed = match self {
            Self::Stop { .. } => !std::mem::replace(&mut next.stopped, true),
            Self::Pause { scope, until } => {
                let same = next.pauses.iter().any(|p| scope.is(p) && p.until == *until);
                next.pauses.retain(|p| !scope.is(p));
                next.pauses.push(Pause {
                    service: scope.service.clone(),
                    remedy: scope.remedy.clone(),
                    until: *until,
                    by: by.to_owned(),
                });
                !same
            }
            Self::Resume { scope } => {
                let before = next.pauses.len();
                next.pauses.retain(|p| !scope.is(p));
                let stopped = scope.is_all() && std::mem::replace(&mut next.stopped, false);
                stopped || next.pauses.len() < before
            }
        };
        if !changed {
            return None;
        }
        next.pauses.retain(|p| p.until.is_none_or(|until| until > now));
        next.switched.push(Switched { at: now, by: by.to_owned(), what: self.to_string() });
        next.switched.drain(..next.switched.len().saturating_sub(SWITCHED_KEPT));
        Some(next)
    }
}

impl Scope {
    fn is(&self, pause: &Pause) -> bool {
        self.service == pause.service && self.remedy == pause.remedy
    }

    /// Whether it is the whole environment.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.service.is_none() && self.remedy.is_none()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.environment)?;
        if let Some(service) = &self.service {
            write!(f, " {service}")?;
        }
        match &self.remedy {
            Some(remedy) => write!(f, " --remedy {remedy}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Switch {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pause { scope, until: None } => write!(f, "pause {scope}"),
            Self::Pause { scope, until: Some(until) } => write!(f, "pause {scope} until {until:.0}"),
            Self::Stop { environment } => write!(f, "stop {environment}"),
            Self::Resume { scope } => write!(f, "resume {scope}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn scope(service: Option<&str>) -> Scope {
        Scope { environment: "e".into(), service: service.map(str::to_owned), remedy: None }
    }

    fn pause(service: Option<&str>, until: Option<i64>) -> Switch {
        Switch::Pause { scope: scope(service), until: until.map(at) }
    }

    #[test]
    fn a_pause_of_the_same_takes_its_place_and_others_stay() {
        let one = pause(Some("web"), Some(100)).switched(&Control::default(), "ana", at(1)).unwrap();
        let two = pause(None, None).switched(&one, "ben", at(2)).unwrap();
        let longer = pause(Some("web"), Some(200)).switched(&two, "ben", at(3)).unwrap();
        assert_eq!(longer.pauses.len(), 2);
        assert_eq!(longer.pause_of("web", "x", at(150)).map(|p| p.until), Some(None));
        assert!(pause(Some("web"), Some(200)).switched(&longer, "cy", at(4)).is_none(), "it is so already");
        let resumed = Switch::Resume { scope: scope(None) }.switched(&longer, "ana", at(5)).unwrap();
        assert_eq!(resumed.pause_of("web", "x", at(150)).map(|p| p.by.as_str()), Some("ben"));
        assert!(resumed.pause_of("api", "x", at(150)).is_none());
        let whats: Vec<&str> = resumed.switched.iter().map(|s| s.what.as_str()).collect();
        assert_eq!(
            whats,
            ["pause e web until 1970-01-01T00:01:40Z", "pause e", "pause e web until 1970-01-01T00:03:20Z", "resume e"]
        );
    }

    #[test]
    fn a_stop_ends_only_with_a_resume_of_the_whole_environment() {
        let stop = Switch::Stop { environment: "e".into() };
        let stopped = stop.switched(&Control::default(), "ana", at(1)).unwrap();
        assert_eq!(stopped.stopped_by().map(|s| s.by.as_str()), Some("ana"));
        assert!(stop.switched(&stopped, "ben", at(2)).is_none());
        assert!(Switch::Resume { scope: scope(Some("web")) }.switched(&stopped, "ben", at(2)).is_none());
        let resumed = Switch::Resume { scope: scope(None) }.switched(&stopped, "ben", at(3)).unwrap();
        assert!(!resumed.stopped && resumed.stopped_by().is_none());
    }

    #[test]
    fn what_has_ended_is_forgotten_and_so_are_old_changes() {
        let mut control = Control::default();
        for n in 0..30 {
            control = pause(Some("web"), Some(n + 10)).switched(&control, "ana", at(n)).unwrap();
        }
        assert_eq!(control.switched.len(), SWITCHED_KEPT);
        let other = pause(Some("api"), None).switched(&control, "ana", at(99)).unwrap();
        assert_eq!(other.pauses.len(), 1);
    }
}
