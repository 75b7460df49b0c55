//! What a service depends on: a cache, a database. It may be slow, fail, or be busy, and the service sees that as
//! response time and 5xx, not as CPU.

use super::state::Service;

/// Something that every request uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// Its name; `CacheClusterId` of its metric.
    pub name: String,
    /// Its CPU without any task, in percent.
    pub cpu: f64,
    /// Its CPU for each running task: each holds connections. Percent.
    pub cpu_per_task: f64,
    /// Times of trouble.
    pub troubles: Vec<Trouble>,
}

/// Trouble for a while. Times are seconds after the first midnight of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trouble {
    /// From.
    pub from: i64,
    /// Until, excluded.
    pub until: i64,
    /// Share of the requests that fail because of it, 0 to 1.
    pub errors: f64,
    /// Added to every request, in seconds.
    pub latency: f64,
    /// Its CPU then, in percent, instead of the usual.
    pub cpu: Option<f64>,
}

impl Dependency {
    fn now(&self, at: i64) -> impl Iterator<Item = &Trouble> {
        self.troubles.iter().filter(move |t| (t.from..t.until).contains(&at))
    }

    /// Its CPU in percent.
    #[must_use]
    pub fn cpu_at(&self, at: i64, running: u32) -> f64 {
        let usual = self.cpu + self.cpu_per_task * f64::from(running);
        self.now(at).filter_map(|t| t.cpu).reduce(f64::max).unwrap_or(usual).min(100.0)
    }
}

impl Service {
    /// Takes the troubles of a minute: what every request takes longer, and how many fail.
    pub(super) fn depend(&mut self, at: i64) {
        if self.dependencies.is_empty() {
            return;
        }
        let troubles = || self.dependencies.iter().flat_map(|d| d.now(at));
        let latency: f64 = troubles().map(|t| t.latency).sum();
        let passes: f64 = troubles().map(|t| 1.0 - t.errors).product();
        if (latency, 1.0 - passes) != self.troubled {
            self.spec.elsewhere += latency - self.troubled.0;
            self.troubled = (latency, 1.0 - passes);
            // Responses were computed without it.
            self.groups.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_cpu_grows_with_the_tasks_and_is_what_a_trouble_says_while_that_lasts() {
        let trouble = Trouble { from: 60, until: 120, errors: 0.05, latency: 2.0, cpu: Some(80.0) };
        let redis = Dependency { name: "redis".into(), cpu: 20.0, cpu_per_task: 3.0, troubles: vec![trouble] };
        assert_eq!([redis.cpu_at(0, 2), redis.cpu_at(60, 2), redis.cpu_at(120, 10)], [26.0, 80.0, 50.0]);
        assert_eq!(redis.cpu_at(0, 90), 100.0);
    }
}
