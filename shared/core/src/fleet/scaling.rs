//! `scaling`: what Application Auto Scaling is asked to track. Headroom's own part is `remedies`.

use serde_json::Value as Json;

use crate::time::Seconds;

use super::compiled::{Metric, Scaling};
use super::count;
use super::duration::Range;
use super::node::{At, Node, Place};
use super::percent;
use super::predictive::{self, Predictive};
use super::problem::Findings;
use super::schema::{self, Key};

const EXAMPLE: &str = "scaling: { cpu: 70%, requests_per_target: 1000, cooldown: { scale_out: 60s, scale_in: 300s } }";
const KEYS: [Key; 5] = [
    Key("cpu", "Average CPU that Application Auto Scaling keeps, from 50% to 90%.", percent::target_schema),
    Key("memory", "Average memory that Application Auto Scaling keeps, from 50% to 90%.", percent::target_schema),
    Key("requests_per_target", "Requests per target and minute that Application Auto Scaling keeps.", || {
        count::positive_schema("1000")
    }),
    Key("predictive", "What Application Auto Scaling forecasts, beside what it tracks.", predictive::schema),
    Key("cooldown", "How long a scaling policy waits after it scaled.", || schema::mapping(&COOLDOWN_KEYS, &[])),
];
const COOLDOWN_KEYS: [Key; 2] = [
    Key("scale_out", "After a scale-out.", || COOLDOWN.schema_or(COOLDOWN_SCALE_OUT)),
    Key("scale_in", "After a scale-in.", || COOLDOWN.schema_or(COOLDOWN_SCALE_IN)),
];

/// The definition that every level shares.
pub(crate) const DEFINITION: (&str, fn() -> Json) = ("scaling", || schema::shown(schema::mapping(&KEYS, &[]), EXAMPLE));

/// A task that starts is healthy within about a minute; sooner, the same lack would be answered twice.
const COOLDOWN_SCALE_OUT: Seconds = Seconds(60);
/// Application Auto Scaling's own default for ECS: giving back is slow on purpose.
const COOLDOWN_SCALE_IN: Seconds = Seconds(300);
/// Application Auto Scaling takes any number of seconds; more than an hour is another unit meant.
pub(crate) const COOLDOWN: Range = Range { least: "0s", most: "1h", example: "60s" };

/// What one level of the file says about scaling.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScalingLayer {
    cpu: Option<f64>,
    memory: Option<f64>,
    requests_per_target: Option<f64>,
    scale_out: Option<At<Seconds>>,
    scale_in: Option<At<Seconds>>,
    predictive: Option<Predictive>,
}

impl ScalingLayer {
    pub(crate) fn read(node: &Node, f: &mut Findings) -> Option<Self> {
        let fields = node.mapping(f, &KEYS, EXAMPLE)?;
        let cooldown = fields.get("cooldown").and_then(|n| n.mapping(f, &COOLDOWN_KEYS, EXAMPLE));
        Some(Self {
            cpu: fields.read(f, "cpu", percent::target),
            memory: fields.read(f, "memory", percent::target),
            requests_per_target: fields.read(f, "requests_per_target", |n, f| {
                count::positive(n, f, "requests per target and minute, a number without a unit", "1000")
            }),
            predictive: fields.read(f, "predictive", predictive::read),
            scale_out: cooldown.and_then(|c| c.read_at(f, "scale_out", |n, f| COOLDOWN.read(n, f))),
            scale_in: cooldown.and_then(|c| c.read_at(f, "scale_in", |n, f| COOLDOWN.read(n, f))),
        })
    }

    pub(crate) fn apply(&mut self, nearer: &Self) {
        self.cpu = nearer.cpu.or(self.cpu);
        self.memory = nearer.memory.or(self.memory);
        self.requests_per_target = nearer.requests_per_target.or(self.requests_per_target);
        self.predictive = nearer.predictive.or(self.predictive);
        for (mine, theirs) in [(&mut self.scale_out, &nearer.scale_out), (&mut self.scale_in, &nearer.scale_in)] {
            if theirs.is_some() {
                mine.clone_from(theirs);
            }
        }
    }

    pub(crate) fn resolve(&self) -> Scaling {
        Scaling {
            cpu: self.cpu,
            memory: self.memory,
            requests_per_target: self.requests_per_target,
            cooldown_scale_out: self.scale_out.as_ref().map_or(COOLDOWN_SCALE_OUT, |at| at.value),
            cooldown_scale_in: self.scale_in.as_ref().map_or(COOLDOWN_SCALE_IN, |at| at.value),
            predictive: self.predictive,
        }
    }

    /// The same for a service without a scalable target: what it inherits, nothing tracks.
    pub(crate) fn resolve_untracked(&self) -> Scaling {
        Scaling { cpu: None, memory: None, requests_per_target: None, predictive: None, ..self.resolve() }
    }

    /// Where one of the cooldowns stands.
    pub(crate) fn cooldown_place(&self) -> Option<&Place> {
        self.scale_in.as_ref().or(self.scale_out.as_ref()).map(|at| &at.place)
    }
}

/// The target of a metric that tasks divide, for `size: ratio`.
pub(crate) fn target(scaling: &Scaling, metric: Metric) -> Option<f64> {
    match metric {
        Metric::Cpu => scaling.cpu,
        Metric::RequestsPerTarget => scaling.requests_per_target,
        Metric::Memory | Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => None,
    }
}

/// The line that gives a metric its target.
pub(crate) fn target_example(metric: Metric) -> &'static str {
    match metric {
        Metric::RequestsPerTarget => "scaling: { requests_per_target: 1000 }",
        Metric::Cpu | Metric::Memory | Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => {
            "scaling: { cpu: 70% }"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    fn read(text: &str) -> Result<Scaling, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let scaling = ScalingLayer::read(&node, &mut f).unwrap_or_default().resolve();
        if f.problems.is_empty() { Ok(scaling) } else { Err(f.problems.into_iter().map(|p| p.path).collect()) }
    }

    #[test]
    fn a_cpu_target_is_a_percentage_from_50_to_90() {
        for (text, cpu) in [("{ cpu: 50% }", 50.0), ("{ cpu: 90% }", 90.0)] {
            assert_eq!(read(text).map(|s| s.cpu), Ok(Some(cpu)));
        }
        for bad in ["{ cpu: 49% }", "{ cpu: 91% }", "{ cpu: 70 }", "{ cpu: 0.7 }"] {
            assert_eq!(read(bad), Err(vec!["cpu".to_owned()]), "{bad}");
        }
    }

    #[test]
    fn every_wrong_member_is_reported() {
        let paths = read("{ memory: 20%, requests_per_target: many, cooldown: { scale_out: 60, in: 1s } }");
        assert_eq!(
            paths,
            Err(["cooldown.in", "memory", "requests_per_target", "cooldown.scale_out"].map(String::from).to_vec())
        );
    }

    #[test]
    fn cooldowns_have_defaults() {
        let scaling = read("{ cooldown: { scale_in: 2m } }").expect("reads");
        assert_eq!((scaling.cooldown_scale_out, scaling.cooldown_scale_in), (Seconds(60), Seconds(120)));
    }
}
