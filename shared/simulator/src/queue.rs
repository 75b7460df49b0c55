//! What load does to response time: each task an M/M/c queue.
//!
//! Requests arrive at random (Poisson), a task serves them on c workers with exponentially distributed work, the
//! load balancer spreads evenly. The wait probability is Erlang's C formula; the law of the response time is that of
//! Kleinrock, Queueing Systems, volume 1 (1975), section 3.5, and Allen, Probability, Statistics and Queueing
//! Theory (1990), section 5.2.3. It is the steady state: within a segment of constant load and tasks, no history.
//! What arrives above the capacity is not queued for ever: it fails, as does what would take longer than the timeout.

/// A queue at or over its capacity is computed at this utilisation: the steady state ends at 1.
const UTILISATION_MAX: f64 = 0.999;

/// A task that serves: its workers and how fast they are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Server {
    /// Requests served at a time.
    pub workers: u32,
    /// Requests that one worker finishes in a second.
    pub rate: f64,
    /// Time spent elsewhere on every request (database, network), in seconds; takes no worker.
    pub elsewhere: f64,
    /// Longer than this is a 5xx. Seconds.
    pub timeout: f64,
}

/// How one task responds to a rate of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Response {
    /// Requests served in a second.
    pub served: f64,
    /// Requests that failed in a second, of `served + failed` that arrived.
    pub failed: f64,
    /// Share of the workers that is busy, 0 to 1.
    pub utilisation: f64,
    /// Mean response time in seconds, timed-out ones counted as the timeout.
    pub mean: f64,
    wait: f64,
    drain: f64,
    server: Server,
}

/// Erlang's C: the probability that an arrival waits, for `workers` and the offered load in Erlang.
#[must_use]
pub fn erlang_c(workers: u32, offered: f64) -> f64 {
    let c = f64::from(workers);
    if workers == 0 || offered >= c {
        return 1.0;
    }
    // Erlang B by its recursion, then C from B: no factorial, so no overflow.
    let blocked = (1..=workers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b));
    let utilisation = offered / c;
    blocked / (1.0 - utilisation * (1.0 - blocked))
}

impl Server {
    /// How it responds to `arrivals` per second.
    #[must_use]
    pub fn respond(self, arrivals: f64) -> Response {
        let capacity = f64::from(self.workers) * self.rate;
        let arrivals = arrivals.max(0.0);
        let queued = arrivals.min(capacity * UTILISATION_MAX);
        let wait = erlang_c(self.workers, queued / self.rate);
        let mut response = Response {
            served: queued,
            failed: (arrivals - capacity).max(0.0),
            utilisation: (arrivals / capacity).min(1.0),
            mean: 0.0,
            wait,
            drain: capacity - queued,
            server: self,
        };
        let late = response.longer(self.timeout);
        response.served = (arrivals - response.failed) * (1.0 - late);
        response.failed += (arrivals - response.failed) * late;
        let mean = self.elsewhere + 1.0 / self.rate + wait / response.drain;
        response.mean = mean.min(self.timeout);
        response
    }
}

impl Response {
    /// The probability that a request takes longer than `seconds`.
    #[must_use]
    pub fn longer(&self, seconds: f64) -> f64 {
        self.tail(seconds).0
    }

    /// The same, and how fast it falls there.
    fn tail(&self, seconds: f64) -> (f64, f64) {
        let t = seconds - self.server.elsewhere;
        if t <= 0.0 {
            return (1.0, 0.0);
        }
        let (mu, theta) = (self.server.rate, self.drain);
        let work = (-mu * t).exp();
        let (waited, falls) = if ((theta - mu) / mu).abs() < 1e-9 {
            ((1.0 + mu * t) * work, mu * mu * t * work)
        } else {
            let drained = (-theta * t).exp();
            ((theta * work - mu * drained) / (theta - mu), theta * mu * (work - drained) / (theta - mu))
        };
        let longer = (1.0 - self.wait) * work + self.wait * waited;
        (longer.clamp(0.0, 1.0), (1.0 - self.wait) * mu * work + self.wait * falls)
    }

    /// About the time that a share of the requests takes longer than: the slower of work and waiting alone.
    fn about(&self, longer: f64) -> f64 {
        self.server.elsewhere - longer.ln() / self.server.rate.min(self.drain)
    }
}

/// Responses of different moments, mixed by the requests that saw them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mixture(Vec<(f64, Response)>);

/// Quantiles are whole multiples of the longest timeout divided by this: some nanoseconds.
const GRID: u64 = 1 << 32;
/// Newton's method needs about six steps; whatever it does, halving ends the search after so many.
const STEPS_BEFORE_HALVING: u32 = 16;

impl Mixture {
    /// Adds a response that `requests` saw.
    pub fn add(&mut self, requests: f64, response: Response) {
        if requests <= 0.0 {
            return;
        }
        match self.0.iter_mut().find(|(_, known)| *known == response) {
            Some((weight, _)) => *weight += requests,
            None => self.0.push((requests, response)),
        }
    }

    /// The response that all requests saw, when there is one.
    #[must_use]
    pub fn only(&self) -> Option<Response> {
        match self.0.as_slice() {
            [(_, response)] => Some(*response),
            _ => None,
        }
    }

    /// The requests in it.
    #[must_use]
    pub fn requests(&self) -> f64 {
        self.0.iter().map(|(weight, _)| weight).sum()
    }

