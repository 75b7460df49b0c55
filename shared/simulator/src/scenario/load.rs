//! The lines of a service's load.

use super::file::Files;
use super::words::{duration, moment, number, range, time_of_day, with_unit, wrong};
use crate::load::{Burst, Demand, Formula, Generator, Load, Ramp, Row, Shape, Table, Trace};

const FORMS: &str = "load table [linear] | load daily 800/min..1600/min peak 14:00 work 60ms | \
                     load formula EXPRESSION work EXPRESSION | load trace FILE per 5m scale 1 work 60ms";

/// A `load` line.
pub(super) fn load(words: &[&str], line: &str, files: Files<'_>) -> Result<Load, String> {
    let shape = match words {
        ["table"] => Shape::Table(Table { rows: Vec::new(), linear: false }),
        ["table", "linear"] => Shape::Table(Table { rows: Vec::new(), linear: true }),
        ["daily", span, "peak", peak, "work", work] => {
            let (least, most) = range(span, per_minute)?;
            let (peak, work_ms) = (time_of_day(peak)?, milliseconds(work)?);
            let (weekend, start) = (1.0, 0);
            Shape::Generator(Generator {
                least,
                most,
                peak,
                work_ms,
                weekend,
                start,
                ramps: Vec::new(),
                bursts: Vec::new(),
            })
        }
        ["formula", ..] => {
            let text = line.trim_start_matches("load").trim_start().trim_start_matches("formula");
            let (requests, work) = text
                .split_once(" work ")
                .ok_or_else(|| wrong(line, "requests and work", "load formula 1000 + h work 60"))?;
            Shape::Formula { requests: Formula::read(requests)?, work_ms: Formula::read(work)? }
        }
        ["trace", path, "per", every, "scale", scale, "work", work] => {
            let every = duration(every)?;
            if every < 1.0 {
                return Err(wrong(line, "an interval of at least 1s", "per 5m"));
            }
            let trace = Trace::read(&files(path)?, every, number(scale)?, milliseconds(work)?);
            Shape::Trace(trace.map_err(|e| format!("{path}: {e}"))?)
        }
        _ => return Err(wrong(line, FORMS, "load table")),
    };
    Ok(Load { shape, noise: 0.0 })
}

/// A line that goes on with the load: a row of a table, a ramp, a burst. False when it is none of them.
pub(super) fn more(load: Option<&mut Load>, words: &[&str]) -> Result<bool, String> {
    match (load.map(|l| &mut l.shape), words) {
        (Some(Shape::Table(table)), [at, requests, work]) if at.contains(':') => {
            let demand = Demand { requests: per_minute(requests)?, work_ms: milliseconds(work)? };
            let at = time_of_day(at)?;
            if table.rows.last().is_some_and(|r| r.at >= at) {
                return Err(wrong(words[0], "a later time than the row before", "03:00"));
            }
            table.rows.push(Row { at, demand });
        }
        (Some(Shape::Generator(generator)), ["weekend", factor]) => generator.weekend = times(factor)?,
        (Some(Shape::Generator(generator)), ["ramp", span, factor]) => {
            let (from, until) = range(span, moment)?;
            generator.ramps.push(Ramp { from, until, factor: times(factor)? });
        }
        (Some(Shape::Generator(generator)), ["burst", span, factor]) => {
            let (from, until) = range(span, moment)?;
            generator.bursts.push(Burst { from, until, factor: times(factor)? });
        }
        (Some(_) | None, _) => return Ok(false),
    }
    Ok(true)
}

fn per_minute(text: &str) -> Result<f64, String> {
    with_unit(text, "/min", "1600/min")
}

fn milliseconds(text: &str) -> Result<f64, String> {
    with_unit(text, "ms", "60ms")
}

fn times(text: &str) -> Result<f64, String> {
    text.strip_prefix('x').and_then(|n| number(n).ok()).ok_or_else(|| wrong(text, "a factor", "x3"))
}
