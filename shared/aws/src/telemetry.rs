//! Metrics in CloudWatch's embedded format: JSON lines on standard output, which Lambda's log is searched for. No call
//! is made and no permission is needed (docs/decisions/0011-metrics-through-a-crate.md).

use std::fmt;
use std::io::{self, Write};

use headroom_core::telemetry::{Decided, METRICS, NAMESPACE, Of, Reconciled, Sample, Unit};
use metrics::{Key, KeyName, Label, Level, Metadata};
use metrics_cloudwatch_embedded::{Builder, Collector};

use crate::start_error::StartError;

const FROM: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
/// Properties, beside the metrics of a line: searched by people, billed as text and not as metrics.
const REQUEST: &str = "requestId";
const DECISION: &str = "decision";
const CASE: &str = "case";
const SERVICE: &str = "service";
const REMEDY: &str = "remedy";

/// The metrics of this process.
pub struct Telemetry(&'static Collector);

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}

impl Telemetry {
    /// Makes this process's one recorder of metrics.
    ///
    /// # Errors
    /// The process has one already.
    pub fn start() -> Result<Self, StartError> {
        let builder = Builder::new().cloudwatch_namespace(NAMESPACE);
        let collector = builder.init().map_err(|error| StartError::Metrics(error.to_string()))?;
        for metric in METRICS {
            let unit = match metric.unit() {
                Unit::Count => metrics::Unit::Count,
                Unit::Milliseconds => metrics::Unit::Milliseconds,
                Unit::Seconds => metrics::Unit::Seconds,
            };
            let name = KeyName::from_const_str(metric.name());
            metrics::with_recorder(|recorder| recorder.describe_counter(name, Some(unit), "".into()));
        }
        Ok(Self(collector))
    }

    /// Writes what came to an outcome, a line for each set of dimensions, with the names of its case beside it.
    pub fn decided(&self, decided: &[Decided], request_id: &str) {
        decided.iter().for_each(|one| write(self.lines(one.of.as_ref(), &one.samples(), request_id)));
    }

    /// Writes what a minute of the reconciler did: one line.
    pub fn reconciled(&self, minute: &Reconciled, request_id: &str) {
        write(self.lines(None, &minute.samples(), request_id));
    }

    /// A property stays until it is changed: an old one would stand beside the next case.
    fn property(&self, name: &'static str, value: Option<&str>) {
        match value {
            Some(value) => self.0.set_property(name, value),
            None => self.0.remove_property(name),
        };
    }

    fn lines(&self, of: Option<&Of>, samples: &[Sample], request_id: &str) -> io::Result<Vec<u8>> {
        self.property(REQUEST, Some(request_id));
        self.property(DECISION, of.map(|of| of.decision.0.as_str()));
        self.property(CASE, of.map(|of| of.case.0.as_str()));
        self.property(SERVICE, of.map(|of| of.service.as_str()));
        self.property(REMEDY, of.map(|of| of.remedy.as_str()));
        samples.iter().for_each(record);
        let mut lines = Vec::new();
        self.0.flush(&mut lines)?;
        Ok(lines)
    }
}

/// A metric that cannot be written never fails what it counts.
fn write(lines: io::Result<Vec<u8>>) {
    if let Err(error) = lines.and_then(|lines| io::stdout().lock().write_all(&lines)) {
        tracing::warn!(%error, "metrics not written");
    }
}

/// What is counted by dimensions adds up; what has none is a value for each time, zero too.
fn record(sample: &Sample) {
    let labels: Vec<Label> =
        sample.split.iter().map(|(dimension, word)| Label::from_static_parts(dimension.name(), word)).collect();
    let counted = !labels.is_empty();
    let key = Key::from_parts(sample.metric.name(), labels);
    metrics::with_recorder(|recorder| {
        if counted {
            recorder.register_counter(&key, &FROM).increment(sample.value);
        } else {
            recorder.register_histogram(&key, &FROM).record(value(sample.value));
        }
    });
}

