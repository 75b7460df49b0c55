//! Load that is generated: a daily and weekly rhythm, ramps, bursts.

use super::demand::Demand;

/// More for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// Seconds after the start of the run.
    pub from: i64,
    /// Seconds after the start of the run, excluded.
    pub until: i64,
    /// Times as many requests.
    pub factor: f64,
}

/// More and more, and then as much for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// Seconds after the start of the run.
    pub from: i64,
    /// Seconds after the start of the run.
    pub until: i64,
    /// Times as many requests at its end.
    pub factor: f64,
}

/// A cosine over the day, with ramps and bursts on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Generator {
    /// Requests a minute at the quietest time.
    pub least: f64,
    /// Requests a minute at the busiest time.
    pub most: f64,
    /// Seconds after midnight UTC of the busiest time.
    pub peak: i64,
    /// Milliseconds of one vCPU for a request.
    pub work_ms: f64,
    /// Times as many requests on Saturday and Sunday, in UTC.
    pub weekend: f64,
    /// The start of the run, in seconds since the epoch: which day is a Saturday.
    pub start: i64,
    /// Ramps.
    pub ramps: Vec<Ramp>,
    /// Bursts.
    pub bursts: Vec<Burst>,
}

impl Generator {
    /// The demand at a second of the run and of the day.
    #[must_use]
    pub fn at(&self, second: i64, of_day: i64) -> Demand {
        let phase = (of_day - self.peak) as f64 / 86_400.0 * std::f64::consts::TAU;
        let rhythm = self.least + (self.most - self.least) * (1.0 + phase.cos()) / 2.0;
        let ramps = self.ramps.iter().map(|ramp| {
            let part = (second - ramp.from) as f64 / (ramp.until - ramp.from).max(1) as f64;
            1.0 + (ramp.factor - 1.0) * part.clamp(0.0, 1.0)
        });
        let bursts = self.bursts.iter().filter(|b| (b.from..b.until).contains(&second)).map(|b| b.factor);
        // Day 0 of the epoch was a Thursday.
        let weekday = ((self.start + second).div_euclid(86_400) + 4).rem_euclid(7);
        let week = if matches!(weekday, 0 | 6) { self.weekend } else { 1.0 };
        let factor: f64 = ramps.chain(bursts).product::<f64>() * week;
        Demand { requests: rhythm * factor, work_ms: self.work_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_peak_a_week_its_weekend_and_ramps_and_bursts_multiply_it() {
        let ramps = vec![Ramp { from: 0, until: 100, factor: 3.0 }];
        let bursts = vec![Burst { from: 200, until: 300, factor: 2.0 }];
        let (least, most, peak, work_ms) = (100.0, 300.0, 43_200, 1.0);
        let (weekend, start) = (0.5, 0);
        let plain = Generator { least, most, peak, work_ms, weekend, start, ramps: vec![], bursts: vec![] };
        let days: Vec<f64> = (0..7).map(|day| plain.at(day * 86_400, 43_200).requests).collect();
        assert_eq!(days, [300.0, 300.0, 150.0, 150.0, 300.0, 300.0, 300.0], "1970 began on a Thursday");
        assert_eq!(plain.at(0, 43_200).requests, 300.0);
        assert!((plain.at(0, 0).requests - 100.0).abs() < 1e-9);
        let moved = Generator { ramps, bursts, ..plain };
        let at = |second| moved.at(second, 43_200).requests;
        assert_eq!([at(0), at(50), at(100), at(200), at(299), at(300)], [300.0, 600.0, 900.0, 1_800.0, 1_800.0, 900.0]);
    }
}
