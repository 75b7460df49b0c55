//! The page.

use headroom_core::telemetry::markdown;

const PROSE: &str = include_str!("page.md");
/// Where the table stands in the prose.
const TABLE: &str = "<!-- the table of the types -->\n";

/// The page as it is committed.
pub(crate) fn page() -> String {
    PROSE.replace(TABLE, &markdown())
}

#[cfg(test)]
mod tests {
    use headroom_core::telemetry::METRICS;

    use super::*;

    #[test]
    fn the_table_has_its_place_and_every_metric_its_row() {
        assert_eq!(PROSE.matches(TABLE).count(), 1);
        let page = page();
        for metric in METRICS {
            assert_eq!(page.matches(&format!("\n| `{}` |", metric.name())).count(), 1, "{}", metric.name());
        }
    }
}