/// Exact up to 2^53: of milliseconds, 285,000 years.
#[expect(clippy::cast_precision_loss, reason = "no value of ours is near 2^53")]
fn value(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use headroom_core::id::{CaseKey, DecisionId};
    use headroom_core::telemetry::{News, Outcome};
    use serde_json::Value;

    use super::*;

    /// Limits of the embedded metric format, by its specification.
    const LINE_BYTES_MAX: usize = 1_048_576;
    const DIMENSIONS_MAX: usize = 30;
    const VALUES_MAX: usize = 100;

    /// A document by the specification: required members, and each name stands for a member of the right type.
    fn document(line: &str) -> Value {
        let document: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert!(line.len() < LINE_BYTES_MAX, "{line}");
        assert!(document["_aws"]["Timestamp"].as_u64().is_some_and(|ms| ms > 1_700_000_000_000), "{line}");
        let directives = document["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert!(!directives.is_empty(), "{line}");
        for directive in directives {
            assert_eq!(directive["Namespace"], "Headroom", "{line}");
            let sets = directive["Dimensions"].as_array().unwrap();
            assert!(!sets.is_empty(), "{line}");
            for set in sets.iter().map(|set| set.as_array().unwrap()) {
                assert!(set.len() <= DIMENSIONS_MAX, "{line}");
                assert!(set.iter().all(|name| document[name.as_str().unwrap()].is_string()), "{line}");
            }
            for metric in directive["Metrics"].as_array().unwrap() {
                assert!(["Count", "Milliseconds", "Seconds"].contains(&metric["Unit"].as_str().unwrap()), "{line}");
                let value = &document[metric["Name"].as_str().unwrap()];
                let listed = |values: &Vec<Value>| values.len() <= VALUES_MAX && values.iter().all(Value::is_number);
                assert!(value.is_number() || value.as_array().is_some_and(listed), "{line}");
            }
        }
        document
    }

    fn documents(lines: io::Result<Vec<u8>>) -> Vec<Value> {
        String::from_utf8(lines.unwrap()).unwrap().lines().map(document).collect()
    }

    /// One test: the process has one recorder, and what one test counts another would flush.
    #[test]
    fn lines_are_embedded_metrics_with_the_case_beside_them_and_never_as_a_dimension() {
        let telemetry = Telemetry::start().unwrap();
        assert!(matches!(Telemetry::start(), Err(StartError::Metrics(_))), "a second recorder");
        let of = Of {
            decision: DecisionId("D-00001".into()),
            case: CaseKey("k".into()),
            service: "prod-eu/web".into(),
            remedy: "cpu-high".into(),
        };
        let refused = Decided {
            of: Some(of),
            action: "scale-out",
            news: News::Outcome(Outcome::Refused),
            reason: Some("no-room"),
            applied_after_ms: None,
        };
        let found = documents(telemetry.lines(refused.of.as_ref(), &refused.samples(), "r-1"));
        assert_eq!(found.len(), 2, "{found:?}");
        for line in &found {
            assert_eq!((&line["decision"], &line["service"]), (&"D-00001".into(), &"prod-eu/web".into()));
            assert_eq!(
                (&line["remedy"], &line["case"], &line["requestId"]),
                (&"cpu-high".into(), &"k".into(), &"r-1".into())
            );
        }
        let of = |name: &str| found.iter().find(|line| line.get(name).is_some()).unwrap();
        let (decisions, reasons) = (of("Decisions"), of("Reasons"));
        assert_eq!((&decisions["Remedy"], &decisions["Outcome"]), (&"scale-out".into(), &"refused".into()));
        assert_eq!((&decisions["Decisions"], decisions.get("Reason")), (&1.into(), None));
        assert_eq!((&reasons["Reason"], &reasons["Reasons"]), (&"no-room".into(), &1.into()));

        let acted =
            Decided { news: News::Outcome(Outcome::Acted), reason: None, applied_after_ms: Some(882), ..refused };
        let found = documents(telemetry.lines(acted.of.as_ref(), &acted.samples(), "r-2"));
        let applied = found.iter().find(|line| line.get("AppliedAfter").is_some()).unwrap();
        assert_eq!(applied["AppliedAfter"], serde_json::json!([882.0]));
        assert_eq!(applied["_aws"]["CloudWatchMetrics"][0]["Dimensions"], serde_json::json!([[]]));
        assert_eq!(found.len(), 2, "what was counted before is not written again: {found:?}");

        let minute = Reconciled { services: 3, oldest_due_seconds: 61, ..Reconciled::default() };
        let found = documents(telemetry.lines(None, &minute.samples(), "r-3"));
        let [line] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (&line["SweptServices"], &line["SweptFailed"]),
            (&serde_json::json!([3.0]), &serde_json::json!([0.0]))
        );
        assert_eq!(line["OldestDue"], serde_json::json!([61.0]));
        assert_eq!((line.get("decision"), line.get("service")), (None, None), "of the case before");
    }
}
