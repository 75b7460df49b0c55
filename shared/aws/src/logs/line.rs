//! A line: time, level, the event's fields, and beside them the fields of every span that it stands in.
//!
//! Flat, so that CloudWatch Logs Insights finds `decision` by its name wherever it was said. The names of Lambda's own
//! span are kept: `requestId`, `xrayTraceId`.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line;

impl<S> FormatEvent<S, JsonFields> for Line
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        let mut said = String::new();
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
                add(&mut line, &fields.fields);
            }
        }
        context.format_fields(Writer::new(&mut said), event)?;
        // The event's own fields, and those of an inner span, come before those further out.
        add(&mut line, &said);
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        line.insert("timestamp".to_owned(), Value::String(time));
        line.insert("level".to_owned(), Value::from(event.metadata().level().as_str()));
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// Fields as [`JsonFields`] writes them; of a span without fields nothing is written.
fn add(line: &mut Map<String, Value>, fields: &str) {
    if let Ok(Value::Object(fields)) = serde_json::from_str(fields) {
        line.extend(fields);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::filter::LevelFilter;

    use super::super::start::subscriber;
    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, log: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(move || writer.clone(), level), log);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_carries_the_fields_of_all_its_spans_and_its_own_come_first() {
        let lines = logged(LevelFilter::INFO, || {
            let _request =
                tracing::info_span!("Lambda runtime invoke", requestId = "r-1", xrayTraceId = "t-1").entered();
            let record =
                tracing::error_span!("record", decision = tracing::field::Empty, service = "prod/web").entered();
            tracing::warn!("before it has a name");
            record.record("decision", "D-00001");
            tracing::info!(decision = "D-00002", outcome = "acted", ms = 7, reason = None::<&str>, "decided");
            tracing::info!("again");
        });
        assert_eq!(lines.len(), 3);
        for line in &lines {
            assert_eq!(
                (&line["requestId"], &line["xrayTraceId"], &line["service"]),
                (&"r-1".into(), &"t-1".into(), &"prod/web".into())
            );
            assert!(line["timestamp"].as_str().is_some_and(|t| t.ends_with('Z')), "{line}");
            assert!(line.as_object().unwrap().values().all(|v| !v.is_object() && !v.is_array()), "not flat: {line}");
        }
        assert_eq!((&lines[0]["level"], lines[0].get("decision")), (&"WARN".into(), None));
        assert_eq!(
            (&lines[1]["decision"], &lines[1]["outcome"], &lines[1]["ms"]),
            (&"D-00002".into(), &"acted".into(), &7.into())
        );
        assert_eq!(
            (&lines[2]["decision"], &lines[2]["message"], lines[1].get("reason")),
            (&"D-00001".into(), &"again".into(), None)
        );
    }

    #[test]
    fn a_line_outside_every_span_and_one_with_strange_signs_are_lines_all_the_same() {
        let lines = logged(LevelFilter::ERROR, || {
            tracing::info!("not at this level");
            tracing::error!(why = "a \"quote\"\nand a line end", "failed");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["why"], "a \"quote\"\nand a line end");
    }
}
