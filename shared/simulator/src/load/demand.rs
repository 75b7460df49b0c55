//! What arrives in a minute.

use super::formula::Formula;
use super::generator::Generator;
use super::table::Table;
use super::trace::Trace;
use crate::random::Random;

/// The demand of one minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Requests a minute, for the whole service.
    pub requests: f64,
    /// CPU work of one request, in milliseconds of one vCPU.
    pub work_ms: f64,
}

/// Where demand comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Rows by the time of day.
    Table(Table),
    /// Expressions of the time.
    Formula {
        /// Requests a minute.
        requests: Formula,
        /// Milliseconds of one vCPU.
        work_ms: Formula,
    },
    /// Rhythm, ramps and bursts.
    Generator(Generator),
    /// A recorded series.
    Trace(Trace),
}

/// A shape with its noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The shape.
    pub shape: Shape,
    /// Standard deviation of the requests, as a share of them; 0: none.
    pub noise: f64,
}

impl Load {
    /// The demand of the minute that begins `second` seconds after the start, itself `midnight` seconds after
    /// midnight UTC. Draws once when there is noise.
    pub fn at(&self, second: i64, midnight: i64, random: &mut Random) -> Demand {
        let of_day = (midnight + second).rem_euclid(86_400);
        let demand = match &self.shape {
            Shape::Table(table) => table.at(of_day),
            Shape::Formula { requests, work_ms } => {
                let hours = second as f64 / 3_600.0;
                Demand { requests: requests.value(hours), work_ms: work_ms.value(hours) }
            }
            Shape::Generator(generator) => generator.at(second, of_day),
            Shape::Trace(trace) => trace.at(second),
        };
        let factor = if self.noise > 0.0 { 1.0 + self.noise * random.normal() } else { 1.0 };
        // A formula may dip under zero, or divide by it; nothing arrives then.
        let sane = |n: f64| if n.is_finite() { n.max(0.0) } else { 0.0 };
        Demand { requests: sane(demand.requests * factor), work_ms: sane(demand.work_ms) }
    }
}
