//! The page that shows what forecasts are worth.

use std::fmt::Write as _;

use super::drawn::{Shape, drawn};
use super::replay::{Replayed, replay};
use super::trace::Trace;
use crate::golden::{compare, say};

const PAGE: &str = "../docs/forecast.md";
const HEAD: &str = "| trace | days | hours forecast | fixed: minutes short | task-hours | forecast: minutes short | task-hours |\n\
                    |---|---:|---:|---:|---:|---:|---:|\n";

fn row(name: &str, replayed: &Replayed) -> String {
    let Replayed { days, forecast_hours: (usual, all), by_forecast, by_fixed } = replayed;
    if *days == 0 {
        return format!("| {name} | 0 | | | | | |\n");
    }
    let (percent, short, hours) = (100 * usual / (*all).max(1), by_forecast.short, by_forecast.hours);
    format!("| {name} | {days} | {percent} % | {} | {:.0} | {short} | {hours:.0} |\n", by_fixed.short, by_fixed.hours)
}

fn table(traces: &[Trace]) -> String {
    let mut text = HEAD.to_owned();
    for trace in traces {
        let _ = write!(text, "{}", row(&trace.name, &replay(trace)));
    }
    text
}

/// The rows of the given traces; without any those that stand in the page.
fn given() -> String {
    if let Some(traces) = Trace::given() {
        return table(&traces);
    }
    let file = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(file).unwrap_or_default();
    let rows = page.split("<!-- public -->\n").nth(1).and_then(|rest| rest.split("<!-- end -->").next());
    rows.unwrap_or_default().to_owned()
}

#[test]
fn a_forecast_is_short_less_often_or_costs_less_and_the_page_says_where() {
    let own: Vec<Trace> = Shape::ALL.into_iter().map(|shape| drawn(shape, 1)).collect();
    for (shape, trace) in Shape::ALL.into_iter().zip(&own) {
        let Replayed { forecast_hours: (usual, all), by_forecast, by_fixed, .. } = replay(trace);
        say(row(&trace.name, &replay(trace)).trim_end());
        assert!(by_forecast.hours < by_fixed.hours * 1.6, "{}: {by_forecast:?} {by_fixed:?}", trace.name);
        match shape {
            Shape::Week => {
                assert_eq!(usual, all, "every hour has a forecast");
                assert!(by_forecast.hours < by_fixed.hours * 0.8, "{by_forecast:?} {by_fixed:?}");
            }
            Shape::Growth | Shape::Step => assert!(by_forecast.short < by_fixed.short, "{by_forecast:?} {by_fixed:?}"),
            Shape::Outage => assert!(usual <= all, "{usual} of {all}"),
            Shape::Holiday | Shape::Bursts => {}
        }
    }
    let page = include_str!("page.md").replace("{own}\n", &table(&own)).replace("{given}\n", &given());
    compare(PAGE, &page);
}