    /// Adds another mixture.
    pub fn merge(&mut self, other: &Self) {
        for (weight, response) in &other.0 {
            self.add(*weight, *response);
        }
    }

    /// The mean response time in seconds; `None` without requests.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let all: f64 = self.0.iter().map(|(w, _)| w).sum();
        (all > 0.0).then(|| self.0.iter().map(|(w, r)| w * r.mean).sum::<f64>() / all)
    }

    /// The time that a share of the requests stays under, in seconds, at most the timeout; `None` without requests.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all: f64 = self.0.iter().map(|(w, _)| w).sum();
        let most = self.0.iter().map(|(_, r)| r.server.timeout).fold(0.0, f64::max);
        if all <= 0.0 {
            return None;
        }
        let (target, step) = (1.0 - share, most / GRID as f64);
        let tail = |t: f64| {
            let parts = self.0.iter().map(|(w, r)| {
                let (longer, falls) = r.tail(t);
                (w * longer, w * falls)
            });
            let (longer, falls) = parts.fold((0.0, 0.0), |(l, f), (longer, falls)| (l + longer, f + falls));
            (longer / all, falls / all)
        };
        // The first multiple that at most the rest of the requests takes longer than. The logarithm of a tail is nearly
        // a straight line, so Newton's steps on it land beside the place at once.
        let (mut low, mut high) = (0, GRID);
        let mut guess = self.0.iter().map(|(_, r)| r.about(target)).fold(0.0, f64::max);
        for step_number in 0_u32.. {
            if high - low <= 1 {
                break;
            }
            let halved = step_number >= STEPS_BEFORE_HALVING || !guess.is_finite();
            let next = if halved { low + (high - low) / 2 } else { (guess / step).ceil() as u64 };
            let next = next.clamp(low + 1, high - 1);
            let at = next as f64 * step;
            let (longer, falls) = tail(at);
            if longer > target {
                low = next
            } else {
                high = next
            }
            guess = at + (longer / target).ln() * longer / falls;
        }
        Some(high as f64 * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(workers: u32, rate: f64) -> Server {
        Server { workers, rate, elsewhere: 0.0, timeout: 60.0 }
    }

    #[test]
    fn erlang_c_is_the_textbook_value() {
        // M/M/1 waits with probability rho; M/M/2 at 1 Erlang with 1/3 (Kleinrock 3.5).
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(erlang_c(2, 2.0), 1.0);
    }

    #[test]
    fn an_m_m_1_queue_responds_in_one_over_mu_minus_lambda() {
        let response = server(1, 10.0).respond(8.0);
        assert!((response.mean - 0.5).abs() < 1e-9);
        // Its response time is exponential, so p95 is the mean times ln 20.
        let mut mixture = Mixture::default();
        mixture.add(1.0, response);
        let p95 = mixture.quantile(0.95).unwrap();
        assert!((p95 - 0.5 * 20.0_f64.ln()).abs() < 1e-4, "{p95}");
    }

    #[test]
    fn overload_shows_as_latency_and_errors() {
        let calm = server(2, 10.0).respond(8.0);
        let full = server(2, 10.0).respond(19.0);
        let over = server(2, 10.0).respond(25.0);
        assert!(calm.mean < full.mean && full.mean < over.mean);
        assert!(calm.failed < 1e-9 && over.failed >= 5.0);
        assert!((over.served + over.failed - 25.0).abs() < 1e-9, "every arrival ends one way or the other");
        assert_eq!(over.utilisation, 1.0);
    }

    #[test]
    fn a_quantile_is_what_halving_finds() {
        let mut random = crate::random::Random::new(7, 7);
        let mut drawn = |most: f64| random.unit() * most;
        for _ in 0..300 {
            let mut mixture = Mixture::default();
            for _ in 0..=(drawn(3.0) as u32) {
                let elsewhere = drawn(2.0);
                let server =
                    Server { workers: 1 + drawn(4.0) as u32, rate: 0.1 + drawn(50.0), elsewhere, timeout: 60.0 };
                mixture.add(drawn(1_000.0), server.respond(drawn(80.0)));
            }
            let all = mixture.requests();
            for share in [0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 0.999_999, 1.0] {
                let (mut low, mut high) = (0.0, 60.0);
                for _ in 0..32 {
                    let middle = (low + high) / 2.0;
                    let longer = mixture.0.iter().map(|(w, r)| w * r.longer(middle)).sum::<f64>() / all;
                    if longer > 1.0 - share { low = middle } else { high = middle }
                }
                let found = mixture.quantile(share).unwrap();
                // In the far tail the numbers of neighbours differ by less than their rounding.
                assert!((found - high).abs() <= 1e-6 * high.max(1e-3), "{share}: {found} {high}");
            }
        }
    }

    #[test]
    fn quantiles_of_a_mixture_lie_between_those_of_its_parts() {
        let (a, b) = (server(1, 10.0).respond(1.0), server(1, 10.0).respond(9.0));
        let quantile = |parts: &[(f64, Response)]| {
            let mut mixture = Mixture::default();
            parts.iter().for_each(|(w, r)| mixture.add(*w, *r));
            mixture.quantile(0.95).unwrap()
        };
        let both = quantile(&[(1.0, a), (1.0, b)]);
        assert!(quantile(&[(1.0, a)]) < both && both < quantile(&[(1.0, b)]));
        assert_eq!(Mixture::default().quantile(0.95), None, "no requests, no number");
    }
}
