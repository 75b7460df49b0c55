//! Secrets, kept for a short time and printed by nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A rotated secret is read anew after so long, or at once when a service refuses the old one.
const KEPT: Duration = Duration::from_secs(300);

/// A secret's value. Its debug form is a word.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn new(value: &str) -> Self {
        Self(value.trim().to_owned())
    }

    /// The value, for the request alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }
}

/// Secrets that were read, by name.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Instant, Secret)>>);

impl Cache {
    pub(super) fn get(&self, name: &str) -> Option<Secret> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(name).filter(|(read, _)| read.elapsed() < KEPT).map(|(_, secret)| secret.clone())
    }

    pub(super) fn keep(&self, name: &str, secret: Secret) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), (Instant::now(), secret));
    }

    pub(super) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_form_prints_a_secret() {
        let cache = Cache::default();
        cache.keep("n", Secret::new(" CANARY\n"));
        assert!(!format!("{cache:?}{:?}", cache.get("n")).contains("CANARY"));
        assert_eq!(cache.get("n").unwrap().reveal(), "CANARY");
        cache.forget("n");
        assert_eq!(cache.get("n"), None);
    }
}
