//! Starts logging.

use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::line::Line;

/// Overrides the level: `error`, `warn`, `info`, `debug` or `off`.
const LEVEL: &str = "HEADROOM_LOG";

/// Starts logging to standard output, which Lambda sends to CloudWatch Logs.
pub fn start() {
    let level = level(std::env::var(LEVEL).ok().as_deref());
    if tracing::subscriber::set_global_default(subscriber(std::io::stdout, level)).is_err() {
        // Somebody started logging before: theirs stays.
    }
}

/// What writes lines.
pub(super) fn subscriber<W>(writer: W, level: LevelFilter) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt().json().event_format(Line).with_max_level(level).with_writer(writer).finish()
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
