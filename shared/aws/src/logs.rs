//! Structured logs: one JSON object a line.

use tracing_subscriber::filter::LevelFilter;

/// Overrides the level: `error`, `warn`, `info`, `debug` or `off`.
const LEVEL: &str = "HEADROOM_LOG";

/// Starts logging to standard output, which Lambda sends to CloudWatch Logs.
pub fn start() {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .with_ansi(false)
        .with_max_level(level(std::env::var(LEVEL).ok().as_deref()));
    if subscriber.try_init().is_err() {
        // Somebody started logging before: theirs stays.
    }
}

/// Never finer than `debug`: at `trace` the SDK writes request bodies.
fn level(word: Option<&str>) -> LevelFilter {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("off") => LevelFilter::OFF,
        Some("error") => LevelFilter::ERROR,
        Some("warn") => LevelFilter::WARN,
        Some("debug" | "trace") => LevelFilter::DEBUG,
        Some(_) | None => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_bodies_are_never_logged() {
        assert_eq!(level(Some("trace")), LevelFilter::DEBUG);
        assert_eq!(level(None), LevelFilter::INFO);
        assert_eq!(level(Some("loud")), LevelFilter::INFO);
    }
}
